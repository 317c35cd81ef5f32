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
from winnow.outcomes import PASSED
from winnow.pool import Trial
from winnow.variants import CORRECT, Variant, load_misconceptions

SERVICE_CHANGED = "A variant changes the service, never your file: your suite was run against each as it is."
IDLE = "Notice nothing in this catalogue (another fault may still need them):"


def lines(grade: Grade, hints: int) -> Iterator[str]:
    """Yield the grade, line by line: is the suite valid, how thorough is it, what is alive?"""
    yield SERVICE_CHANGED
    yield from _validity(grade)
    if not grade.matrix.trials:
        yield "No test passes on the service as it stands, so no variant was tried."
        return
    yield f"Caught: {len(grade.caught)} of {len(grade.faults)} faults."
    for program, number in Counter(variant.needs for variant in grade.matrix.left_out).items():
        yield f"Left out: {number} that show only with {program}, which is not on the PATH; install it."
    for variant in grade.unproven:
        yield f"  {variant.name}: only a time-out noticed; assert what should have come"
    for variant in grade.alive:
        yield f"  alive: {variant.name}: {variant.promise.here}"
        if grade.faults[variant] == BROKEN:
            yield f"    could not be judged: {grade.broken[variant.name]}"
        yield from (f"    hint: {hint.here}" for hint in variant.hints[:hints])
    if grade.idle_tests:
        yield IDLE
        yield from (f"  {test}" for test in grade.idle_tests)
    yield from _next_step(grade, hints)


def _validity(grade: Grade) -> Iterator[str]:
    if grade.valid:
        yield "Valid: every correct variant is accepted."
        return
    yield "Not valid: it rejects services that keep every promise. These say too much, and count for nothing:"
    for test, variants in grade.false_alarms.items():
        yield f"  {test}: fails on {', '.join(variants)}"
    for name, reason in grade.broken.items():
        yield f"  {name}: {reason}"


def _next_step(grade: Grade, hints: int) -> Iterator[str]:
    if not grade.valid:
        yield "Next: make those tests check what a client sees, not how the service does it."
    elif grade.alive and hints < max(len(variant.hints) for variant in grade.alive):
        yield f"Next: write a test for the first that is alive; `--hint {hints + 1}` says more."
    elif grade.alive:
        yield f"Next: write a test for the first alive; `--show {grade.alive[0].name}` shows the change."
    elif not grade.unproven:
        yield "Every promise in the catalogue is checked."


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
