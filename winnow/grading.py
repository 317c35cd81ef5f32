"""A grade in words: what `winnow grade` and `winnow faults` print."""

import difflib
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from winnow.config import Config
from winnow.fingerprint import fingerprint
from winnow.grade import BROKEN, Grade
from winnow.matrix import AS_IT_STANDS
from winnow.outcomes import PASSED
from winnow.pool import Trial
from winnow.variants import CORRECT, EXAMPLE, Variant, load_misconceptions

SERVICE_CHANGED = "A variant changes the service, never your file: your suite was run against each as it is."
MEND_FIRST = "Next: make it pass on the service as it stands: plain `pytest` says more of each test."
FEW = 5  # of those alive are told at once
SMALL = 20  # tests: of a suite with so many, each is told


def lines(grade: Grade, hints: int, *, most: int | None, everything: bool) -> Iterator[str]:
    """Yield the grade, line by line: is the suite valid, how thorough is it, what is alive?

    Of those alive, no more than ``most`` are told, unless everything is asked for.
    """
    yield SERVICE_CHANGED
    yield from _validity(grade)
    if not grade.matrix.trials:
        yield "No test passes on the service as it stands, so no variant was tried."
        yield MEND_FIRST
        return
    yield f"Caught: {len(grade.caught)} of {len(grade.faults)} faults."
    yield from _tests(grade, everything=everything)
    for program, number in Counter(variant.needs for variant in grade.matrix.left_out).items():
        yield f"Left out: {number} that show only with {program}, which is not on the PATH; install it."
    for variant in grade.unproven:
        yield f"  {variant.name}: only a time-out noticed; assert what should have come"
    told = grade.alive if everything else grade.alive[:most]
    for variant in told:
        yield f"  alive: {variant.name}: {variant.promise.here}"
        if grade.faults[variant] == BROKEN:
            yield f"    could not be judged: {grade.broken[variant.name]}"
        yield from (f"    hint: {hint.here}" for hint in variant.hints[:hints])
    if len(told) < len(grade.alive):
        yield f"  and {len(grade.alive) - len(told)} more that are alive: `--all` names them."
    yield from _next_step(grade, hints)


def _validity(grade: Grade) -> Iterator[str]:
    if grade.valid:
        correct = any(variant.kind == CORRECT for variant, _ in grade.matrix.trials)
        accepted = "every correct variant is accepted" if correct else "but there is no correct variant"
        yield f"Valid: {accepted}."
        return
    yield "Not valid: it rejects services that keep every promise. These tests count for nothing:"
    said = ""
    for test, variants in grade.false_alarms.items():
        yield f"  {test}: fails on {AS_IT_STANDS if AS_IT_STANDS in variants else ', '.join(variants)}"
        if grade.reasons[test] not in ("", said):
            said = grade.reasons[test]
            yield f"    {said}"
    for name, reason in grade.broken.items():
        yield f"  {name}: {reason}"


def _tests(grade: Grade, *, everything: bool) -> Iterator[str]:
    """Say what each test notices, or how many notice nothing."""
    if len(grade.by_test) <= SMALL:
        for test, variants in grade.by_test.items():
            names = ", ".join(variant.name for variant in variants)
            yield f"  {test}: {names or 'notices nothing in this catalogue: does it assert?'}"
    elif idle := grade.idle_tests:
        how = "another fault may still need them" if everything else "`--all` names them"
        yield f"{len(idle)} of {len(grade.by_test)} tests notice nothing in this catalogue; {how}."
        yield from (f"  {test}" for test in idle if everything)


def _next_step(grade: Grade, hints: int) -> Iterator[str]:
    if any(AS_IT_STANDS in variants for variants in grade.false_alarms.values()):
        yield MEND_FIRST
    elif not grade.valid:
        yield "Next: make those tests check what a client sees, not how the service does it."
    elif grade.alive and hints < max(len(variant.hints) for variant in grade.alive):
        yield f"Next: write a test for {grade.alive[0].name}; `--hint {hints + 1}` says more."
    elif grade.alive:
        yield f"Next: write a test for the first alive; `--show {grade.alive[0].name}` shows the change."
    elif not grade.faults:
        yield f"Next: write a faulty variant, else nothing is checked; {EXAMPLE}."
    elif not grade.unproven:
        yield "Every promise in the catalogue is checked."
    if grade.valid and grade.alive:
        yield "The exit code is 1 while anything is alive: that is no error of yours."


def difference(variant: Variant, root: Path) -> str:
    """Return how the variant differs from the service as it stands."""
    parts: list[str] = []
    for file, text in variant.files(root).items():
        before = (root / file).read_text(encoding="utf-8") if (root / file).exists() else ""
        parts += difflib.unified_diff(
            before.splitlines(keepends=True), text.splitlines(keepends=True), file, f"{file} ({variant.name})"
        )
    return "".join(parts)


def as_data(grade: Grade, config: Config) -> dict[str, Any]:
    """Return the grade for programs, and for the page: every variant with who noticed it, every test."""
    return {
        "began": grade.matrix.began,
        "fingerprint": fingerprint(config),
        "suites": list(grade.matrix.suites),
        "valid": grade.valid,
        "false_alarms": grade.false_alarms,
        "reasons": grade.reasons,
        "faults": len(grade.faults),
        "caught": len(grade.caught),
        "left_out": [variant.name for variant in grade.matrix.left_out],
        "tests": {outcome.test: round(outcome.seconds, 4) for outcome in grade.matrix.control.outcomes},
        "misconceptions": {n: asdict(m) for n, m in load_misconceptions(config.variants).items()},
        "variants": [
            _variant_data(grade, variant, trial, config.root) for variant, trial in grade.matrix.trials
        ],
        "idle_tests": grade.idle_tests,
    }


def _variant_data(grade: Grade, variant: Variant, trial: Trial, root: Path) -> dict[str, Any]:
    rejected = any(outcome.kind != PASSED for outcome in trial.outcomes) or trial.broken
    correct = "rejected" if rejected else "accepted"
    return {
        "name": variant.name,
        "kind": variant.kind,
        "promise": asdict(variant.promise),
        "misconception": variant.misconception,
        "lesson": variant.lesson,
        "shows": variant.shows,
        "places": [[edit.file, _line(root / edit.file, edit.find)] for edit in variant.edits]
        + [[file, 1] for file, _ in variant.modules],
        "verdict": correct if variant.kind == CORRECT else grade.faults[variant],
        "broken": trial.broken,
        "noticed_by": {o.test: [o.kind, o.message] for o in trial.outcomes if o.kind != PASSED},
    }


def _line(path: Path, text: str) -> int:
    """Return the line of the file in which this text begins."""
    source = path.read_text(encoding="utf-8")
    begins = source.index(text) + len(text) - len(text.lstrip("\n"))
    return source.count("\n", 0, begins) + 1
