"""Suites are graded in projects with other structures than this one."""

import tempfile
from pathlib import Path
from posixpath import normpath

import pytest

from tests.kit.course import GOOD, SERVICE

CAUGHT = "Caught: 1 of 1 faults."
FIXTURE = """
import pytest

@pytest.fixture
def expected():
    return "echo hi"
"""
USES_FIXTURE = GOOD.replace("def test_echo():", "def test_echo(expected):").replace('"echo hi"', "expected")
ASYNC_TEST = """
@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_it(anyio_backend):
    assert anyio_backend
"""
CONNECTS = """
def test_it(connect):
    with connect("/") as ws:
        ws.send("hi")
        assert ws.recv() == "echo hi"
"""
NEW = """
def test_one(app):
    assert not app.routes[1:]
    app.routes.append(None)
"""


def test_a_file_brings_what_its_conftest_gives(course):
    """And so does a folder below one, and a helper beside a file."""
    course.write("conftest.py", FIXTURE)
    course.write("suite/__init__.py", "")
    course.write("suite/words.py", 'HI = "hi"')
    course.write("suite/test_it.py", USES_FIXTURE.replace('send_text("hi")', "send_text(HI)"))
    with (course.folder / "suite/test_it.py").open("a") as file:
        file.write("from suite.words import HI\n")
    course.write("deep/below/test_it.py", USES_FIXTURE)

    for suite in ("suite/test_it.py", "suite", "deep/below"):
        assert CAUGHT in course.winnow("grade", suite).stdout


def test_a_failure_says_why(course):
    """What fails on the unchanged service is told with its message."""
    run = course.grade("from service import main\ndef test(): assert main.answer('x') == 'y'")

    assert "test_suite.py::test: fails on the unchanged service\n    assert 'echo x' == 'y'" in run.stdout


def test_a_package_below_src(course):
    """Where the package is imported from its folder's folder."""
    course.write("pyproject.toml", "[tool.winnow]\nservice = 'src/echoes'\napp = 'echoes.main:app'\n")
    course.write("src/echoes/__init__.py", "")
    course.write("src/echoes/main.py", SERVICE)
    course.retarget("src/echoes/")

    run = course.grade(GOOD.replace("service", "echoes"))
    assert CAUGHT in run.stdout, run.stderr


def test_options_of_pytest_and_its_plugins(course):
    """What a suite needs to be collected and run is taken along."""
    course.write(
        "pyproject.toml",
        """
        [tool.winnow]
        plugins = ["shapes", "anyio.pytest_plugin"]
        [tool.pytest.ini_options]
        python_files = ["*_check.py"]
        pythonpath = ["helpers"]
        """,
    )
    course.write("shapes.py", FIXTURE)
    course.write("helpers/words.py", "HELLO = 'hi'\n")
    course.write("suite/echo_check.py", f"import pytest, words\n{USES_FIXTURE}\n{ASYNC_TEST}")

    run = course.winnow("grade", "suite")
    assert CAUGHT in run.stdout, run.stdout + run.stderr
    assert "Valid" in run.stdout


@pytest.mark.parametrize("file", ["/x.py", "../x.py", "test_suite.py", "service/../x.py"])
def test_a_variant_changes_the_service_only(course, file):
    """Neither a suite nor anything outside."""
    course.write(
        "variants/faulty/escaping.toml", f"promise = 'x'\n[[module]]\nfile = '{file}'\ncontent = ''\n"
    )

    run = course.grade(GOOD)
    assert run.returncode == 2
    assert f"'escaping' changes {normpath(file)}, which is not a file of the service" in run.stderr


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[[edits]]\n", "unknown key 'edits'"),
        ("[promise]\nen = 'x'\n", "has no 'zh'"),
        ("promise = 'x'\n[[module]]\nfile = 'service/main.py'\ncontent = 'def'\n", "is not valid Python"),
    ],
    ids=["typo", "one-language", "no-python"],
)
def test_a_variant_that_is_none(course, text, problem):
    """It is named, with what is wrong with it, and nothing counts as caught."""
    course.write("variants/faulty/wrong.toml", text)

    run = course.grade(GOOD)
    assert run.returncode == 2
    assert "wrong" in run.stderr
    assert problem in run.stderr


