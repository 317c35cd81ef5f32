"""Many trials at once, each in a child of this process: started, read, limited, and cleaned up after."""

import ctypes
import os
import selectors
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from winnow.trials.child import Limits, Service, run_trial
from winnow.trials.messages import PASSED, TIME_OUT, Broken, Cause, Outcome, Told, Trial

PR_SET_CHILD_SUBREAPER = 36
NOT_TAKEN, NO_TESTS = 4, 5  # exit codes of pytest
ORIGINS = {"none": Cause.NOT_IMPORTED, "elsewhere": Cause.OTHER_COPY}  # of a service that was not tested


@dataclass(frozen=True)
class Job:
    """A trial to be run: ``make`` makes its sandbox, in which ``suites`` are."""

    name: str
    make: Callable[[], Path]
    suites: list[str]
    limits: Limits


@dataclass
class _Running:
    name: str
    sandbox: Path
    pid: int
    began: float
    limits: Limits
    told: Told = field(default_factory=Told)
    rest: bytes = b""  # of a line that is not whole yet
    killed: bool = False

    def hear(self, said: bytes) -> None:
        """Take in what the child has said, line by line; the last line may have been cut."""
        *lines, self.rest = (self.rest + said).split(b"\n")
        for line in lines:
            self.told.hear(line)


class Pool:
    """Runs trials on so many workers; nothing of them is left when it is closed."""

    def __init__(self, workers: int, service: Service, remove: Callable[[Path], None]) -> None:
        self._workers = workers
        self._service = service
        self._remove = remove
        self._running: dict[int, _Running] = {}
        _adopt_orphans()

    def run(self, jobs: Iterable[Job]) -> Iterator[Trial]:
        """Run each job; yield trials as they end."""
        waiting = iter(jobs)
        selector = selectors.DefaultSelector()
        try:
            while True:
                self._start_more(waiting, selector)
                if not self._running:
                    return
                yield from self._listen(selector)
        finally:
            self._end_all()
            selector.close()

    def _start_more(self, waiting: Iterator[Job], selector: selectors.BaseSelector) -> None:
        while len(self._running) < self._workers:
            job = next(waiting, None)
            if job is None:
                return
            pipe, running = self._start(job)
            self._running[pipe] = running
            selector.register(pipe, selectors.EVENT_READ)

    def _start(self, job: Job) -> tuple[int, _Running]:
        sandbox = job.make()
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.setsid()
            _adopt_orphans()  # its own: else whoever ends first would end them
            for pipe in (reading, *self._running):
                os.close(pipe)
            run_trial(sandbox, job.suites, self._service, job.limits, os.fdopen(writing, "wb"))
        os.close(writing)
        os.set_blocking(reading, False)
        return reading, _Running(job.name, sandbox, pid, time.monotonic(), job.limits)

    def _listen(self, selector: selectors.BaseSelector) -> Iterator[Trial]:
        now = time.monotonic()
        patience = min(r.began + r.limits.trial for r in self._running.values()) - now
        for key, _ in selector.select(max(0.0, patience)):
            running = self._running[key.fd]
            running.hear(said := _read(key.fd))
            if not said or running.told.finished:
                yield self._end(key.fd, selector)
        for pipe in [p for p, r in self._running.items() if time.monotonic() > r.began + r.limits.trial]:
            self._running[pipe].killed = True
            yield self._end(pipe, selector)

    def _end(self, pipe: int, selector: selectors.BaseSelector) -> Trial:
        running = self._running.pop(pipe)
        selector.unregister(pipe)
        status = _kill(running.pid)
        running.hear(_read(pipe))
        os.close(pipe)
        self._end_orphans()
        self._remove(running.sandbox)
        return _judged(running, status)

    def _end_all(self) -> None:
        for pipe, running in self._running.items():
            _kill(running.pid)
            os.close(pipe)
            self._remove(running.sandbox)
        self._running.clear()
        self._end_orphans()

    def _end_orphans(self) -> None:
        """End what ended trials have left running, in whatever process group it hid."""
        trials = {running.pid for running in self._running.values()}
        for pid in set(_children()) - trials:
            _kill(pid)


def _read(pipe: int) -> bytes:
    """Return what the child has said; nothing at all when it has gone."""
    said = b""
    with suppress(BlockingIOError):
        while part := os.read(pipe, 65_536):
            said += part
    return said


def _kill(pid: int) -> int:
    """End a child and its process group; return its wait status."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    return os.waitpid(pid, 0)[1]


def _children() -> list[int]:
    """Return this process's children, where the system tells (Linux)."""
    with suppress(OSError):
        return [int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]
    return []


def _judged(running: _Running, status: int) -> Trial:
    """Make sense of what the child has said, and of how it ended."""
    seconds, told = time.monotonic() - running.began, running.told
    outcomes, open_tests = list(told.outcomes), told.unfinished
    broken = None
    if told.foreign:
        return Trial(running.name, (), Broken(Cause.FOREIGN_OUTPUT), seconds)
    if told.finished:
        broken = _reason(told)
    elif running.killed:
        broken = None if open_tests else Broken(Cause.LATE, f"{running.limits.trial:g}")
        late = f"the trial took more than {running.limits.trial:g} s"
        outcomes += [Outcome(test, TIME_OUT, running.limits.trial, late) for test in open_tests]
    else:
        broken = Broken(Cause.ENDED, _how(status), open_tests[-1] if open_tests else "")
    return Trial(running.name, tuple(outcomes), broken, seconds, running.killed)


def _reason(told: Told) -> Broken | None:
    """Say why a run that came to its end is no judgement, if it is none."""
    assert told.finished  # noqa: S101 -- the caller has looked
    code, origin = told.finished.exit_code, told.finished.origin
    if told.uncollected:
        return Broken(Cause.UNCOLLECTED, told.uncollected[0].message, told.uncollected[0].node)
    if code in (NO_TESTS, NOT_TAKEN):
        return Broken(Cause.NO_TESTS if code == NO_TESTS else Cause.NOT_TAKEN)
    if origin == "none" and all(outcome.kind != PASSED for outcome in told.outcomes):
        return None  # it did not come so far: its failures say why
    if code not in (0, 1):
        return Broken(Cause.PYTEST_EXIT, str(code))
    return Broken(ORIGINS[origin]) if origin in ORIGINS else None


def _how(status: int) -> str:
    """Return how a process ended: the name of a signal, or its exit code."""
    code = os.waitstatus_to_exitcode(status)
    return signal.Signals(-code).name if code < 0 else str(code)


def _adopt_orphans() -> None:
    """Become the parent of what a trial leaves running, where the system can (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
