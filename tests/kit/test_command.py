"""The command: the folder it runs in, the variants it uses, and the message for its own failures."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.kit.course import GOOD
from tests.kit.project import ROOT
from winnow import cli


def test_another_catalogue_can_be_named(course):
    """``--variants`` names a folder of variants, inside the project or elsewhere."""
    course.variant("faulty", "shouts", '"echo " + text', '"echo " + text.upper()')
    (course.folder / "variants").rename(course.folder / "other")
    course.written = (course.written - {"variants"}) | {"other"}

    run = course.grade(GOOD, "--variants", "other")

    assert run.returncode == 0, run.stderr
    assert "Caught: 2 of 2 faults." in run.stdout


def test_a_folder_that_was_deleted():
    """In a folder that no longer exists, the command says so, in one sentence and the next step."""
    with tempfile.TemporaryDirectory() as folder:
        code = f"import os, runpy; os.rmdir({folder!r}); runpy.run_module('winnow', run_name='__main__')"
        run = subprocess.run(
            [sys.executable, "-c", code, "report"],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        Path(folder).mkdir()

    assert run.returncode == 2
    assert (
        run.stderr == "the current folder no longer exists\n  hint: change to your project's folder first\n"
    )


def test_a_failure_of_the_command_itself_is_a_sentence(monkeypatch, capsys):
    """A bug of ours names its place and what to do; the traceback comes only when it is asked for."""
    monkeypatch.setattr(cli.Config, "load", lambda: 1 / 0)

    with pytest.raises(SystemExit) as ended:
        cli.main(["report"])

    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert "ZeroDivisionError: division by zero" in said
    assert "Traceback" not in said
    monkeypatch.setenv("WINNOW_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        cli.main(["report"])
