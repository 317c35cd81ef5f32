"""What the suites check, as the page shows it: a view of one record, in the order of the page."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from winnow.grading.record import ACCEPTED, AS_IT_STANDS, Judged, Record
from winnow.trials.messages import PROOF

Tidy = Callable[[str], str]
GROUPS = ("survived", "late", "alone", "several")  # what needs work first


def function_of(test: str) -> str:
    """Return the test's function: its id without parameters and transport."""
    return test.partition("[")[0]


@dataclass(frozen=True)
class Fault:
    """A faulty variant on the page; ``noticed`` has each valid test that fails on it, with the kind."""

    number: int  # its place in the list, and its column
    judged: Judged
    noticed: dict[str, str]

    @cached_property
    def functions(self) -> dict[str, list[str]]:
        """Each test function that notices it, with the kinds of its failures."""
        return functions(self.noticed)

    @property
    def group(self) -> str:
        """What is to be said of it first."""
        return group(self.judged, self.noticed)


def functions(noticed: dict[str, str]) -> dict[str, list[str]]:
    """Return each test function among these tests, with the kinds of its failures."""
    found: dict[str, list[str]] = {}
    for test, kind in noticed.items():
        found.setdefault(function_of(test), []).append(kind)
    return found


def group(fault: Judged, noticed: dict[str, str]) -> str:
    """Return what is to be said first of a fault that these tests notice."""
    if not fault.caught:
        return "survived"
    if fault.verdict not in PROOF:
        return "late"
    return "alone" if len(functions(noticed)) == 1 else "several"


@dataclass(frozen=True)
class Alarm:
    """A test that fails where every promise is kept: on these variants, or on the service as it stands."""

    test: str
    message: str
    variants: tuple[Judged, ...]
    as_it_stands: bool


@dataclass(frozen=True)
class Checked:
    """A record on the page; ``tidy`` takes the paths of this machine out of messages."""

    record: Record
    tidy: Tidy

    @property
    def began(self) -> str:
        """When the first trial began, in UTC."""
        return datetime.fromisoformat(self.record.began).astimezone(UTC).strftime("%Y-%m-%d %H:%M")

    @property
    def state(self) -> str:
        """What is wrong, the worst first: rejected, survived; or caught."""
        if not self.record.valid:
            return "rejected"
        return "survived" if self.record.survivors else "caught"

    @cached_property
    def faults(self) -> tuple[Fault, ...]:
        """The faults by group, then so that those which one test notices stand together."""
        order = list(dict.fromkeys(map(function_of, self.record.tests)))

        def place(pair: tuple[Judged, dict[str, str]]) -> tuple[int, int]:
            first = min((order.index(function) for function in functions(pair[1])), default=0)
            return GROUPS.index(group(*pair)), first

        found = [(f, {t: how.kind for t, how in self.record.catches(f).items()}) for f in self.record.faults]
        return tuple(Fault(n, *pair) for n, pair in enumerate(sorted(found, key=place), 1))

    @property
    def survivors(self) -> tuple[Fault, ...]:
        """The faults that no valid test notices."""
        return tuple(fault for fault in self.faults if fault.group == "survived")

    @property
    def accepted(self) -> int:
        """How many correct variants every test accepts."""
        return sum(variant.verdict == ACCEPTED for variant in self.record.correct)

    @property
    def unjudged(self) -> tuple[Judged, ...]:
        """The correct variants whose trial broke."""
        return tuple(variant for variant in self.record.correct if variant.broken)

    @property
    def groups(self) -> tuple[tuple[str, tuple[Fault, ...]], ...]:
        """The faults by what is to be said of them."""
        found = ((name, tuple(f for f in self.faults if f.group == name)) for name in GROUPS)
        return tuple((name, faults) for name, faults in found if faults)

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
        idle = self.record.idle_tests
        busy = {function_of(test) for test in self.record.tests} - {function_of(test) for test in idle}
        busy |= {function for fault in self.faults for function in fault.functions}
        return tuple(dict.fromkeys(t if function_of(t) in busy else function_of(t) for t in idle))

    @cached_property
    def alarms(self) -> tuple[Alarm, ...]:
        """The tests that fail where every promise is kept."""
        return tuple(self._alarms())

    def planted(self, file: str) -> dict[int, list[Fault]]:
        """Return the faults that change this file, by line."""
        found: dict[int, list[Fault]] = {}
        for fault in self.faults:
            for line in sorted({line for name, line in fault.judged.places if name == file}):
                found.setdefault(line, []).append(fault)
        return found

    def _alarms(self) -> Iterator[Alarm]:
        known = {variant.name: variant for variant in self.record.correct}
        for test, names in self.record.false_alarms.items():
            variants = tuple(known[name] for name in names if name in known)
            message = self.tidy(self.record.reasons[test])
            yield Alarm(test, message, variants, AS_IT_STANDS in names)
