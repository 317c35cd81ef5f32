"""A grade in words: what `winnow grade` and `winnow faults` print."""

import difflib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from winnow.config import Config
from winnow.grading.record import AS_IT_STANDS, BROKEN, Record
from winnow.trials.messages import Broken, Cause
from winnow.variants import EXAMPLE, Variant

SERVICE_CHANGED = "A variant changes the service, never your file: your suite was run against each as it is."
MEND_FIRST = "Next: make it pass on the service as it stands: plain `pytest` says more of each test."
FEW = 5  # of those alive are told at once
SMALL = 20  # tests: of a suite with so many, each is told


def lines(record: Record, hints: int, *, most: int | None, everything: bool) -> Iterator[str]:
    """Yield the grade, line by line: is the suite valid, how thorough is it, what is alive?

    Of those alive, no more than ``most`` are told, unless everything is asked for.
    """
    yield SERVICE_CHANGED
    yield from _validity(record)
    if not record.variants:
        yield "No test passes on the service as it stands, so no variant was tried."
        yield MEND_FIRST
        return
    yield f"Caught: {len(record.caught)} of {len(record.faults)} faults."
    yield from _tests(record, everything=everything)
    for program, number in Counter(record.left_out.values()).items():
        yield f"Left out: {number} that show only with {program}, which is not on the PATH; install it."
    for variant in record.unproven:
        yield f"  {variant.name}: only a time-out noticed; assert what should have come"
    told = record.survivors if everything else record.survivors[:most]
    for variant in told:
        yield f"  alive: {variant.name}: {variant.promise.here}"
        if variant.verdict == BROKEN and variant.broken:
            yield f"    could not be judged: {reason(variant.broken)}"
        yield from (f"    hint: {hint.here}" for hint in variant.hints[:hints])
    if len(told) < len(record.survivors):
        yield f"  and {len(record.survivors) - len(told)} more that are alive: `--all` names them."
    yield from _next_step(record, hints)


def _validity(record: Record) -> Iterator[str]:
    if record.valid:
        accepted = (
            "every correct variant is accepted" if record.correct else "but there is no correct variant"
        )
        yield f"Valid: {accepted}."
        return
    yield "Not valid: it rejects services that keep every promise. These tests count for nothing:"
    said = ""
    for test, variants in record.false_alarms.items():
        yield f"  {test}: fails on {AS_IT_STANDS if AS_IT_STANDS in variants else ', '.join(variants)}"
        if record.reasons[test] not in ("", said):
            said = record.reasons[test]
            yield f"    {said}"
    for variant in record.variants:
        if variant.broken:
            yield f"  {variant.name}: {reason(variant.broken)}"


def _tests(record: Record, *, everything: bool) -> Iterator[str]:
    """Say what each test notices, or how many notice nothing."""
    if len(record.by_test) <= SMALL:
        for test, variants in record.by_test.items():
            names = ", ".join(variant.name for variant in variants)
            yield f"  {test}: {names or 'notices nothing in this catalogue: does it assert?'}"
    elif idle := record.idle_tests:
        how = "another fault may still need them" if everything else "`--all` names them"
        yield f"{len(idle)} of {len(record.by_test)} tests notice nothing in this catalogue; {how}."
        yield from (f"  {test}" for test in idle if everything)


def _next_step(record: Record, hints: int) -> Iterator[str]:
    if any(AS_IT_STANDS in variants for variants in record.false_alarms.values()):
        yield MEND_FIRST
    elif not record.valid:
        yield "Next: make those tests check what a client sees, not how the service does it."
    elif record.survivors and hints < max(len(fault.hints) for fault in record.survivors):
        yield f"Next: write a test for {record.survivors[0].name}; `--hint {hints + 1}` says more."
    elif record.survivors:
        yield f"Next: write a test for the first alive; `--show {record.survivors[0].name}` shows the change."
    elif not record.faults:
        yield f"Next: write a faulty variant, else nothing is checked; {EXAMPLE}."
    elif not record.unproven:
        yield "Every promise in the catalogue is checked."
    if record.valid and record.survivors:
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


def reason(broken: Broken) -> str:
    """Return why a trial says nothing about the service."""
    detail, subject = broken.detail, broken.subject
    inside = f" in {subject}" if subject else ""
    how = f"with exit code {detail}" if detail.isdecimal() else f"by signal {detail}"
    return {
        Cause.UNCOLLECTED: f"{subject} cannot be collected: {detail}",
        Cause.NO_TESTS: "no test was collected",
        Cause.NOT_TAKEN: "pytest does not take it: it takes Python files, and folders of them",
        Cause.NOT_IMPORTED: "the suite never imported the service",
        Cause.OTHER_COPY: "the suite imported another copy of the service",
        Cause.ALL_SKIPPED: f"every test was skipped: {detail}",
        Cause.STOPPED: f"pytest ended before its time: {detail}",
        Cause.ENDED: f"the process ended{inside} {how}",
        Cause.LATE: f"the trial took more than {detail} s",
        Cause.FOREIGN_OUTPUT: "something else was written where its results belong",
    }[broken.cause]


def cannot_judge(broken: Broken, config: Config) -> tuple[str, str]:
    """Return the problem and the next step where a suite cannot be run on the service as it stands."""
    service = config.service.relative_to(config.root).as_posix()
    module = config.app.partition(":")[0]
    hints = {
        Cause.UNCOLLECTED: "mend that, and see that `pytest` itself can run it",
        Cause.NO_TESTS: "files and functions with tests begin with `test_`",
        Cause.NOT_IMPORTED: f"use the fixture `connect`, or import {module}",
        Cause.OTHER_COPY: f"[tool.winnow] says that {config.app} is imported from {service}: "
        "is that what the tests import?",
    }
    return f"the suite cannot be run: {reason(broken)}", hints.get(
        broken.cause, "make it pass on the service first"
    )
