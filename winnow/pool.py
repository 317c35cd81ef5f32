"""Many trials at once, each in a child of this process: started, read, limited, and cleaned up after."""

import ctypes
import json
import os
import selectors
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from winnow.outcomes import PASSED, TIME_OUT, Outcome
from winnow.trial import Limits, Service, run_trial

PR_SET_CHILD_SUBREAPER = 36
NOT_TAKEN, NO_TESTS = 4, 5  # exit codes of pytest
KNOWN = {"begins", "test", "uncollected", "finished"}  # what a line of a trial is about


@dataclass(frozen=True)
class Trial:
    """What one trial told; ``broken`` says why it could not be judged, ``seconds`` is its wall time."""

    name: str
    outcomes: tuple[Outcome, ...]
    broken: str
    seconds: float
    late: bool = False  # it was ended for taking too long


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
    heard: bytes = b""
    killed: bool = False
    facts: list[dict[str, Any]] = field(default_factory=list)


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
            running.heard += (said := _read(key.fd))
            if not said or b'"finished"' in said:
                yield self._end(key.fd, selector)
        for pipe in [p for p, r in self._running.items() if time.monotonic() > r.began + r.limits.trial]:
            self._running[pipe].killed = True
            yield self._end(pipe, selector)

    def _end(self, pipe: int, selector: selectors.BaseSelector) -> Trial:
        running = self._running.pop(pipe)
        selector.unregister(pipe)
        status = _kill(running.pid)
        running.heard += _read(pipe)
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
    facts = _facts(running.heard)
    if facts is None:
        seconds = time.monotonic() - running.began
        return Trial(running.name, (), "something else was written where its results belong", seconds)
    outcomes = [Outcome(f["test"], f["kind"], f["seconds"], f["message"]) for f in facts if "test" in f]
    told = {outcome.test for outcome in outcomes}
    open_tests = [f["begins"] for f in facts if "begins" in f and f["begins"] not in told]
    finished = next((f for f in facts if "finished" in f), None)
    broken = ""
    if finished:
        broken = _broken(facts, finished)
    elif running.killed:
        late = f"the trial took more than {running.limits.trial:g} s"
        outcomes += [Outcome(test, TIME_OUT, running.limits.trial, late) for test in open_tests]
        broken = "" if open_tests else late
    else:
        broken = f"the process ended{f' in {open_tests[-1]}' if open_tests else ''} {_how(status)}"
    return Trial(running.name, tuple(outcomes), broken, time.monotonic() - running.began, running.killed)


def _facts(heard: bytes) -> list[dict[str, Any]] | None:
    """Return what was told, line by line, or None where a trial does not talk like that.

    The last line may have been cut.
    """
    lines = heard.splitlines(keepends=True)
    try:
        facts = [json.loads(line) for line in lines if line.endswith(b"\n")]
    except ValueError:
        return None
    return facts if all(isinstance(f, dict) and KNOWN & f.keys() for f in facts) else None


def _broken(facts: list[dict[str, Any]], finished: dict[str, Any]) -> str:
    """Say why a run that came to its end is no judgement, if it is none."""
    uncollected = [
        f"{f['uncollected']} cannot be collected: {f['message']}" for f in facts if "uncollected" in f
    ]
    if uncollected:
        return uncollected[0]
    if finished["finished"] == NO_TESTS:
        return "no test was collected"
    if finished["finished"] == NOT_TAKEN:
        return "pytest does not take it: it takes Python files, and folders of them"
    if finished["origin"] == "none" and all(f["kind"] != PASSED for f in facts if "kind" in f):
        return ""  # it did not come so far: its failures say why
    if finished["finished"] not in (0, 1):
        return f"pytest ended with {finished['finished']}"
    return {
        "sandbox": "",
        "none": "the suite never imported the service",
        "elsewhere": "the suite imported another copy of the service",
    }[finished["origin"]]


def _how(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return f"by signal {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"


def _adopt_orphans() -> None:
    """Become the parent of what a trial leaves running, where the system can (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
