"""What ``winnow faults`` found, read from ``reports/matrix.json``: faults, correct variants, false alarms."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Self

from winnow.config import Config
from winnow.errors import WinnowError
from winnow.report.texts import Both

Tidy = Callable[[str], str]
Place = tuple[str, int]
KINDS = ("assertion", "error", "deadlock", "time-out")  # the best first
ALIVE = ("missed", "broken")
GROUPS = ("alive", "late", "alone", "several")  # what needs work first
SHOWN = ("in-process", "live", "concurrent", "workers", "unit")


def function_of(test: str) -> str:
    """Return the test's function: its id without parameters and transport."""
    return test.partition("[")[0]


@dataclass(frozen=True)
class Fault:
    """A faulty variant; ``noticed`` holds each valid test that fails on it, with the kind of its failure."""

    name: str
    promise: Both
    belief: Both | None  # of whoever misses it
    why: Both | None  # that is not so
    shows: str
    verdict: str
    broken: str
    places: tuple[Place, ...]
    noticed: Mapping[str, str]
    number: int = 0  # its place in the list, and its column

    @cached_property
    def functions(self) -> dict[str, list[str]]:
        """Each test function that notices it, with the kinds of its failures."""
        found: dict[str, list[str]] = {}
        for test, kind in self.noticed.items():
            found.setdefault(function_of(test), []).append(kind)
        return found

    @property
    def group(self) -> str:
        """What is to be said of it first."""
        if self.verdict in ALIVE:
            return "alive"
        if self.verdict not in KINDS[:3]:
            return "late"
        return "alone" if len(self.functions) == 1 else "several"


@dataclass(frozen=True)
class Correct:
    """A correct variant, and the tests that fail on it all the same."""

    name: str
    promise: Both
    accepted: bool
    broken: str
    tests: tuple[str, ...]


@dataclass(frozen=True)
class Alarm:
    """A test that fails where every promise is kept: on these variants, or on the service as it stands."""

    test: str
    message: str
    variants: tuple[Correct, ...]
    as_it_stands: bool


@dataclass(frozen=True)
class Checked:
    """What the tests check; ``faults`` in the order of the page."""

    began: str
    valid: bool
    tests: tuple[str, ...]
    faults: tuple[Fault, ...]
    correct: tuple[Correct, ...]
    alarms: tuple[Alarm, ...]
    idle_tests: tuple[str, ...] = field(default=())

    @classmethod
    def load(cls, config: Config, tidy: Tidy) -> Self | None:
        """Read what the last `nox -s faults` found; None where there is nothing.

        Raises  WinnowError where the file is no grade.
        """
        path = config.reports / "matrix.json"
        if not path.exists():
            return None
        try:
            return cls.of(json.loads(path.read_text(encoding="utf-8")), tidy)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            name = path.relative_to(config.root).as_posix()
            raise WinnowError(f"{name} cannot be read: {error!r}", "run `nox -s faults` again") from None

    @classmethod
    def of(cls, data: Mapping[str, Any], tidy: Tidy) -> Self:
        """Turn the grade into what the page shows."""
        correct = tuple(_correct(v, tidy) for v in data["variants"] if v["kind"] == "correct")
        faults = [_fault(v, data, tidy) for v in data["variants"] if v["kind"] == "faulty"]
        return cls(
            began=datetime.fromisoformat(data["began"]).astimezone(UTC).strftime("%Y-%m-%d %H:%M"),
            valid=data["valid"],
            tests=tuple(data["tests"]),
            faults=tuple(_numbered(faults, list(map(function_of, data["tests"])))),
            correct=correct,
            alarms=tuple(_alarms(data, correct, tidy)),
            idle_tests=tuple(data["idle_tests"]),
        )

    @property
    def state(self) -> str:
        """What is wrong, the worst first: rejected, alive; or caught."""
        if not self.valid:
            return "rejected"
        return "alive" if self.alive else "caught"

    @property
    def alive(self) -> tuple[Fault, ...]:
        """The faults that no valid test notices."""
        return tuple(fault for fault in self.faults if fault.group == "alive")

    @property
    def caught(self) -> int:
        """How many faults a valid test notices."""
        return len(self.faults) - len(self.alive)

    @property
    def accepted(self) -> int:
        """How many correct variants every test accepts."""
        return sum(variant.accepted for variant in self.correct)

    @property
    def unjudged(self) -> tuple[Correct, ...]:
        """The correct variants whose trial broke."""
        return tuple(variant for variant in self.correct if variant.broken)

    @property
    def groups(self) -> tuple[tuple[str, tuple[Fault, ...]], ...]:
        """The faults by what is to be said of them."""
        found = ((group, tuple(f for f in self.faults if f.group == group)) for group in GROUPS)
        return tuple((group, faults) for group, faults in found if faults)

    @property
    def alone(self) -> dict[str, list[Fault]]:
        """Each test function that alone notices faults, with those."""
        found: dict[str, list[Fault]] = {}
        for fault in self.faults:
            if len(fault.functions) == 1:
                found.setdefault(next(iter(fault.functions)), []).append(fault)
        return found

    @property
    def idle(self) -> tuple[str, ...]:
        """The functions that notice nothing; where other parameters of one do, the tests that do not."""
        busy = {function_of(test) for test in self.tests} - {function_of(test) for test in self.idle_tests}
        busy |= {function for fault in self.faults for function in fault.functions}
        found = (test if function_of(test) in busy else function_of(test) for test in self.idle_tests)
        return tuple(dict.fromkeys(found))

    def planted(self, file: str) -> dict[int, list[Fault]]:
        """Return the faults that change this file, by line."""
        found: dict[int, list[Fault]] = {}
        for fault in self.faults:
            for line in sorted({line for name, line in fault.places if name == file}):
                found.setdefault(line, []).append(fault)
        return found


