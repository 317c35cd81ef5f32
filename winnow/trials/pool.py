"""Runs several trials at the same time: starts them, reads their messages, and enforces their limits."""

import json
import os
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from winnow.errors import WinnowError
from winnow.trials.conclusion import conclude
from winnow.trials.containment import Place
from winnow.trials.messages import Cause, Limits, Request, Started, Suite, Told, Trial
from winnow.trials.reporter import ALARM


class TrialServer:
    """The process from which trials are forked; it may write only to ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._socket, theirs = socket.socketpair()
        here = str(Path(__file__).parents[2])
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
        kept["PYTHONPATH"] = os.pathsep.join(filter(None, (os.environ.get("PYTHONPATH"), here)))
        command = [sys.executable, "-P", "-m", "winnow.trials.server", str(theirs.fileno())]
        self._process = subprocess.Popen(  # noqa: S603 -- this Python, this package
            [*command, str(folder / "warm")],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env=kept,
            cwd=folder,
            start_new_session=True,
        )
        theirs.close()

    def close(self) -> None:
        """End the server and every running trial."""
        self._socket.close()
        self._process.wait()

    def can_contain(self, place: Place) -> bool:
        """Return whether trials can be isolated on this machine."""
        return bool(self._ask({"possible": asdict(place)}))

    def start(self, request: Request) -> tuple[int, int]:
        """Start a trial; return its process id, and the pipe with its outcomes."""
        reading, writing = os.pipe()
        try:
            pid = self._ask({"start": asdict(request)}, writing)
        finally:
            os.close(writing)
        os.set_blocking(reading, False)
        return pid, reading

    def stop(self, pid: int) -> int:
        """End a trial and all processes that it left running; return its wait status."""
        return self._ask({"stop": pid})

    def _ask(self, question: dict[str, Any], *pipes: int) -> int:
        try:
            socket.send_fds(self._socket, [json.dumps(question).encode()], list(pipes))
            answer = self._socket.recv(64)
        except OSError:
            answer = b""
        if not answer:
            raise WinnowError("trial-server-ended")
        return int(json.loads(answer))


@dataclass(frozen=True)
class Job:
    """A trial to run: ``make`` creates its sandbox with the suites."""

    name: str
    make: Callable[[], Place]
    suite: Suite
    limits: Limits
    contained: bool


@dataclass
class _Running:
    job: Job
    place: Place
    pid: int
    pipe: int
    began: float
    alarm: float = float("inf")  # the time at which the running test exceeds its limit
    told: Told = field(default_factory=Told)
    rest: bytes = b""  # of an incomplete line
    killed: bool = False

    def hear(self) -> bool:
        """Read messages of the child, line by line; return whether it has finished."""
        said = _read(self.pipe)
        *lines, self.rest = (self.rest + said).split(b"\n")
        for line in lines:
            starts = isinstance(self.told.hear(line), Started)
            self.alarm = time.monotonic() + self.job.limits.test if starts else float("inf")
        return not said or self.told.finished is not None

    def ring(self) -> None:
        """Interrupt the running test, again if it catches the exception."""
        with suppress(ProcessLookupError, PermissionError):
            os.kill(self.pid, ALARM)
        self.alarm = time.monotonic() + self.job.limits.test

    @property
    def ends(self) -> float:
        """The time at which the trial exceeds its limit."""
        return self.began + self.job.limits.trial


class Pool:
    """Runs trials on a number of workers; after ``close``, no trial is left."""

    def __init__(self, server: TrialServer, workers: int, remove: Callable[[Place], None]) -> None:
        self._server = server
        self._workers = workers
        self._remove = remove
        self._running: dict[int, _Running] = {}

    def run(self, jobs: Iterable[Job], imported: Callable[[Place], bool]) -> Iterator[Trial]:
        """Run each job; yield trials as they end. ``imported`` checks the processes that a trial started."""
        waiting = iter(jobs)
        selector = selectors.DefaultSelector()
        try:
            while True:
                while len(self._running) < self._workers and (job := next(waiting, None)):
                    self._start(job, selector)
                if not self._running:
                    return
                yield from self._listen(selector, imported)
        finally:
            for running in tuple(self._running.values()):
                with suppress(WinnowError):
                    self._server.stop(running.pid)
                self._forget(running)
            selector.close()

    def _start(self, job: Job, selector: selectors.BaseSelector) -> None:
        place = job.make()
        pid, pipe = self._server.start(Request(place, job.suite, job.limits, job.contained))
        self._running[pipe] = _Running(job, place, pid, pipe, time.monotonic())
        selector.register(pipe, selectors.EVENT_READ)

    def _listen(self, selector: selectors.BaseSelector, imported: Callable[[Place], bool]) -> Iterator[Trial]:
        next_event = min(min(running.ends, running.alarm) for running in self._running.values())
        ready = selector.select(max(0.0, next_event - time.monotonic()))
        ended = [self._running[key.fd] for key, _ in ready if self._running[key.fd].hear()]
        for running in self._running.values():
            if running not in ended and time.monotonic() > running.ends:
                running.killed = True
                ended.append(running)
            elif time.monotonic() > running.alarm:
                running.ring()
        for running in ended:
            selector.unregister(running.pipe)
            yield self._trial(running, imported)

    def _trial(self, running: _Running, imported: Callable[[Place], bool]) -> Trial:
        """End the processes of a trial, and return its result."""
        status = self._server.stop(running.pid)
        running.hear()
        seconds, job = time.monotonic() - running.began, running.job
        trial = conclude(job.name, running.told, status, job.limits, seconds, killed=running.killed)
        cause = trial.broken and trial.broken.cause
        if cause is Cause.NOT_IMPORTED and imported(running.place):
            trial = replace(trial, broken=None)
        self._forget(running)
        return trial

    def _forget(self, running: _Running) -> None:
        del self._running[running.pipe]
        os.close(running.pipe)
        self._remove(running.place)


def _read(pipe: int) -> bytes:
    """Return new output of the child, or no bytes if the child has ended."""
    said = b""
    with suppress(BlockingIOError):
        while part := os.read(pipe, 65_536):
            said += part
    return said
