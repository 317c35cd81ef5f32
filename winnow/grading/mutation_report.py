"""A grade in the public schema of mutation testing reports, for the viewers of that format.

The schema has no correct variants and no matrix, and counts a time-out as detected: the full result
is in ``matrix.json``.
"""

import json
from collections.abc import Sequence
from importlib.metadata import version
from itertools import takewhile
from pathlib import Path
from typing import Any

from winnow.grading.record import BROKEN, MISSED, Judged, Record
from winnow.project import read_source
from winnow.trials.messages import PROOF, TIME_OUT
from winnow.variants import Variant

SCHEMA_VERSION = "2.0"
THRESHOLDS = {"high": 100, "low": 80}  # percent of faults caught: a viewer shows it as good, or as poor
STATUS = {**dict.fromkeys(PROOF, "Killed"), TIME_OUT: "Timeout", MISSED: "Survived", BROKEN: "RuntimeError"}


def as_mutation_report(record: Record, variants: Sequence[Variant], root: Path) -> str:
    """Return, as JSON, every faulty variant as a mutant of the file that it changes first."""
    files: dict[str, Any] = {}
    known = {variant.name: variant for variant in variants}
    for fault in record.faults:
        file, text = next(iter(known[fault.name].files(root).items()))
        source = _text(root / file)
        table = files.setdefault(file, {"language": "python", "source": source, "mutants": []})
        table["mutants"].append(_mutant(record, fault) | _change(source, text))
    report = {
        "schemaVersion": SCHEMA_VERSION,
        "framework": {"name": "Winnow", "version": version("pytest-winnow")},
        "thresholds": THRESHOLDS,
        "files": files,
        "testFiles": _test_files(record),
    }
    return json.dumps(report, ensure_ascii=False, indent=1)


def _mutant(record: Record, fault: Judged) -> dict[str, Any]:
    """Return the fields of a mutant, without the change itself."""
    catches = record.catches(fault)
    messages = dict.fromkeys(failure.message for failure in catches.values())
    return {
        "id": fault.name,
        "mutatorName": fault.misconception or "planted",
        "description": fault.promise.en,
        "status": STATUS[fault.verdict],
        "statusReason": f"{fault.broken.cause}: {fault.broken.detail}"
        if fault.broken
        else "\n".join(messages),
        "killedBy": list(catches),
        "testsCompleted": fault.tests,
        "duration": round(fault.seconds * 1000),
    }


def _change(before: str, after: str) -> dict[str, Any]:
    """Return which lines of the first text change, and their replacement."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    start = _alike(old, new)
    end = _alike(old[start:][::-1], new[start:][::-1])
    return {
        "location": {"start": _line(start), "end": _line(len(old) - end)},
        "replacement": "".join(new[start : len(new) - end]),
    }


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many lines at the beginning are the same in both texts."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _line(index: int) -> dict[str, int]:
    """Return the position of a line's beginning, counted from one."""
    return {"line": index + 1, "column": 1}


def _test_files(record: Record) -> dict[str, Any]:
    """Return the suites' tests, by file."""
    files: dict[str, Any] = {}
    for test in record.tests:
        file, _, name = test.partition("::")
        files.setdefault(file, {"tests": []})["tests"].append({"id": test, "name": name})
    return files


def _text(path: Path) -> str:
    """Return a file's text; a variant may add a new file."""
    return read_source(path) if path.exists() else ""
