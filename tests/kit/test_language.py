"""The language of a terminal, and the commands in messages."""

import re

import pytest

from winnow.commands import COMMANDS, command
from winnow.config import Config
from winnow.errors import WinnowError
from winnow.i18n import LOCALE, language, say, say_in

ENGLISH_WORDS = re.compile(r"[a-z]{2,} [a-z]{2,}")


@pytest.fixture
def speak(monkeypatch):
    """Return a function that sets the variables of the environment which decide the language."""

    def speak(**variables):
        for name in ("WINNOW_LANG", *LOCALE):
            monkeypatch.delenv(name, raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return language()

    return speak


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "en_GB.UTF-8"}, "en"),
        ({"LC_MESSAGES": "de_DE.UTF-8", "LC_ALL": "zh_TW"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": ""}, "zh"),
        ({"LC_ALL": "zh_CN.UTF-8", "WINNOW_LANG": "en"}, "en"),
        ({"LC_ALL": "en_GB.UTF-8", "WINNOW_LANG": "zh"}, "zh"),
    ],
)
def test_the_language_of_a_terminal(speak, variables, expected):
    """WINNOW_LANG comes before the locale, and in the locale LC_ALL before LC_MESSAGES before LANG."""
    assert speak(**variables) == expected


def test_one_thing_is_singular_in_english():
    """Chinese has no plural."""
    assert say_in("en", "suite.count", n=1) == "1 test"
    assert say_in("en", "suite.count", n=2) == "2 tests"
    assert say_in("zh", "suite.count", n=1) == "1 个测试"


def test_an_error_is_in_one_language(speak):
    """Problem, hint and the word before it."""
    speak(WINNOW_LANG="zh")
    error = WinnowError("unknown-key", key="gates", keys="gate")

    assert error.slug == "unknown-key"
    assert str(error) == "[tool.winnow] 中有未知的键 'gates'\n  提示：可用的键有：gate"


def test_a_wrong_language_is_an_error(tmp_path, speak):
    """The two that there are are named."""
    speak(WINNOW_LANG="fr")
    (tmp_path / "pyproject.toml").write_text("[tool.winnow]")

    with pytest.raises(WinnowError, match=r"WINNOW_LANG is 'fr'.*\n  hint: set it to `en` or `zh`"):
        Config.load(tmp_path)


def test_an_option_comes_first(course):
    """``--lang`` stands before or after the command, and decides for its help as well."""
    for arguments in (["--lang", "zh", "gate"], ["gate", "--lang=zh"]):
        assert "没有测试结果" in course.winnow(*arguments, language="en_GB.UTF-8").stderr
    assert "there are no results" in course.winnow("gate", "--lang=en", language="zh_CN.UTF-8").stderr


@pytest.mark.parametrize(
    "arguments", [["--help"], ["grade", "--help"], ["grades"], ["gate", "--x"], ["gate", "--lang"]]
)
def test_help_and_usage_errors_are_in_chinese(course, arguments):
    """Not a sentence of argparse's own is left in English."""
    run = course.winnow(*arguments, language="zh_CN.UTF-8")
    said = re.sub(r"winnow \w+", "winnow", run.stdout + run.stderr)

    assert "用法：winnow" in said
    assert ENGLISH_WORDS.findall(said) == []


@pytest.mark.parametrize("arguments", [["--version"], ["clean", "--version"]])
def test_the_version(course, arguments):
    """``winnow --version`` prints it; a command has no version of its own."""
    run = course.winnow(*arguments)

    assert (run.stdout.startswith("winnow 0."), run.returncode) == (
        (True, 0) if len(arguments) == 1 else (False, 2)
    )


def test_a_command_is_named_as_it_is_typed(monkeypatch):
    """By itself, or by the session of a noxfile, with the arguments where each takes them."""
    assert command("grade", "test_it.py", "--all") == "winnow grade test_it.py --all"
    assert command("tests", data="out/data") == "pytest --winnow-results=out/data/pytest.json"

    monkeypatch.setenv("WINNOW_COMMAND", "nox -s")
    assert command("grade", "test_it.py", "--all") == "nox -s grade -- test_it.py --all"
    assert command("tests", data="out/data") == "nox -s tests"


def test_every_session_exists(project):
    """Our noxfile sets the variable, and has each session that messages name."""
    listed = project.run("nox", "--list").stdout

    assert 'os.environ["WINNOW_COMMAND"] = "nox -s"' in project.path("noxfile.py").read_text("utf-8")
    assert [session for _, session in COMMANDS.values() if f" {session} ->" not in listed] == []


def test_messages_name_the_folders_of_the_project(course):
    """Folders have the names that the configuration gives them."""
    course.write("pyproject.toml", "[tool.winnow]\nreports = 'out'\nvariants = 'changes'\n")

    assert "there are no results in out/data" in course.winnow("report").stderr
    assert "run `pytest --winnow-results=out/data/pytest.json` first" in course.winnow("report").stderr
    assert say("error.no-variants.problem", folder="changes") in course.grade("def test(): pass").stderr
