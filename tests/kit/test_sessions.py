"""The nox sessions, on a broken copy of the project."""

import pytest

pytestmark = pytest.mark.timeout(180)
TRACEBACK = "Traceback (most recent call last)"


def test_coverage_is_green_as_it_stands(project):
    """Both suites pass, the gate holds, and every report is there."""
    run = project.nox("coverage")

    assert run.returncode == 0, run.stdout
    assert "The gate holds. Every line and branch of service/endpoint.py ran." in run.stdout
    for page in ("index.html", "pytest.html", "coverage/index.html", "data/coverage.json"):
        assert project.path(f"reports/{page}").exists(), page


def test_a_branch_that_is_never_taken_fails_the_gate(project):
    """The line is named with its function and the next step, and the page shows it."""
    project.edit(
        "service/endpoint.py",
        "    return f",
        "    if text == 'open sesame':\n        return 'never said'\n    return f",
    )

    run = project.nox("coverage")

    assert run.returncode == 1
    number = project.path("service/endpoint.py").read_text("utf-8").split("never said")[0].count("\n") + 1
    assert f"service/endpoint.py:{number} in answer: did not run: return 'never said'" in run.stdout
    assert (
        f"service/endpoint.py:{number - 1} in answer: the branch to line {number} was never taken"
        in run.stdout
    )
    assert "Next: Write a test that runs this code" in run.stdout
    assert TRACEBACK not in run.stdout
    assert "never said" in project.path("reports/index.html").read_text("utf-8")


def test_an_excluded_line_fails_the_gate(project):
    """A line that is excluded from the measurement does not count as run."""
    project.edit(
        "service/endpoint.py",
        "    return f",
        "    if text == 'x':  # pragma: no cover\n        return 'y'\n    return f",
    )

    run = project.nox("coverage")

    assert run.returncode == 1
    assert "excluded from the measurement" in run.stdout


def test_a_broken_service_is_red_in_the_terminal_and_on_the_page(project):
    """A red suite fails the session after the page was written, and the page names the tests."""
    project.edit("service/endpoint.py", 'f"消息是: {text}"', 'f"消息: {text}"')

    run = project.nox("tests")

    assert run.returncode == 1
    assert "unittest: red" in run.stdout
    assert "pytest: red" in run.stdout
    page = project.path("reports/index.html").read_text("utf-8")
    assert "test_replies_keep_their_order" in page


def test_a_module_that_does_not_import_is_broken_not_red(project):
    """The page names the module, since none of its tests ran."""
    project.path("tests/ws/test_echo.py").write_text("import nothing_of_that_name\n")

    run = project.nox("tests")

    assert run.returncode == 1
    assert "tests/ws/test_echo.py" in project.path("reports/index.html").read_text("utf-8")


def test_a_broken_pyproject_is_one_sentence(project):
    """Nox says what is wrong and what to do, before anything is installed."""
    project.path("pyproject.toml").write_text("[project\n")

    run = project.nox("tests")

    assert run.returncode != 0
    assert "pyproject.toml cannot be read" in run.stdout
    assert "Fix that line" in run.stdout
    assert TRACEBACK not in run.stdout


def test_reports_that_cannot_be_written_are_one_sentence(project):
    """The session stops before the suites run."""
    project.path("reports").write_text("in the way")

    run = project.nox("coverage")

    assert run.returncode != 0
    assert "reports/ cannot be written" in run.stdout
    assert "hint: " in run.stdout
    assert TRACEBACK not in run.stdout


def test_a_port_that_is_taken_is_one_sentence(project, tmp_path):
    """``python -m service`` names the port and another one."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        run = project.run("service", "--port", str(taken.getsockname()[1]))

    assert run.returncode == 1
    assert "hint: try --port" in run.stdout
    assert TRACEBACK not in run.stdout


@pytest.mark.parametrize("command", ["report", "gate", "open"])
def test_a_command_that_comes_too_early_says_what_comes_first(project, command):
    """Before the first run, the error names the command to run first."""
    run = project.run("winnow.cli", command)

    assert run.returncode == 2
    assert "hint: run `" in run.stdout
    assert TRACEBACK not in run.stdout
