"""The faults on the page, and the tests that catch them, in the order of the page."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from winnow.grading.record import ACCEPTED, UNCHANGED, Judged, Record
from winnow.report.texts import minute
from winnow.trials.messages import PROOF

Shorten = Callable[[str], str]
GROUPS = ("survived", "late", "alone", "several")  # the most urgent first


def function_of(test: str) -> str:
    """Return the test's function: its id without parameters and transport."""
    return test.partition("[")[0]


@dataclass(frozen=True)
class Fault:
    """A faulty variant on the page; ``caught_by`` has each valid test that fails on it, and how."""

    number: int  # its number in the list, and its column
    judged: Judged
    caught_by: dict[str, str]

    @cached_property
    def functions(self) -> dict[str, list[str]]:
        """Each test function that catches it, with the kinds of its failures."""
        return functions(self.caught_by)

    @property
    def group(self) -> str:
        """The group in which the page lists it."""
        return group(self.judged, self.caught_by)


def functions(caught_by: dict[str, str]) -> dict[str, list[str]]:
    """Return each test function among these tests, with the kinds of its failures."""
    found: dict[str, list[str]] = {}
    for test, kind in caught_by.items():
        found.setdefault(function_of(test), []).append(kind)
    return found


def group(fault: Judged, caught_by: dict[str, str]) -> str:
    """Return the group of a fault that these tests catch."""
    if not fault.caught:
        return "survived"
    if fault.verdict not in PROOF:
        return "late"
    return "alone" if len(functions(caught_by)) == 1 else "several"


@dataclass(frozen=True)
class Alarm:
    """A test that fails on a correct service: on these variants, or on the unchanged one."""

    test: str
    message: str
    variants: tuple[Judged, ...]
    unchanged: bool


@dataclass(frozen=True)
class Checked:
    """A record on the page; ``shorten`` removes the paths of this machine from messages."""

    record: Record
    shorten: Shorten

    @property
    def began(self) -> str:
        """When the first trial began, in UTC."""
        return minute(self.record.began)

    @property
    def state(self) -> str:
        """``rejected`` if the suites are not valid, else ``survived`` or ``caught``."""
        if not self.record.valid:
            return "rejected"
        return "survived" if self.record.survivors else "caught"

    @cached_property
    def faults(self) -> tuple[Fault, ...]:
        """The faults by group, then by the first test that catches them."""
        order = list(dict.fromkeys(map(function_of, self.record.tests)))

        def place(pair: tuple[Judged, dict[str, str]]) -> tuple[int, int]:
            first = min((order.index(function) for function in functions(pair[1])), default=0)
            return GROUPS.index(group(*pair)), first

        found = [(f, {t: how.kind for t, how in self.record.catches(f).items()}) for f in self.record.faults]
        return tuple(Fault(n, *pair) for n, pair in enumerate(sorted(found, key=place), 1))

    @property
    def survivors(self) -> tuple[Fault, ...]:
        """The faults that no valid test catches."""
        return tuple(fault for fault in self.faults if fault.group == "survived")

    @property
    def accepted(self) -> int:
        """How many correct variants all tests accept."""
        return sum(variant.verdict == ACCEPTED for variant in self.record.correct)

    @property
    def unjudged(self) -> tuple[Judged, ...]:
        """The correct variants whose trial has no result."""
        return tuple(variant for variant in self.record.correct if variant.broken)

    @property
    def groups(self) -> tuple[tuple[str, tuple[Fault, ...]], ...]:
        """The faults by group, the most urgent first."""
        found = ((name, tuple(f for f in self.faults if f.group == name)) for name in GROUPS)
        return tuple((name, faults) for name, faults in found if faults)

    @property
    def alone(self) -> dict[str, list[Fault]]:
        """Each test function that alone catches faults, with those faults."""
        found: dict[str, list[Fault]] = {}
        for fault in self.faults:
            if len(fault.functions) == 1:
                found.setdefault(next(iter(fault.functions)), []).append(fault)
        return found

    @property
    def without_a_catch(self) -> tuple[str, ...]:
        """The functions that catch nothing, and such single tests of other functions."""
        tests = self.record.tests_without_a_catch
        useful = {function_of(test) for test in self.record.tests} - {function_of(test) for test in tests}
        useful |= {function for fault in self.faults for function in fault.functions}
        return tuple(dict.fromkeys(t if function_of(t) in useful else function_of(t) for t in tests))

    @cached_property
    def alarms(self) -> tuple[Alarm, ...]:
        """The tests that fail on a correct service."""
        return tuple(self._alarms())

    def by_line(self, file: str) -> dict[int, list[Fault]]:
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
            message = self.shorten(self.record.reasons[test])
            yield Alarm(test, message, variants, UNCHANGED in names)
