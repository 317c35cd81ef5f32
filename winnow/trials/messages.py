"""The messages to and from a trial: the request, and the lines that the child writes to its pipe."""

import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from winnow.text import visible
from winnow.trials.containment import Place

ASSERTION, ERROR, DEADLOCK, TIME_OUT = "assertion", "error", "deadlock", "time-out"
PASSED, SKIPPED = "passed", "skipped"
PROOF = (ASSERTION, ERROR, DEADLOCK)  # these prove that a test caught a fault; a time-out does not
FAILED = (*PROOF, TIME_OUT)


@dataclass(frozen=True)
class Limits:
    """The seconds that one receive, one test and the whole trial may take."""

    receive: float
    test: float
    trial: float

    def __mul__(self, factor: float) -> "Limits":
        """Return the limits multiplied by a factor."""
        return Limits(self.receive * factor, self.test * factor, self.trial * factor)


@dataclass(frozen=True)
class Suite:
    """What a trial runs: the paths of suites and service in the project, plugins, and the environment."""

    paths: tuple[str, ...]
    service: str
    plugins: tuple[str, ...]
    environment: dict[str, str]
    ignored: tuple[str, ...] = ()  # test files below the paths whose results are saved already


@dataclass(frozen=True)
class Request:
    """The request for a trial: its folder, what to run, the limits, and how it is isolated."""

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
    """Why a trial has no result; the texts are in the catalogue."""

    UNCOLLECTED = "uncollected"  # a file of the suite cannot be imported, or names a fixture wrongly
    NO_TESTS = "no-tests"
    ALL_SKIPPED = "all-skipped"
    NOT_TAKEN = "not-taken"  # pytest does not accept this kind of file
    NOT_IMPORTED = "not-imported"  # no process of the trial imported the service
    OTHER_COPY = "other-copy"  # the suite imported it from elsewhere
    STOPPED = "stopped"  # pytest ended early: a hook, a plugin or a fixture stopped it
    ENDED = "ended"  # the process ended before pytest did
    LATE = "late"  # it took longer than a trial may
    FOREIGN_OUTPUT = "foreign-output"  # something else was written to the pipe


@dataclass(frozen=True)
class Broken:
    """A trial without a result; ``subject`` is the file or test concerned, ``detail`` the evidence."""

    cause: Cause
    detail: str = ""
    subject: str = ""


@dataclass(frozen=True)
class Outcome:
    """The outcome of one test on a variant.

    ``kind`` is passed, skipped, assertion, error, deadlock or time-out; ``message`` says why.
    """

    test: str
    kind: str
    seconds: float
    message: str = ""


@dataclass(frozen=True)
class Trial:
    """The result of one trial; ``seconds`` is its wall time, and ``late`` means that it reached its limit."""

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
        """Whether no test failed, and at least one passed."""
        return not self.broken and not self.failed and any(o.kind == PASSED for o in self.outcomes)


@dataclass(frozen=True)
class Started:
    """A test begins."""

    test: str


@dataclass(frozen=True)
class Uncollected:
    """A file, or something in it, cannot be collected; ``skipped`` is true if it skips itself."""

    node: str
    message: str
    skipped: bool = False


@dataclass(frozen=True)
class Stopped:
    """pytest stops early, and says why."""

    reason: str


@dataclass(frozen=True)
class Finished:
    """pytest ended with this exit code; ``origin`` says where the service was imported from."""

    exit_code: int
    origin: str


Message = Started | Outcome | Uncollected | Stopped | Finished
KINDS: dict[str, type[Message]] = {
    kind.__name__: kind for kind in (Started, Outcome, Uncollected, Stopped, Finished)
}


def encode(message: Message) -> bytes:
    """Return a message as a line."""
    facts = {key: visible(fact) if isinstance(fact, str) else fact for key, fact in asdict(message).items()}
    return json.dumps([type(message).__name__, facts]).encode() + b"\n"


def decode(line: bytes) -> Message:
    """Return the message in a line.

    Raises  ValueError if it is not one that ``encode`` wrote.
    """
    try:
        kind, facts = json.loads(line)
        return KINDS[kind](**facts)
    except (KeyError, TypeError) as error:
        raise ValueError(f"{line!r} is no message of a trial") from error


@dataclass
class Told:
    """All messages of a child so far."""

    outcomes: list[Outcome] = field(default_factory=list)
    started: list[str] = field(default_factory=list)
    uncollected: list[Uncollected] = field(default_factory=list)
    stopped: str = ""
    finished: Finished | None = None
    foreign: bool = False  # something else was written to the pipe

    def hear(self, line: bytes) -> Message | None:
        """Add one complete line, and return its message."""
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
        """The tests that have started but not ended."""
        known = {outcome.test for outcome in self.outcomes}
        return [test for test in self.started if test not in known]
