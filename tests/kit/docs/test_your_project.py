"""docs/your-project.md works exactly as written, and so does the first test file of learners."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from winnow.config import KEYS, Config
from winnow.runs.coverage import Measurement

DOCS = Path(__file__).parents[3] / "docs"
ENGLISH, CHINESE = "your-project.md", "your-project.zh-CN.md"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"^`([\w./-]+)`(?:(?!\n\n).)*\n\n```\w+\n(.*?)^```", re.MULTILINE | re.DOTALL)
KEY = re.compile(r"^\| `(\w+)` \| `?([^`|]+?)`? \|", re.MULTILINE)
COMMENT = re.compile(r"#.*")


def read(name):
    """One of the documents."""
    return (DOCS / name).read_text(encoding="utf-8")


def write(folder, text, without=""):
    """Write the files of a document, without this text in them."""
    files = dict(FILE.findall(text))
    assert len(files) == 6
    for file, content in files.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(content.replace(without, ""), encoding="utf-8")


def run(folder, command):
    """Run one command of a document."""
    program, *arguments = command.split()
    module = {"winnow": "winnow.cli"}.get(program, program)
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=100,
    )


def commands(text):
    """Return the commands of a document."""
    (found,) = (block for language, block in FENCE.findall(text) if language == "sh")
    return found.splitlines()


@pytest.mark.parametrize("name", [ENGLISH, CHINESE])
def test_it_works_as_it_is_written(tmp_path, name):
    """Six files and six commands: the gate holds, and every fault is caught."""
    write(tmp_path, read(name))
    said = ""
    for command in commands(read(name)):
        done = run(tmp_path, command)
        assert done.returncode == 0, done.stdout
        said += done.stdout

    for sentence in (
        "The gate holds.",
        "Caught: 1 of 1 faults.",
        "catches every fault",
        "pytest: green, 10 tests",
    ):
        assert sentence in said
    assert (tmp_path / "reports/index.html").exists()


def measure(folder, without):
    """Follow the document without one line of its configuration, and without the trials."""
    write(folder, read(ENGLISH), without)
    return [run(folder, command) for command in commands(read(ENGLISH)) if command != "winnow faults"]


def test_absolute_paths_work_too(tmp_path):
    """Without ``relative_files``, Winnow also knows which tests ran a line."""
    assert not any(done.returncode for done in measure(tmp_path, "relative_files = true\n"))
    measurement = Measurement.load(Config.load(tmp_path))

    ran = {test for line in measurement.module("quotes/api.py").lines for test in line.tests}
    assert "checks/test_quotes.py::test_no_key[in-process]" in ran


def test_the_gate_needs_branches(tmp_path):
    """If coverage measures no branches, the message names the missing line of the configuration."""
    *_, gate, report = measure(tmp_path, "branch = true\n")

    assert (gate.returncode, report.returncode) == (2, 2)
    assert "coverage measured no branches\n  hint: write `branch = true`" in gate.stdout


def test_both_languages_show_the_same():
    """Both languages show the same files and commands; only the comments differ."""
    english, chinese = (
        COMMENT.sub("", "".join(t for _, t in FENCE.findall(read(n)))) for n in (ENGLISH, CHINESE)
    )

    assert chinese == english
    assert FILE.findall(read(CHINESE))[1:] == FILE.findall(read(ENGLISH))[1:]


@pytest.mark.parametrize("name", [ENGLISH, CHINESE])
def test_it_lists_every_key_with_its_default(name):
    """The table has each key of [tool.winnow], with its default value."""
    defaults = {key: json.dumps(default) for key, (_, default) in KEYS.items()}
    listed = dict(KEY.findall(read(name)))

    assert listed.pop("env_file") in ("none", "无")
    assert listed == {key: default for key, default in defaults.items() if key != "env_file"}


def test_the_first_test_passes():
    """The first test file passes on every transport."""
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", DOCS / "first_test.py"],
        cwd=DOCS.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )

    assert "3 passed" in run.stdout
