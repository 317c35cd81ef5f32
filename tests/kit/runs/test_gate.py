"""The gate: why it passes or fails, and the lines that are printed."""

import pytest

from winnow.runs.coverage import Function, Line, Measurement, Module, Tally
from winnow.runs.gate import Gate
from winnow.runs.text import gate_lines

PATH = "service/endpoint.py"
FULL = Tally(4, 0, 2, 0)


def module(tally, *lines, excluded=0):
    """A measured module whose second line is the function ``answer``."""
    functions = (Function("answer", 1, frozenset({2}), tally, (), ()),)
    return Module(PATH, tally, functions, lines, excluded)


def gate(*modules):
    """The gate of a measurement."""
    return Gate.of(PATH, Measurement(FULL, modules))


MISSED = Line(2, "    return x", "missed", (), ())
PARTIAL = Line(1, "if x:", "partial", (2, -1), ("test",))
EXCLUDED = Line(3, "y = 1  # pragma: no cover", "excluded", (), ())
GATES = {
    "passes": gate(module(FULL)),
    "missing": gate(module(Tally(4, 1, 2, 2), PARTIAL, MISSED)),
    "excluded": gate(module(FULL, EXCLUDED, excluded=1)),
    "empty": gate(module(Tally(0, 0, 0, 0))),
    "unimported": gate(module(Tally(4, 4, 2, 2), MISSED)),
    "absent": gate(),
    "unmeasured": Gate.of(PATH, None),
}


@pytest.mark.parametrize(("cause", "gate"), GATES.items(), ids=GATES)
def test_why_it_passes_or_fails(cause, gate):
    """Every cause is told apart, and only one of them passes."""
    states = {"passes": "passes", "unmeasured": "unmeasured"}

    assert (gate.cause, gate.state) == (cause, states.get(cause, "fails"))


def test_99_99_percent_is_not_100():
    """The percentage is rounded down, and the gate fails."""
    nearly = gate(module(Tally(10_000, 1, 0, 0), MISSED))

    assert (nearly.tally.percent_shown, nearly.state) == ("99.9", "fails")


ENGLISH = f"""\
The gate fails. Some lines or branches of {PATH} did not run.
Covered: 50 % of its statements and branches.
  {PATH}:1 outside any function: the branch to line 2 was never taken: if x:
  {PATH}:1 outside any function: the branch to the end of the module was never taken: if x:
  {PATH}:2 in answer: did not run: return x
Next: Write a test that runs this code, or delete the code if nothing can run it."""
CHINESE = f"""\
门禁未达标。{PATH} 中有些行或分支没有运行。
覆盖率：语句与分支合计 50 %。
  {PATH}:1 位于函数之外：通往第 2 行的分支从未执行：if x:
  {PATH}:1 位于函数之外：通往模块末尾的分支从未执行：if x:
  {PATH}:2 位于 answer：没有运行：return x
下一步：写一个能运行这段代码的测试；如果它不可能运行，就删掉它。"""


@pytest.mark.parametrize(("language", "expected"), [("en", ENGLISH), ("zh", CHINESE)])
def test_the_lines_of_a_failing_gate(monkeypatch, language, expected):
    """The cause, each gap by its line, and what to do about the worst."""
    monkeypatch.setenv("WINNOW_LANG", language)

    assert list(gate_lines(GATES["missing"])) == expected.splitlines()


@pytest.mark.parametrize("cause", ["empty", "absent"])
def test_without_gaps_the_cause_decides_what_to_do(cause):
    """A wrong configuration has no line to point at."""
    *_, step = gate_lines(GATES[cause])

    assert step.startswith("Next: ")
    assert "`gate`" in step


def test_a_gate_that_passes_is_one_line():
    """There is nothing to do."""
    assert list(gate_lines(GATES["passes"])) == [f"The gate holds. Every line and branch of {PATH} ran."]
