"""The grade as a mutation testing report for other viewers."""

import json
from pathlib import Path

import jsonschema
import pytest

from winnow.config import Config
from winnow.grading.grade import grade
from winnow.grading.mutation_report import as_mutation_report
from winnow.trials.matrix import Matrix
from winnow.trials.messages import Broken, Cause, Outcome, Trial
from winnow.variants import FAULTY, load_variants

ROOT = Path(__file__).parents[3]
CONFIG = Config.load(ROOT)
VARIANTS = load_variants(CONFIG.variants, ROOT, CONFIG.service)
FAULTS = {variant.name: variant for variant in VARIANTS if variant.kind == FAULTY}
SCHEMA = json.loads(Path(__file__).with_name("mutation_report.schema.json").read_text(encoding="utf-8"))
TEST = "tests/ws/test_echo.py::test_reply[in-process]"
PASSED = Outcome(TEST, "passed", 0.1)


def report(outcome, broken=None):
    """Return the report of a suite of one test that says this of every variant."""
    trials = tuple((v, Trial(v.name, (outcome,), broken, 0.25)) for v in VARIANTS if v.kind == FAULTY)
    control = Trial("control", (PASSED,), None, 0.2)
    record = grade(Matrix("2026-01-01", ("tests/ws",), control, trials), ROOT)
    return json.loads(as_mutation_report(record, VARIANTS, ROOT))


def mutants(report):
    """Return each mutant with its file and that file's source."""
    for name, file in report["files"].items():
        for mutant in file["mutants"]:
            yield mutant, name, file["source"]


@pytest.mark.parametrize(
    ("kind", "broken", "status"),
    [
        ("assertion", None, "Killed"),
        ("error", None, "Killed"),
        ("deadlock", None, "Killed"),
        ("time-out", None, "Timeout"),
        ("passed", None, "Survived"),
        ("passed", Broken(Cause.ENDED, "SIGKILL"), "RuntimeError"),
    ],
)
def test_it_follows_the_public_schema(kind, broken, status):
    """Whatever the verdicts are, the report is valid, and each mutant has the verdict's status."""
    found = report(Outcome(TEST, kind, 0.1, "1 != 2"), broken)

    jsonschema.validate(found, SCHEMA)
    assert {mutant["status"] for mutant, _, _ in mutants(found)} == {status}
    assert {mutant["id"] for mutant, _, _ in mutants(found)} == FAULTS.keys()


def test_a_broken_report_is_noticed():
    """The schema is one that can fail."""
    found = report(PASSED)
    next(mutants(found))[0]["status"] = "Alive"

    with pytest.raises(jsonschema.ValidationError, match="Alive"):
        jsonschema.validate(found, SCHEMA)


def test_a_mutant_is_the_change():
    """Its replacement at its location gives exactly the variant's file."""
    for mutant, file, source in mutants(report(PASSED)):
        start, end = (offset(source, mutant["location"][edge]) for edge in ("start", "end"))

        changed = source[:start] + mutant["replacement"] + source[end:]

        assert changed == FAULTS[mutant["id"]].files(ROOT)[file]


def test_it_names_who_noticed_what():
    """The killers of a mutant are tests in the report, and its reason is their message."""
    found = report(Outcome(TEST, "assertion", 0.1, "1 != 2"))
    known = {test["id"] for file in found["testFiles"].values() for test in file["tests"]}
    mutant, _, _ = next(mutants(found))

    assert known == {TEST}
    assert (mutant["killedBy"], mutant["statusReason"]) == ([TEST], "1 != 2")


def offset(text, position):
    """Return where a line and a column, counted from one, are in a text."""
    return sum(map(len, text.splitlines(keepends=True)[: position["line"] - 1])) + position["column"] - 1
