"""The record: the grade of a suite, for the terminal, the page and other tools."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from winnow.commands import command
from winnow.errors import WinnowError
from winnow.i18n import Text
from winnow.project import write
from winnow.text import from_here
from winnow.trials.messages import PROOF, TIME_OUT, Broken, Cause
from winnow.variants import CORRECT, FAULTY, SHOWS, Misconception

UNCHANGED = ""  # the name of the unchanged service among the names of variants
CAUGHT_BY = (*PROOF, TIME_OUT)  # how a fault can be caught, the best first
MISSED, BROKEN, ACCEPTED, REJECTED = "missed", "broken", "accepted", "rejected"


@dataclass(frozen=True)
class Failure:
    """How a test failed on a variant, and its message."""

    kind: str
    message: str


@dataclass(frozen=True)
class Judged:
    """One variant, and which tests failed on it.

    ``verdict`` is accepted, rejected or broken for a correct variant. For a faulty one it is missed, broken,
    or the best way in which a valid test caught it. ``places`` are the file and line of each change.
    """

    name: str
    kind: str
    promise: Text
    misconception: str
    lesson: str
    shows: str
    hints: tuple[Text, ...]
    places: tuple[tuple[str, int], ...]
    verdict: str
    failures: Mapping[str, Failure]
    tests: int
    seconds: float
    broken: Broken | None = None

    @property
    def caught(self) -> bool:
        """Whether a valid test failed on this faulty variant."""
        return self.verdict in CAUGHT_BY

    @classmethod
    def of(cls, table: dict[str, Any]) -> Self:
        """Create a variant from the result of ``asdict``."""
        broken = table["broken"]
        return cls(
            **table
            | {
                "promise": Text(**table["promise"]),
                "hints": tuple(Text(**hint) for hint in table["hints"]),
                "places": tuple((file, line) for file, line in table["places"]),
                "failures": _failures(table["failures"]),
                "broken": broken and Broken(**broken | {"cause": Cause(broken["cause"])}),
            }
        )


@dataclass(frozen=True)
class Record:
    """One suite, or several together, graded by the variants of a service.

    ``tests`` has each test with its seconds on the unchanged service, ``control`` the tests that failed
    there, ``skipped`` those that were skipped there, with the reason. ``unstable`` has each test that failed
    and then passed on the same service, with that service's name. ``left_out`` has each variant that was
    not tried, with the program that it needs. ``contained``, ``alone`` and ``lacks`` come from the matrix.
    """

    began: str
    fingerprint: str
    suites: tuple[str, ...]
    tests: Mapping[str, float]
    control: Mapping[str, Failure]
    variants: tuple[Judged, ...]
    misconceptions: Mapping[str, Misconception]
    left_out: Mapping[str, str]
    skipped: Mapping[str, str] = field(default_factory=dict)
    unstable: Mapping[str, str] = field(default_factory=dict)
    contained: bool = True
    alone: bool = False
    lacks: tuple[str, ...] = ()

    def save(self, path: Path) -> None:
        """Write the record as JSON.

        Raises  WinnowError if the file cannot be written.
        """
        write(path, self.as_json())

    def as_json(self) -> str:
        """Return the record as JSON; ``valid``, ``faults`` and ``caught`` are added for other tools."""
        summary = {"valid": self.valid, "faults": len(self.faults), "caught": len(self.caught)}
        return json.dumps(summary | asdict(self), ensure_ascii=False, indent=1)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a record back.

        Raises  WinnowError if the file is not a valid record.
        """
        try:
            table = json.loads(path.read_text(encoding="utf-8"))
            for name in ("valid", "faults", "caught"):
                del table[name]
            return cls(
                **table
                | {
                    "suites": tuple(table["suites"]),
                    "control": _failures(table["control"]),
                    "lacks": tuple(table["lacks"]),
                    "variants": tuple(map(Judged.of, table["variants"])),
                    "misconceptions": {
                        name: Misconception(Text(**m["belief"]), Text(**m["why"]))
                        for name, m in table["misconceptions"].items()
                    },
                }
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            again = command("faults")
            raise WinnowError("damaged-record", path=from_here(path), error=error, command=again) from None

    @property
    def correct(self) -> tuple[Judged, ...]:
        """The correct variants."""
        return tuple(judged for judged in self.variants if judged.kind == CORRECT)

    @property
    def faults(self) -> tuple[Judged, ...]:
        """The faulty variants."""
        return tuple(judged for judged in self.variants if judged.kind == FAULTY)

    @property
    def caught(self) -> tuple[Judged, ...]:
        """The faults that a valid test caught."""
        return tuple(fault for fault in self.faults if fault.caught)

    @property
    def survivors(self) -> tuple[Judged, ...]:
        """The faults that no valid test caught, in the order of the lessons."""
        found = (fault for fault in self.faults if not fault.caught)
        return tuple(sorted(found, key=lambda fault: (fault.lesson, SHOWS.index(fault.shows))))

    @property
    def unproven(self) -> tuple[Judged, ...]:
        """The faults that only a time-out caught."""
        return tuple(fault for fault in self.faults if fault.verdict == TIME_OUT)

    @cached_property
    def false_alarms(self) -> dict[str, tuple[str, ...]]:
        """Each stable test that fails on a correct service, with the names of those variants."""
        places = {UNCHANGED: self.control, **{v.name: v.failures for v in self.correct}}
        tests = dict.fromkeys(test for failures in places.values() for test in failures)
        return {
            test: tuple(name for name, failed in places.items() if test in failed)
            for test in tests
            if test not in self.unstable
        }

    @property
    def reasons(self) -> dict[str, str]:
        """The message of the first failure of each of these tests."""
        failures = [self.control, *(variant.failures for variant in self.correct)]
        return {test: failed.message for part in reversed(failures) for test, failed in part.items()}

    @property
    def valid(self) -> bool:
        """Whether the suite accepts the unchanged service and every correct variant."""
        accepted = all(variant.verdict == ACCEPTED for variant in self.correct)
        return accepted and not self.control and not self.unstable and bool(self.tests)

    @property
    def perfect(self) -> bool:
        """Whether the suite is valid and catches every fault; a time-out that occurred again counts."""
        return self.valid and not self.survivors

    def catches(self, fault: Judged) -> dict[str, Failure]:
        """Return the valid tests that caught this fault."""
        return {test: how for test, how in fault.failures.items() if self.counts(test)}

    def counts(self, test: str) -> bool:
        """Whether the faults that this test catches count: it must always pass on every correct service."""
        return test not in self.false_alarms and test not in self.unstable

    @cached_property
    def by_test(self) -> dict[str, list[Judged]]:
        """Each valid test with the faults that it catches."""
        found: dict[str, list[Judged]] = {test: [] for test in self.tests if self.counts(test)}
        for fault in self.faults:
            for test in self.catches(fault):
                found.setdefault(test, []).append(fault)
        return found

    @property
    def tests_without_a_catch(self) -> tuple[str, ...]:
        """The valid tests that catch none of these faults; they may catch others."""
        return tuple(test for test, faults in self.by_test.items() if not faults)


def _failures(table: dict[str, Any]) -> dict[str, Failure]:
    return {test: Failure(**failure) for test, failure in table.items()}
