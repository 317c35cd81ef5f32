"""One run of a suite: its state, its file, its line in the terminal, and pytest's line with the path."""

import pytest

from winnow.errors import WinnowError
from winnow.runs.results import OUTCOMES, Result, Run, worse
from winnow.runs.text import suite_line

ELSEWHERE = ", but `winnow report` reads only the .json files in reports/data"


def run(*outcomes, exit_code=0, deselected=0):
    """A run of pytest with a test for each outcome."""
    results = [Result(f"test_{number}", outcome, 0.1) for number, outcome in enumerate(outcomes)]
    return Run(
        "pytest", "pytest tests", "2026-01-01T00:00:00+00:00", "3.13.1", exit_code, results, deselected
    )


@pytest.mark.parametrize(
    ("outcomes", "exit_code", "state"),
    [
        (["passed", "skipped", "xfailed"], 0, "green"),
        (["passed", "failed"], 1, "red"),
        (["passed"], 3, "red"),
        (["skipped"], 0, "empty"),
        ([], 5, "empty"),
        (["passed"], -1, "unfinished"),
    ],
)
def test_the_state_of_a_run(outcomes, exit_code, state):
    """A run is green only if it ended well, and some test of it ran and none was bad."""
    assert run(*outcomes, exit_code=exit_code).state == state


def test_the_worse_of_two_outcomes():
    """The order from good to bad is the same in both directions."""
    for number, outcome in enumerate(OUTCOMES):
        for better in OUTCOMES[: number + 1]:
            assert worse(outcome, better) == worse(better, outcome) == outcome


def test_a_run_is_read_back_as_it_was_saved(tmp_path):
    """Every field of every test is kept."""
    saved = run("passed", "failed", exit_code=1, deselected=2)
    saved.results.append(Result("test_it", "error", 1.5, "It works.", "it does not: 消息", "live-sansio"))
    saved.save(tmp_path / "data/pytest.json")

    assert Run.load(tmp_path / "data/pytest.json") == saved


@pytest.mark.parametrize("damage", ["", "[]", "{}", '{"results": 1}', '{"results": [{"id": 1}]}'])
def test_a_damaged_file_is_an_error(tmp_path, damage):
    """The error names the file and the next step."""
    (tmp_path / "pytest.json").write_text(damage)

    with pytest.raises(WinnowError, match=r"pytest\.json contains no valid results.*\n  hint: delete it"):
        Run.load(tmp_path / "pytest.json")


@pytest.mark.parametrize(
    ("language", "found", "line"),
    [
        ("en", run("passed"), "pytest: green, 1 test"),
        (
            "en",
            run("passed", "failed", deselected=3),
            "pytest: red, 2 tests, 1 failed; the command excluded 3 more",
        ),
        (
            "zh",
            run("passed", "failed", deselected=3),
            "pytest：未通过，2 个测试，其中 1 个未通过；命令另外排除了 3 个",
        ),
        ("zh", run(exit_code=-1), "pytest：已中断，0 个测试"),
    ],
)
def test_the_line_of_a_suite(monkeypatch, language, found, line):
    """State, number of tests, and what is bad about them."""
    monkeypatch.setenv("WINNOW_LANG", language)

    assert suite_line(found) == line


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("reports/data/mine.json", ""),
        ("mine.json", ELSEWHERE),
        ("reports/data/mine.txt", ELSEWHERE),
    ],
)
def test_pytest_says_where_results_go(course, path, more):
    """And which folder the report is made from, if that is another one."""
    course.write("test_suite.py", "def test(): pass")
    course.write("reports/README.md", "")
    course.written.add(path.partition("/")[0])

    header = f"winnow: results go to {path}{more}\n"
    assert header in course.pytest(f"--winnow-results={path}", "test_suite.py").stdout


def test_without_a_project_results_are_saved_all_the_same(course):
    """Pytest says what is missing."""
    course.write("pyproject.toml", "")
    course.write("test_suite.py", "def test(): pass")
    course.written.add("mine.json")

    said = course.pytest("--winnow-results=mine.json", "test_suite.py").stdout
    assert "winnow: results go to mine.json; pyproject.toml has no [tool.winnow] table" in said
    assert (course.folder / "mine.json").exists()