def test_help(course):
    """Every command says what it does."""
    for command in ([], ["gate"], ["grade"]):
        run = course.winnow(*command, "--help")
        assert run.returncode == 0
        assert "usage: winnow" in run.stdout


def test_transports_of_ones_own(course):
    """A fixture of that name is its owner's; a name that is none is told."""
    course.write("pyproject.toml", "[tool.winnow]\napp = 'service.main:app'\n")
    course.write(
        "test_suite.py",
        """
        import pytest

        @pytest.fixture
        def transport():
            return "mine"

        def test_mine(transport):
            assert transport == "mine"
        """,
    )
    assert "1 passed" in course.pytest("test_suite.py").stdout

    for names in ("'live'", ""):
        text = f"import pytest\n@pytest.mark.transports({names})\ndef test(connect): pass\n"
        course.write("test_suite.py", text)
        run = course.pytest("test_suite.py")
        assert "the transports are in-process, live-sansio, live-wsproto, but the marker names" in run.stdout


def test_a_variant_that_does_not_start(course):
    """It is told by its own name and error, though only a conftest.py imports the service."""
    course.variant("correct", "unborn", "def answer", "undefined\ndef answer")
    course.write("suite/conftest.py", "from service.main import app")
    course.write("suite/test_suite.py", GOOD)

    run = course.winnow("grade", "suite")

    assert run.returncode == 1
    assert (
        "no result on unborn: conftest.py cannot be collected: NameError: name 'undefined' is not defined"
        in run.stdout
    )


def test_a_suite_has_a_folder_for_its_files(course):
    """The folder for temporary files is empty, is not in the project, and goes with the trial."""
    place = (
        "import pathlib, tempfile\n"
        "place = pathlib.Path(tempfile.gettempdir())\n"
        "assert not list(place.iterdir()) and not place.is_relative_to(pathlib.Path.cwd())\n"
        "tempfile.mkstemp(prefix='winnow-left-')\n"
    )

    assert course.grade(place + GOOD).returncode == 0
    assert not list(Path(tempfile.gettempdir()).glob("winnow-left-*"))


def test_a_function_that_makes_applications(course):
    """Each test has one of its own, made without arguments."""
    course.write("pyproject.toml", "[tool.winnow]\napp = 'service.main:create_app'\n")
    with (course.folder / "service/main.py").open("a") as file:
        file.write("def create_app(title='Echo'): return Starlette(routes=app.routes[:])\n")
    course.write("test_suite.py", f"{CONNECTS}\n{NEW}\n{NEW.replace('test_one', 'test_another')}")

    assert "5 passed" in course.pytest("test_suite.py").stdout


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ("app = 'service.main:ap'", "[tool.winnow] app is 'service.main:ap', but service.main has no 'ap'"),
        ("ap = 'service.main:app'", "[tool.winnow] has an unknown key 'ap'"),
    ],
    ids=["application", "key"],
)
def test_a_fixture_that_cannot_be_made(course, table, problem):
    """The key in pyproject.toml is named, without a traceback of ours."""
    course.write("pyproject.toml", f"[tool.winnow]\n{table}\n")
    course.write("test_suite.py", CONNECTS)

    said = course.pytest("test_suite.py").stdout
    assert problem in said
    assert "pytest_plugin.py" not in said


def test_a_service_without_init(course):
    """A folder of modules is a package, too."""
    course.write("pyproject.toml", "[tool.winnow]\nservice = 'echoes'\napp = 'echoes.main:app'\n")
    course.write("echoes/main.py", SERVICE)
    course.retarget("echoes/")

    run = course.grade(GOOD.replace("service", "echoes"))
    assert "Caught: 1 of 1 faults." in run.stdout, run.stderr


def test_a_surprise_is_a_failure(course):
    """A test that was strictly expected to fail, and passes, fails without raising anything."""
    surprise = f"import pytest\n{GOOD}\n@pytest.mark.xfail(strict=True)\ndef test_surprise(): pass\n"

    run = course.grade(surprise)
    assert run.returncode == 1
    assert "test_suite.py::test_surprise: fails on the unchanged service" in run.stdout


def test_a_service_that_is_not_there(course):
    """The key that names it is named."""
    course.write("pyproject.toml", "[tool.winnow]\nservice = 'servise'\n")

    run = course.grade(GOOD)
    assert run.returncode == 2
    assert run.stderr.startswith("there is no service")