def _correct(data: Mapping[str, Any], tidy: Tidy) -> Correct:
    accepted = data["verdict"] == "accepted"
    return Correct(
        data["name"], Both(**data["promise"]), accepted, tidy(data["broken"]), tuple(data["noticed_by"])
    )


def _fault(data: Mapping[str, Any], grade: Mapping[str, Any], tidy: Tidy) -> Fault:
    misconception = grade["misconceptions"].get(data["misconception"])
    noticed = data["noticed_by"].items()
    return Fault(
        name=data["name"],
        promise=Both(**data["promise"]),
        belief=Both(**misconception["belief"]) if misconception else None,
        why=Both(**misconception["why"]) if misconception else None,
        shows=data["shows"] if data["shows"] in SHOWN else SHOWN[0],
        verdict=data["verdict"],
        broken=tidy(data["broken"]),
        places=tuple((file, line) for file, line in data["places"]),
        noticed={test: kind for test, (kind, _) in noticed if test not in grade["false_alarms"]},
    )


def _numbered(faults: list[Fault], functions: list[str]) -> Iterator[Fault]:
    """Number the faults: by group, then so that those which one test notices stand together."""
    first = {function: place for place, function in reversed(list(enumerate(functions)))}

    def place(fault: Fault) -> tuple[int, int]:
        seen = min((first.get(function, len(first)) for function in fault.functions), default=0)
        return GROUPS.index(fault.group), seen

    for number, fault in enumerate(sorted(faults, key=place), 1):
        yield replace(fault, number=number)


def _alarms(data: Mapping[str, Any], correct: tuple[Correct, ...], tidy: Tidy) -> Iterator[Alarm]:
    messages = {
        (v["name"], t): tidy(text) for v in data["variants"] for t, (_, text) in v["noticed_by"].items()
    }
    known = {variant.name: variant for variant in correct}
    for test, names in data["false_alarms"].items():
        on = tuple(known[name] for name in names if name in known)
        message = next((messages.get((variant.name, test), "") for variant in on), "")
        yield Alarm(test, message, on, len(on) < len(names))
