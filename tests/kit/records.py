"""Hand-written records, for tests of the terminal and the page."""

from collections.abc import Mapping, Sequence
from typing import Any

from winnow.grading.record import Failure, Judged, Record
from winnow.i18n import Text
from winnow.variants import CORRECT, Misconception

FILE = "tests/ws/test_echo.py"
TEST = f"{FILE}::test_replies_keep_their_order[in-process]"
OTHER = f"{FILE}::test_nothing_comes_unasked[in-process]"
PROMISE = Text("nobody is greeted", "没有人被问候")
BELIEF = Misconception(
    Text("A greeting needs no test", "问候不用测试"),
    Text("What nobody tests breaks unseen", "没有测试的东西坏了也没人看见"),
)


def judged(name: str, kind: str, verdict: str, *failed: str, **fields: Any) -> Judged:
    """One variant with its verdict, and the tests that failed on it."""
    facts: dict[str, Any] = {
        "promise": PROMISE,
        "misconception": "nobody-greets",
        "lesson": "01_run_and_grade",
        "shows": "in-process",
        "hints": (Text("greet somebody", "问候某人"),),
        "places": (("service/endpoint.py", 30),),
        "failures": {test: Failure("assertion", "1 != 2") for test in failed},
        "tests": 2,
        "seconds": 0.1,
    }
    return Judged(name=name, kind=kind, verdict=verdict, **(facts | fields))


def record(
    *variants: Judged,
    control: Sequence[str] = (),
    left_out: Mapping[str, str] | None = None,
    tests: Sequence[str] = (TEST, OTHER),
) -> Record:
    """A record of these variants, and of the tests that fail on the unchanged service."""
    return Record(
        began="2026-01-01T00:00:00+00:00",
        fingerprint="",
        suites=("tests/ws",),
        tests=dict.fromkeys(tests, 0.1),
        control={test: Failure("assertion", "0 != 1") for test in control},
        variants=variants,
        misconceptions={"nobody-greets": BELIEF},
        left_out=left_out or {},
    )


ACCEPTED = judged("another-way", CORRECT, "accepted")
REJECTED = judged("other-words", CORRECT, "rejected", TEST)
CAUGHT = judged("a-greeting", "faulty", "assertion", OTHER)
SURVIVOR = judged("a-survivor", "faulty", "missed")
LATE = judged("a-silence", "faulty", "time-out", OTHER, failures={OTHER: Failure("time-out", "no reply")})
