"""The content of the page: its headline, its example and its commands."""

import re

import pytest

from tests.kit.project import ROOT
from tests.kit.records import ACCEPTED, CAUGHT, REJECTED, SURVIVOR, TEST, record
from winnow.config import Config
from winnow.report import render
from winnow.report.faults import Checked
from winnow.report.page import Page, headline
from winnow.runs.coverage import Function, Line, Measurement, Module, Tally
from winnow.runs.results import Result, Run
from winnow.runs.summary import Summary

PATH = "service/endpoint.py"
TEMPLATES = sorted((ROOT / "winnow/report/templates").glob("*.j2"))


def summary(*outcomes, exit_code=0, covered=None, deselected=0):
    """The summary of one run, whose gate passes or fails if it was measured."""
    results = [Result(f"test_{n}", outcome, 0.1) for n, outcome in enumerate(outcomes)]
    run = Run("pytest", "pytest", "2026-01-01T00:00:00+00:00", "3.13", exit_code, results, deselected)
    tally = Tally(4, 0 if covered else 1, 0, 0)
    lines = (Line(1, "x = 1", "covered" if covered else "missed", (), ("",)),)
    module = Module(PATH, tally, (Function("f", 1, frozenset({2}), tally, (), ()),), lines, 0)
    return Summary((run,), None if covered is None else Measurement(tally, (module,)), PATH)


def checked(*variants):
    """A grade on the page."""
    return Checked(record(*variants), str)


GOOD, WEAK, WRONG = checked(ACCEPTED, CAUGHT), checked(ACCEPTED, SURVIVOR), checked(REJECTED, SURVIVOR)


@pytest.mark.parametrize(
    ("found", "grade", "key"),
    [
        (summary("failed", exit_code=1, covered=False), WRONG, "bad"),
        (summary("passed", exit_code=-1, covered=True), GOOD, "unfinished"),
        (summary(exit_code=5), None, "empty"),
        (summary("passed", exit_code=3), None, "red"),
        (summary("passed", covered=False), WRONG, "fails"),
        (summary("passed", covered=True, deselected=1), WEAK, "partial"),
        (summary("passed", covered=True), WRONG, "rejected"),
        (summary("passed", covered=True), WEAK, "survived"),
        (summary("passed"), GOOD, "unmeasured"),
        (summary("passed", covered=True), GOOD, "caught"),
        (summary("passed", covered=True), None, "passes"),
    ],
)
def test_the_headline(found, grade, key):
    """The most urgent result comes first: tests, then the gate, then faults."""
    assert headline(found, grade) == f"headline.{key}"


@pytest.fixture
def page(tmp_path):
    """Return a function that makes the page of a grade."""

    def page(*variants, found=None):
        (tmp_path / "pyproject.toml").write_text("[tool.winnow]\nreports = 'out'\n")
        if variants:
            record(*variants).save(tmp_path / "out/matrix.json")
        return Page.of(Config.load(tmp_path), found or summary("passed", covered=True))

    return page


@pytest.mark.parametrize(
    ("variants", "key", "test"),
    [((REJECTED, SURVIVOR), "faults.first_alarm", TEST), ((ACCEPTED, SURVIVOR), "faults.first_survivor", "")],
)
def test_the_example_beside_the_headline(page, variants, key, test):
    """A false alarm is more urgent than a survivor."""
    example = page(*variants).example

    assert (example.key, example.test) == (key, test)


def test_a_good_grade_has_no_example(page):
    """Nor has a page without a grade."""
    assert page(ACCEPTED, CAUGHT).example is None
    assert page(found=summary("passed")).example is None


def test_the_title_is_the_headline(page):
    """Without its full stop, in both languages."""
    found = page(ACCEPTED, SURVIVOR)

    assert found.title("en") == "All suites pass, but one fault survived: no test catches it · Winnow"
    assert found.title("zh") == "测试套件全部通过，但有 1 个缺陷存活：没有测试能发现 · Winnow"


def test_the_page_names_the_commands_of_the_project(page, monkeypatch):
    """Plain commands with the folder that the project names, or sessions."""
    plain = render(page(found=summary("passed")))
    assert "coverage run -m pytest --winnow-results=out/data/pytest.json &amp;&amp; coverage json" in plain
    assert "winnow faults" in plain
    assert "nox" not in plain

    monkeypatch.setenv("WINNOW_COMMAND", "nox -s")
    assert "nox -s coverage" in render(page(found=summary("passed")))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_contain_no_sentences(template):
    """What a reader sees is in the catalogue; and lines are short enough to be read."""
    text = template.read_text("utf-8")
    shown = re.sub(r"(?s)\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<[^>]*>", "", text)

    assert re.findall(r"[A-Za-z]{2,} [A-Za-z]{2,}|[一-龥]{3,}", shown) == []
    assert [line for line in text.splitlines() if len(line) > 120] == []
