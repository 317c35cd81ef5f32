"""What is said to a trial and by it: a request, and the lines that the child writes to its pipe."""

import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from winnow.trials.containment import Place

ASSERTION, ERROR, DEADLOCK, TIME_OUT = "assertion", "error", "deadlock", "time-out"
PASSED, SKIPPED = "passed", "skipped"
PROOF = (ASSERTION, ERROR, DEADLOCK)  # these show that a test noticed; a time-out may have other reasons
FAILED = (*PROOF, TIME_OUT)


@dataclass(frozen=True)
class Limits:
    """Seconds that one receive may take, one test, and the whole trial."""

    receive: float
    test: float
    trial: float

    def __mul__(self, factor: float) -> "Limits":
        """Return limits so many times as wide."""
        return Limits(self.receive * factor, self.test * factor, self.trial * factor)


@dataclass(frozen=True)
class Suite:
    """What a trial runs: suites and service by their paths in the project, plugins, and its environment."""

    paths: tuple[str, ...]
    service: str
    plugins: tuple[str, ...]
    environment: dict[str, str]
    ignored: tuple[str, ...] = ()  # test files below the paths, of which everything is known


@dataclass(frozen=True)
class Request:
    """All that a trial is told: where it is, what to run, how long that may take, and how it is contained."""

    place: Place
    suite: Suite
    limits: Limits
    contained: bool

    @classmethod
    def of(cls, table: dict[str, Any]) -> "Request":
        """Read what ``asdict`` wrote."""
        suite = Suite(
            **table["suite"] | {k: tuple(table["suite"][k]) for k in ("paths", "plugins", "ignored")}
        )
        return cls(Place(**table["place"]), suite, Limits(**table["limits"]), table["contained"])


class Cause(StrEnum):
    """Why a trial says nothing about the service; the words for it are made where it is shown."""

    UNCOLLECTED = "uncollected"  # a file of the suite cannot be imported, or names a fixture wrongly
    NO_TESTS = "no-tests"
    ALL_SKIPPED = "all-skipped"
    NOT_TAKEN = "not-taken"  # pytest does not take this kind of file
    NOT_IMPORTED = "not-imported"  # no process of the trial imported the service
    OTHER_COPY = "other-copy"  # the suite imported it from elsewhere
    STOPPED = "stopped"  # pytest ended early: a hook, a plugin or a fixture stopped it
    ENDED = "ended"  # the process ended before pytest did
    LATE = "late"  # it took longer than a trial may
    FOREIGN_OUTPUT = "foreign-output"  # something else was written to the pipe


@dataclass(frozen=True)
class Broken:
    """A trial that is no judgement; ``subject`` is the file or test concerned, ``detail`` the evidence."""

    cause: Cause
    detail: str = ""
    subject: str = ""


@dataclass(frozen=True)
class Outcome:
    """What one test said of a variant.

    ``kind`` is passed, skipped, assertion, error, deadlock or time-out; ``message`` says why.
    """

    test: str
    kind: str
    seconds: float
    message: str = ""


@dataclass(frozen=True)
class Trial:
    """What one trial found; ``seconds`` is its wall time, ``late`` that it was ended for taking too long."""

    name: str
    outcomes: tuple[Outcome, ...] = ()
    broken: Broken | None = None
    seconds: float = 0.0
    late: bool = False

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """The tests that failed."""
        return tuple(outcome for outcome in self.outcomes if outcome.kind in FAILED)

    @property
    def passed(self) -> bool:
        """Whether nothing went wrong, and a test passed."""
        return not self.broken and not self.failed and any(o.kind == PASSED for o in self.outcomes)


@dataclass(frozen=True)
class Started:
    """A test begins."""

    test: str


@dataclass(frozen=True)
class Uncollected:
    """A file, or something in it, cannot be collected; ``skipped`` where it skips itself."""

    node: str
    message: str
    skipped: bool = False


@dataclass(frozen=True)
class Stopped:
    """pytest ends before its time, and says why."""

    reason: str


@dataclass(frozen=True)
class Finished:
    """pytest ended with this exit code; ``origin`` is where the service was imported from, if it was."""

    exit_code: int
    origin: str


Message = Started | Outcome | Uncollected | Stopped | Finished
KINDS: dict[str, type[Message]] = {
    kind.__name__: kind for kind in (Started, Outcome, Uncollected, Stopped, Finished)
}


def encode(message: Message) -> bytes:
    """Return the line that says this."""
    return json.dumps([type(message).__name__, asdict(message)]).encode() + b"\n"


def decode(line: bytes) -> Message:
    """Return what a line says.

    Raises  ValueError where it is not one that ``encode`` wrote.
    """
    try:
        kind, facts = json.loads(line)
        return KINDS[kind](**facts)
    except (KeyError, TypeError) as error:
        raise ValueError(f"{line!r} is no message of a trial") from error


@dataclass
class Told:
    """All that a child has said so far."""

    outcomes: list[Outcome] = field(default_factory=list)
    started: list[str] = field(default_factory=list)
    uncollected: list[Uncollected] = field(default_factory=list)
    stopped: str = ""
    finished: Finished | None = None
    foreign: bool = False  # somebody else wrote to the pipe

    def hear(self, line: bytes) -> Message | None:
        """Take in one whole line, and return what it says."""
        try:
            message = decode(line)
        except ValueError:
            self.foreign = True
            return None
        match message:
            case Started():
                self.started.append(message.test)
            case Outcome():
                self.outcomes.append(message)
            case Uncollected():
                self.uncollected.append(message)
            case Stopped():
                self.stopped = self.stopped or message.reason
            case Finished():
                self.finished = message
        return message

    @property
    def unfinished(self) -> list[str]:
        """The tests that began and of which nothing more was said."""
        known = {outcome.test for outcome in self.outcomes}
        return [test for test in self.started if test not in known]
