"""docs/your-project.md, followed to the letter, and the test file that learners begin with."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
ENGLISH, CHINESE = "your-project.md", "your-project.zh-CN.md"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"^`([\w./-]+)`(?:(?!\n\n).)*\n\n```\w+\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMENT = re.compile(r"#.*")


def read(name):
    """One of the documents."""
    return (DOCS / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [ENGLISH, CHINESE])
def test_it_works_as_it_is_written(tmp_path, name):
    """Five files, six commands: the gate holds, and every fault is caught."""
    files = dict(FILE.findall(read(name)))
    assert len(files) == 5
    for file, text in files.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text, encoding="utf-8")
    (commands,) = (text for language, text in FENCE.findall(read(name)) if language == "sh")
    said = ""
    for command in commands.splitlines():
        program, *arguments = command.split()
        module = {"winnow": "winnow.cli"}.get(program, program)
        run = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
        )
        assert run.returncode == 0, run.stdout + run.stderr
        said += run.stdout

    for sentence in ("The gate holds", "Caught: 1 of 1 faults.", "Every promise", "pytest: green, 9 tests"):
        assert sentence in said
    assert (tmp_path / "reports/index.html").exists()


def test_both_languages_show_the_same():
    """The same files and commands, but for the comments."""
    english, chinese = (
        COMMENT.sub("", "".join(t for _, t in FENCE.findall(read(n)))) for n in (ENGLISH, CHINESE)
    )

    assert chinese == english
    assert FILE.findall(read(CHINESE))[1:] == FILE.findall(read(ENGLISH))[1:]


def test_the_first_test_passes():
    """On every transport."""
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", DOCS / "first_test.py"],
        cwd=DOCS.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )

    assert "3 passed" in run.stdout
