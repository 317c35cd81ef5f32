"""The fixtures of the kit's tests."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.kit.course import Course, mine
from tests.kit.project import ROOT, Project
from winnow.config import Config
from winnow.project import CACHE

if TYPE_CHECKING:  # most of these tests need no browser, and run where none is installed
    from playwright.sync_api import Browser

    from tests.kit.browser import Pages


@pytest.fixture(scope="session", autouse=True)
def _english() -> Iterator[None]:
    """Messages are in English, and name the commands themselves, wherever the tests are run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LC_ALL", "en_GB.UTF-8")
        for name in ("WINNOW_LANG", "WINNOW_COMMAND"):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A copy of the project, which a test may break."""
    return Project(tmp_path)


@pytest.fixture
def project_config() -> Config:
    """The configuration of this project."""
    return Config.load(ROOT)


@pytest.fixture
def course(tmp_path: Path) -> Iterator[Course]:
    """A project in which suites are graded; afterwards no new file and no process may be left."""
    course = Course(tmp_path)
    before = mine()
    yield course
    assert {path.name for path in tmp_path.iterdir()} - {CACHE} == course.written
    deadline = time.monotonic() + 5
    while mine() - before:
        assert time.monotonic() < deadline, f"left running: {mine() - before}"
        time.sleep(0.01)


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """One browser for the tests of a module: while a child process runs, no deadlock is reported."""
    from tests.kit.browser import chromium

    with chromium() as browser:
        yield browser


@pytest.fixture
def open_page(browser: "Browser") -> "Iterator[Pages]":
    """A function that opens a page with this language and colour scheme."""
    from tests.kit.browser import Pages

    pages = Pages(browser)
    yield pages
    pages.close()
