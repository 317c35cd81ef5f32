"""What the kit's tests share."""

import time

import pytest

from tests.kit.browser import DESK, chromium
from tests.kit.course import Course, mine
from tests.kit.project import ROOT, Project
from winnow.config import Config


@pytest.fixture(scope="session", autouse=True)
def _english():
    """Messages are in English, and name the commands themselves, wherever the tests are run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LC_ALL", "en_GB.UTF-8")
        for name in ("WINNOW_LANG", "WINNOW_COMMAND"):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture
def project(tmp_path):
    """A copy of the project, to break things in."""
    return Project(tmp_path)


@pytest.fixture
def project_config():
    """The configuration of this project."""
    return Config.load(ROOT)


@pytest.fixture
def course(tmp_path):
    """A project to judge suites in; nothing may be left in it, and nothing running."""
    course = Course(tmp_path)
    before = mine()
    yield course
    assert {path.name for path in tmp_path.iterdir()} == course.written
    deadline = time.monotonic() + 5
    while mine() - before:
        assert time.monotonic() < deadline, f"left running: {mine() - before}"
        time.sleep(0.01)


@pytest.fixture(scope="session")
def browser():
    """One browser for all these tests."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def open_page(browser):
    """Return a function that opens a page for somebody with this language and colour scheme."""
    said = []

    def open_page(address, language="en", colours="light", size=DESK):
        context = browser.new_context(locale=language, color_scheme=colours, viewport=size)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(5_000)
        page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: said.append(f"error: {error}"))
        page.goto(address)
        return page

    contexts = []
    open_page.said = said
    yield open_page
    for context in contexts:
        context.close()
