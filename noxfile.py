# /// script
# requires-python = ">=3.11"
# dependencies = ["nox[uv]"]
# ///
"""The nox sessions. Each one prints its commands, so that you can also run them yourself."""

import os
import tomllib
from pathlib import Path

import nox

nox.needs_version = ">=2026.10"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.sessions = ["tests"]  # what a bare `nox` runs; `nox --list` shows the others
nox.options.reuse_venv = "yes"
nox.options.error_on_missing_interpreters = True
nox.options.download_python = "never"

UNITTEST = ["-m", "winnow.unittest_runner", "discover", "-s", "tests/unit", "-t", "."]
PYTEST = ["-m", "pytest", "-o", "testpaths=tests/ws", "--winnow-results=reports/data/pytest.json"]
PYTEST_HTML = ["--html=reports/pytest.html", "--self-contained-html"]
LOWEST = [  # tests that need nothing but Winnow
    "tests/kit/docs/test_your_project.py",
    "--deselect=tests/kit/docs/test_your_project.py::test_the_first_test_passes",  # it is of our service
    "tests/kit/grading/test_grade.py",
    "--deselect=tests/kit/grading/test_grade.py::test_results_do_not_depend_on_the_workers",  # long
    "tests/kit/report/test_page.py",
    "tests/kit/runs",
    "tests/kit/test_config.py",
    "tests/kit/transports",
    "--ignore=tests/kit/transports/test_contract.py",  # it needs Litestar and Channels
    "--ignore=tests/kit/transports/test_answers.py",  # old servers answer some of these differently
    "--deselect=tests/kit/transports/test_fixtures.py::test_the_fixtures_keep_to_their_names[a-connect-that-wraps-ours]",
    "tests/kit/trials",
    "--ignore=tests/kit/trials/test_hostile.py",  # these two are about the system, not about libraries
    "--ignore=tests/kit/trials/test_places.py",
]
CLEAN_UP = 30  # seconds that a benchmark has to clean up after Ctrl-C
os.environ["WINNOW_COMMAND"] = "nox -s"  # messages then name the sessions below
RED_TOO = [0, 1, 2, 5]  # failed, broken or no tests: the report is written first, then the session fails


@nox.session
def tests(session: nox.Session) -> None:
    """Run both suites, each under its own runner, and write reports/index.html."""
    install(session, "test")
    session.run("winnow", "clean")
    session.run("python", *UNITTEST, success_codes=RED_TOO)
    session.run("python", *PYTEST, *PYTEST_HTML, *session.posargs, success_codes=RED_TOO)
    session.run("winnow", "report")


@nox.session
def coverage(session: nox.Session) -> None:
    """Measure both suites, write every report, and check that the endpoint is at 100 %."""
    install(session, "test")
    session.run("winnow", "clean")
    session.run("coverage", "run", *UNITTEST, success_codes=RED_TOO)
    session.run("coverage", "run", *PYTEST, *PYTEST_HTML, *session.posargs, success_codes=RED_TOO)
    session.run("coverage", "combine", "--quiet")
    session.run("coverage", "report")
    session.run("coverage", "html", "--quiet")
    session.run("coverage", "json", "--quiet")
    session.run("winnow", "report")
    session.run("winnow", "gate")


@nox.session
def faults(session: nox.Session) -> None:
    """Run both suites against every variant of the service, and show which faults they catch."""
    install(session, "test")
    session.run("winnow", "faults", *session.posargs)


@nox.session
def grade(session: nox.Session) -> None:
    """Grade any suite with the same variants: -- PATH."""
    install(session, "test")
    session.run("winnow", "grade", *session.posargs)


@nox.session
def mutants(session: nox.Session) -> None:
    """Change the service in many small ways with pytestmut, and show which changes survive."""
    install(session, "mutants")
    session.run("pytestmut", "run", *session.posargs)
    session.run("python", "tests/mutants.py")


@nox.session
def report(session: nox.Session) -> None:
    """Open reports/index.html in a browser, or print its address."""
    install(session, "test")
    session.run("winnow", "open")


@nox.session
def serve(session: nox.Session) -> None:
    """Run the service on 127.0.0.1 with its pages; -- --port 8001 for another port."""
    install(session, "service")
    session.run("python", "-m", "service", *session.posargs)


@nox.session
def kit(session: nox.Session) -> None:
    """Test the kit itself: pages in a browser, configuration, documents."""
    install(session, "kit")
    session.run("pytest", "--override-ini=testpaths=tests/kit", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """List the benchmarks; -- NAME runs one."""
    install(session, "bench")
    session.run("python", "-m", "bench", *session.posargs, interrupt_timeout=CLEAN_UP)


@nox.session
def system(session: nox.Session) -> None:
    """Test real servers: hostile clients, a thousand clients, several workers."""
    install(session, "system")
    session.run("pytest", "--override-ini=testpaths=tests/workers tests/system", *session.posargs)


@nox.session
def lowest(session: nox.Session) -> None:
    """Test Winnow with the lowest versions that it supports."""
    session.install("-e", ".", "--group", "lowest", "--resolution", "lowest-direct")
    session.run("pytest", *LOWEST, *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style with ruff and types with mypy."""
    install(session, "lint")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("mypy")


@nox.session
def fix(session: nox.Session) -> None:
    """Fix and format the code with ruff; `nox -s lint` shows what is left."""
    install(session, "lint")
    session.run("ruff", "check", "--fix", "--exit-zero")
    session.run("ruff", "format")


@nox.session
def lock(session: nox.Session) -> None:
    """Update constraints.txt to the newest version of every package."""
    session.install("uv")
    session.run(
        *("uv", "pip", "compile", "pyproject.toml", "--group", "lint", "--group", "mutants"),
        *("--universal", "--upgrade", "--quiet"),
        *("--no-annotate", "--no-header", "--no-emit-index-url", "--no-emit-find-links"),
        *("--output-file", "constraints.txt"),
    )


def install(session: nox.Session, group: str) -> None:
    """Install Winnow and one group of dependencies, at the versions in constraints.txt."""
    try:
        tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        session.error(f"pyproject.toml cannot be read: {error}. Fix that line, then run this again")
    compiled = {"UV_COMPILE_BYTECODE": "1"}  # once, not at the start of every command
    session.install("-e", ".", "--group", group, "-c", "constraints.txt", env=compiled)


def missing(error: nox.virtualenv.InterpreterNotFound) -> str:
    """Return what to do if a Python version is missing; nox itself says only that it is missing."""
    return f"Python {error.interpreter} is not on this machine: install it, or leave out -P"


nox.virtualenv.InterpreterNotFound.__str__ = missing  # type: ignore[assignment, method-assign]

if __name__ == "__main__":
    nox.main()
