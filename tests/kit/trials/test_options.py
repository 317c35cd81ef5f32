"""Trials run pytest as the project does; plugins that would harm a trial are accepted without effect."""

import subprocess
import sys

import pytest

from tests.kit.course import GOOD, Course
from winnow.trials.options import Installed, quiet

SETTINGS = """
[tool.winnow]
gate = 'service/main.py'
suites = ['tests']
trial_timeout = 6
[tool.pytest.ini_options]
"""
DESELECTED = "[pytest]\naddopts = --deselect packages/shop/tests/test_it.py::test_no\n"
ABOVE = "import pytest\n@pytest.fixture\ndef above(): ...\n"
NEEDS_ALL_ABOVE = (
    GOOD.replace("test_echo()", "test_echo(above)")
    + "import sys\nsys.path.append('..')\nimport beside\ndef test_no():\n    assert 0\n"
)
QUIET_PLUGIN = """
import pytest
def pytest_addoption(parser):
    parser.addoption("--glitter", type=int)
    parser.addini("glitter_colour", "known under --strict-config")
def pytest_addhooks(pluginmanager):
    import noisy_hooks
    pluginmanager.add_hookspecs(noisy_hooks)
def pytest_configure(config):
    raise RuntimeError("it is not quiet")
@pytest.fixture
def glitter():
    return "glitter"
"""
RUN_QUIET = """
import noisy, pytest
from winnow.trials.options import quiet
pytest.main(["-p", "no:cacheprovider", "test_it.py"], plugins=[quiet(noisy)])
"""


def test_a_quiet_plugin_is_known_and_does_nothing(course):
    """Its option, setting, hook and fixture are there; what it does when pytest starts is not."""
    course.write("noisy.py", QUIET_PLUGIN)
    course.write("noisy_hooks.py", "def pytest_glitter_shines(much): ...\n")
    course.write("run_quiet.py", RUN_QUIET)
    course.write("conftest.py", "def pytest_glitter_shines(much): ...\n")
    course.write("pytest.ini", "[pytest]\naddopts = --glitter 3 --strict-config\nglitter_colour = red\n")
    course.write("test_it.py", "def test_it(glitter):\n    assert glitter == 'glitter'\n")

    run = subprocess.run(
        [sys.executable, "-B", "run_quiet.py"], cwd=course.folder, capture_output=True, text=True, check=False
    )

    assert "1 passed" in run.stdout, run.stdout + run.stderr


@pytest.mark.parametrize("addopts", ["-x --lf", "--maxfail=1", "--sw", "--junitxml=report.xml", "--pdb"])
def test_what_ends_a_run_early_is_switched_off(course, addopts):
    """A project may stop at the first failure; a trial runs all tests, for each may catch a fault."""
    course.write("pyproject.toml", f"{SETTINGS}addopts = '{addopts}'\n")
    course.write("tests/test_two.py", GOOD + GOOD.replace("test_echo", "test_echo_again"))

    run = course.winnow("grade", "tests")

    assert "test_echo: no-prefix" in run.stdout
    assert "test_echo_again: no-prefix" in run.stdout


def test_options_of_pytest_in_the_environment(course, monkeypatch):
    """PYTEST_ADDOPTS and PYTEST_PLUGINS mean in a trial what they mean to pytest itself."""
    course.write("pyproject.toml", SETTINGS)
    course.write("given.py", "import pytest\n@pytest.fixture\ndef given(): ...\n")
    course.write(
        "tests/test_it.py",
        GOOD.replace("test_echo()", "test_echo(given)") + "def test_slow():\n    assert 0\n",
    )
    monkeypatch.setenv("PYTEST_ADDOPTS", "--deselect tests/test_it.py::test_slow")
    monkeypatch.setenv("PYTEST_PLUGINS", "given")

    assert "Caught: 1 of 1 faults." in course.winnow("grade", "tests").stdout


@pytest.mark.parametrize("namespaces", ["", "none"])
def test_configuration_above_the_project(tmp_path, monkeypatch, namespaces):
    """Two folders up, pytest's options, a conftest.py and another package are found, namespaces or not."""
    monkeypatch.setenv("WINNOW_NO_NAMESPACES", namespaces)
    course = Course(tmp_path / "packages" / "shop")
    (tmp_path / "pytest.ini").write_text(DESELECTED)
    (tmp_path / "conftest.py").write_text(ABOVE)
    (tmp_path / "packages" / "beside.py").write_text("")
    course.write("pyproject.toml", SETTINGS.partition("[tool.pytest")[0])
    course.write("tests/test_it.py", NEEDS_ALL_ABOVE)

    run = course.winnow("grade", "tests")

    assert "Valid:" in run.stdout
    assert "Caught: 1 of 1 faults." in run.stdout


def test_an_unknown_option_is_named(course):
    """Where pytest ends over an option, the reason is that option, not the last line that it printed."""
    course.write("pyproject.toml", f"{SETTINGS}addopts = '--no-such-option'\n")
    course.write("tests/test_it.py", GOOD)

    assert "unrecognized arguments: --no-such-option" in course.winnow("grade", "tests").stderr


def test_a_plugin_that_cannot_be_imported_is_named(monkeypatch):
    """The usage error with which pytest ends says which plugin it was."""
    broken = (("glitter", ImportError("the plugin glitter cannot be imported: no module named sequins")),)
    monkeypatch.setattr("winnow.trials.options.installed", lambda: broken)

    with pytest.raises(pytest.UsageError, match="glitter cannot be imported: no module named sequins"):
        Installed().pytest_addoption(pytest.PytestPluginManager())


def test_a_quiet_plugin_is_not_loaded_by_its_name(monkeypatch):
    """Neither ``-p`` nor ``pytest_plugins`` brings it back."""
    monkeypatch.setattr("winnow.trials.options.installed", lambda: (("pytest_cov", quiet(pytest)),))
    manager = pytest.PytestPluginManager()
    Installed().pytest_addoption(manager)

    manager.import_plugin("pytest_cov", consider_entry_points=True)

    assert manager.get_plugin("pytest_cov") is None
    assert manager.get_plugin("quiet-pytest_cov") is not None
