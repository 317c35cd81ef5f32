"""[tool.winnow]: its keys and values, and the errors for wrong ones."""

import pytest

from winnow.config import Config
from winnow.errors import WinnowError


@pytest.fixture
def project(tmp_path):
    """Return a function that writes a project's pyproject.toml and reads it."""

    def load(text):
        (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
        return Config.load(tmp_path)

    return load


def test_paths_are_below_the_project(project, tmp_path):
    """A path in the table is relative to the file it stands in."""
    config = project('[tool.winnow]\nservice = "app"\nsuites = ["tests/a", "tests/b"]\ntimeout = 1')

    assert config.service == tmp_path / "app"
    assert config.suites == (tmp_path / "tests/a", tmp_path / "tests/b")
    assert config.timeout == 1.0


def test_defaults_are_below_the_project_too(project, tmp_path):
    """What the table leaves out is found in the usual place."""
    config = project("[tool.winnow]")

    assert (config.gate, config.reports) == (tmp_path / "service/endpoint.py", tmp_path / "reports")


def test_a_folder_below_finds_the_project(project, tmp_path):
    """A command may be typed anywhere in the project."""
    project("[tool.winnow]")
    (tmp_path / "deep/down").mkdir(parents=True)

    assert Config.load(tmp_path / "deep/down").root == tmp_path


@pytest.mark.parametrize(
    ("text", "problem", "hint"),
    [
        pytest.param("[tool", "not valid TOML", "fix that line", id="no-toml"),
        pytest.param("[tool.other]", "no [tool.winnow] table", "add the table", id="no-table"),
        pytest.param("[tool.winnow]\ngates = 1", "unknown key 'gates'", "gate", id="typo"),
        pytest.param("[tool.winnow]\ngate = 1", "gate is 1", "write a path inside the project", id="no-path"),
        pytest.param("[tool.winnow]\ntimeout = 0", "timeout is 0", "seconds above 0", id="no-time"),
        pytest.param("[tool.winnow]\ntimeout = true", "timeout is True", "seconds above 0", id="no-number"),
        pytest.param("[tool.winnow]\nsuites = 'tests'", "suites is 'tests'", "list of paths", id="no-list"),
        pytest.param("[tool.winnow]\ntimeout = inf", "timeout is inf", "seconds above 0", id="for-ever"),
        pytest.param("[tool.winnow]\nplugins = 'x'", "plugins is 'x'", "list of names", id="no-names"),
        pytest.param("[tool.winnow]\nreports = '.'", "reports is '.'", "inside", id="the-project-itself"),
        pytest.param("[tool.winnow]\nreports = '../x'", "reports is '../x'", "inside", id="outside"),
        pytest.param(
            "[tool.winnow]\nreports = 'service'",
            "which overlaps 'service'",
            "a separate folder for reports",
            id="the-service",
        ),
        pytest.param(
            "[tool.winnow]\nreports = 'tests/r'",
            "which overlaps 'tests'",
            "a separate folder for reports",
            id="in-a-suite",
        ),
        pytest.param("[tool.winnow]\napp = 'main'", "app is 'main'", "module:attribute", id="no-app"),
    ],
)
def test_a_wrong_table_is_explained(project, text, problem, hint):
    """The error names the evidence, and the next step."""
    with pytest.raises(WinnowError) as error:
        project(text)

    assert problem in error.value.problem
    assert hint in error.value.hint


def test_no_project_at_all(tmp_path):
    """Outside a project there is nothing to read."""
    with pytest.raises(WinnowError, match=r"no pyproject\.toml"):
        Config.load(tmp_path)
