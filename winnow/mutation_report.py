"""A grade in the public schema of mutation testing reports, for the viewers of that format.

The schema knows neither correct variants nor a matrix, and counts a time-out as detected:
``reports/matrix.json`` holds the whole.
"""

from collections.abc import Iterator, Sequence
from importlib.metadata import version
from itertools import takewhile
from pathlib import Path
from typing import Any

from winnow.config import Config
from winnow.grade import BROKEN, MISSED, Grade
from winnow.outcomes import PROOF, TIME_OUT
from winnow.pool import Trial
from winnow.variants import Variant

SCHEMA_VERSION = "2.0"
THRESHOLDS = {"high": 100, "low": 80}  # percent of faults caught that a viewer shows as good, and as poor
STATUS = {**dict.fromkeys(PROOF, "Killed"), TIME_OUT: "Timeout", MISSED: "Survived", BROKEN: "RuntimeError"}


def as_mutation_report(grade: Grade, config: Config) -> dict[str, Any]:
    """Return every faulty variant as a mutant of the file that it changes first."""
    files: dict[str, Any] = {}
    for variant, trial in grade.matrix.trials:
        if variant in grade.faults:
            file, mutant = _mutant(grade, variant, trial, config.root)
            files.setdefault(file, _file(config.root / file))["mutants"].append(mutant)
    return {
        "schemaVersion": SCHEMA_VERSION,
        "framework": {"name": "Winnow", "version": version("winnow")},
        "thresholds": THRESHOLDS,
        "files": files,
        "testFiles": _test_files(grade),
    }


def _file(path: Path) -> dict[str, Any]:
    return {"language": "python", "source": _text(path), "mutants": []}


def _mutant(grade: Grade, variant: Variant, trial: Trial, root: Path) -> tuple[str, dict[str, Any]]:
    """Return the file that a variant changes first, and the change there as the schema has it."""
    file, text = next(iter(variant.files(root).items()))
    catches = grade.catches(trial)
    messages = [outcome.message for outcome in trial.outcomes if outcome.test in catches]
    return file, {
        "id": variant.name,
        "mutatorName": variant.misconception or "planted",
        "description": variant.promise.en,
        **_change(_text(root / file), text),
        "status": STATUS[grade.faults[variant]],
        "statusReason": trial.broken or "\n".join(dict.fromkeys(messages)),
        "killedBy": list(catches),
        "testsCompleted": len(trial.outcomes),
        "duration": round(trial.seconds * 1000),
    }


def _change(before: str, after: str) -> dict[str, Any]:
    """Return which lines of the first text differ, and what stands there in the second."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    start = _alike(old, new)
    end = _alike(old[start:][::-1], new[start:][::-1])
    return {
        "location": {"start": _line(start), "end": _line(len(old) - end)},
        "replacement": "".join(new[start : len(new) - end]),
    }


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many lines two texts have in common from their beginning."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _line(index: int) -> dict[str, int]:
    """Return where a line begins, counted from one."""
    return {"line": index + 1, "column": 1}


def _test_files(grade: Grade) -> dict[str, Any]:
    """Return the suites' tests, by file."""
    files: dict[str, Any] = {}
    for file, test in _tests(grade):
        files.setdefault(file, {"tests": []})["tests"].append({"id": test, "name": test.partition("::")[2]})
    return files


def _tests(grade: Grade) -> Iterator[tuple[str, str]]:
    for outcome in grade.matrix.control.outcomes:
        yield outcome.test.partition("::")[0], outcome.test


def _text(path: Path) -> str:
    """Return a file as it stands; a variant may bring a file that is new."""
    return path.read_text(encoding="utf-8") if path.exists() else ""
