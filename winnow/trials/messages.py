"""What is said about a trial: the lines that a child writes to its pipe, and what they add up to."""

import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum

ASSERTION, ERROR, DEADLOCK, TIME_OUT, PASSED = "assertion", "error", "deadlock", "time-out", "passed"
PROOF = (ASSERTION, ERROR, DEADLOCK)  # these show that a test noticed; a time-out may have other reasons


class Cause(StrEnum):
    """Why a trial says nothing about the service; the words for it are made where it is shown."""

    UNCOLLECTED = "uncollected"  # a file of the suite cannot be imported, or names a fixture wrongly
    NO_TESTS = "no-tests"
    NOT_TAKEN = "not-taken"  # pytest does not take this kind of file
    NOT_IMPORTED = "not-imported"  # the suite never imported the service
    OTHER_COPY = "other-copy"  # it imported the service from elsewhere
    PYTEST_EXIT = "pytest-exit"  # pytest ended with a code that says nothing of the tests
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
    """What one test said of a variant: ``kind`` is passed, assertion, error, deadlock or time-out."""

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


@dataclass(frozen=True)
class Started:
    """A test begins."""

    test: str


@dataclass(frozen=True)
class Uncollected:
    """A file, or something in it, cannot be collected."""

    node: str
    message: str


@dataclass(frozen=True)
class Finished:
    """pytest ended with this exit code; ``origin`` is where the service was imported from, if it was."""

    exit_code: int
    origin: str


Message = Started | Outcome | Uncollected | Finished
KINDS: dict[str, type[Message]] = {kind.__name__: kind for kind in (Started, Outcome, Uncollected, Finished)}


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
    except (KeyError, TypeError, UnicodeDecodeError) as error:
        raise ValueError(f"{line!r} is no message of a trial") from error


@dataclass
class Told:
    """All that a child has said so far."""

    outcomes: list[Outcome] = field(default_factory=list)
    started: list[str] = field(default_factory=list)
    uncollected: list[Uncollected] = field(default_factory=list)
    finished: Finished | None = None
    foreign: bool = False  # somebody else wrote to the pipe

    def hear(self, line: bytes) -> None:
        """Take in one whole line."""
        try:
            message = decode(line)
        except ValueError:
            self.foreign = True
            return
        match message:
            case Started():
                self.started.append(message.test)
            case Outcome():
                self.outcomes.append(message)
            case Uncollected():
                self.uncollected.append(message)
            case Finished():
                self.finished = message

    @property
    def unfinished(self) -> list[str]:
        """The tests that began and of which nothing more was said."""
        known = {outcome.test for outcome in self.outcomes}
        return [test for test in self.started if test not in known]
