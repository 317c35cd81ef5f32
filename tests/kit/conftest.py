"""What the kit's tests share."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.course import Course, mine
from tests.kit.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A copy of the project, to break things in."""
    return Project(tmp_path)


@pytest.fixture
def course(tmp_path: Path) -> Iterator[Course]:
    """A project to judge suites in; nothing may be left in it, and nothing running."""
    course = Course(tmp_path)
    before = mine()
    yield course
    assert {path.name for path in tmp_path.iterdir()} == course.written
    deadline = time.monotonic() + 5
    while mine() - before:
        assert time.monotonic() < deadline, f"left running: {mine() - before}"
        time.sleep(0.01)
