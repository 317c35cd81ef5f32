"""docs/connect.md: its examples run, and its table is the one that the tests check."""

import re
import subprocess
import sys

import pytest

from tests.kit.docs.test_your_project import DOCS, FENCE, FILE
from tests.ws.test_divergences import COLUMNS, TABLE
from winnow.transports import Session

ENGLISH, CHINESE = ((DOCS / name).read_text(encoding="utf-8") for name in ("connect.md", "connect.zh-CN.md"))
ROW = re.compile(r"^\| [^|]+ \| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
WORDS = {"关闭": "closed", "拒绝": "refused", "抛出": "raised", "收到": "received"}


@pytest.mark.parametrize("text", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_every_example_runs(tmp_path, text):
    """The files of the page are a project, and its tests pass on every transport."""
    files = dict(FILE.findall(text))
    assert len(files) == len(FENCE.findall(text)) == 7
    for file, content in files.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(content, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "checks"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)

    assert "35 passed" in done.stdout, done.stdout


@pytest.mark.parametrize("text", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_the_table_is_the_one_that_runs(text):
    """Each row is equal to the row in tests/ws/test_divergences.py."""
    for word, english in WORDS.items():
        text = text.replace(f"| {word}", f"| {english}")
    header, *rows = ROW.findall(text)

    assert header == COLUMNS
    assert rows == list(TABLE.values())


def test_everything_that_a_session_offers_is_there():
    """Each public name of a session is on the page."""
    names = [name for name in dir(Session) if not name.startswith("_")] + ["subprotocol", "headers"]

    assert [name for name in names if f"ws.{name}" not in ENGLISH and name not in ENGLISH] == []
