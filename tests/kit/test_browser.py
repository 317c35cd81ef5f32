"""The pages, in a real browser: the playground against a live server, the report from file://."""

import itertools
import socket
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest

from service.main import create_app
from service.settings import Settings
from tests.kit.browser import chromium, complaints, overflow
from tests.kit.project import Project
from winnow.config import Config
from winnow.grading.record import Failure, Judged, Record
from winnow.i18n import Text
from winnow.report import write_report
from winnow.runs.summary import Summary
from winnow.transports.live import LiveServer
from winnow.variants import Misconception

pytestmark = pytest.mark.timeout(180)
LOOKS = list(itertools.product(["en", "zh-CN"], ["light", "dark"]))
TEST = "tests/ws/test_echo.py::test_replies_keep_their_order[in-process]"

OTHER = "tests/ws/test_echo.py::test_the_service_sends_no_greeting[in-process]"


NOBODY = Text("nobody is greeted", "没有人被问候")
BELIEF = Misconception(
    Text("A greeting needs no test", "问候不用测试"),
    Text("What nobody tests breaks unseen", "没有测试的东西坏了也没人看见"),
)


def judged(name, kind, verdict, *failed):
    """One variant, and the tests that failed on it."""
    failures = {test: Failure("assertion", "1 != 2") for test in failed}
    places = (("service/endpoint.py", 30),)
    belief, lesson = "nobody-greets", "01_run_and_grade"
    return Judged(name, kind, NOBODY, belief, lesson, "in-process", (), places, verdict, failures, 2, 0.1)


RECORD = Record(
    began="2026-01-01T00:00:00+00:00",
    fingerprint="",
    suites=("tests/ws",),
    tests={TEST: 0.1, OTHER: 0.1},
    control={},
    variants=(
        judged("other-words", "correct", "rejected", TEST),
        judged("a-greeting", "faulty", "assertion", OTHER),
        judged("still-alive", "faulty", "missed"),
    ),
    misconceptions={"nobody-greets": BELIEF},
    left_out={},
)
PHONE = {"width": 320, "height": 640}
DESK = {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
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


@pytest.fixture(scope="module")
def playground():
    """The address of the playground of a live service."""
    server = LiveServer("websockets-sansio", timeout=10)
    server.start()
    with server.serve(create_app(Settings())):
        yield f"http://{server.address}/"
    server.stop()
    server.join()


@pytest.mark.parametrize(("language", "colours"), LOOKS)
def test_the_playground_holds_a_conversation(playground, open_page, language, colours):
    """The playground connects with its token, shows the reply and, after a binary frame, the close code."""
    page = open_page(playground, language, colours)
    page.click("#connect")
    page.fill("#message", "Hello <b>&amp;</b>")
    page.click("#send")

    page.wait_for_function("document.querySelector('#log').innerText.includes('消息是: Hello <b>&amp;</b>')")
    assert complaints(page) == []

    page.click("#send-binary")
    page.wait_for_function("document.querySelector('#status').innerText.includes('1003')")
    assert page.get_attribute("html", "lang") == language
    assert complaints(page) == []
    assert open_page.said == []


def test_the_playground_shows_the_limit(playground, open_page):
    """A text above the limit closes with 1009, which the page explains."""
    page = open_page(playground)
    page.click("#connect")
    page.click("#send-long")

    page.wait_for_function("document.querySelector('#status').innerText.includes('1009')")
    assert "longer than the service allows" in page.inner_text("#status")
    assert open_page.said == []


def test_the_playground_changes_language(playground, open_page):
    """The page changes its language with one button and keeps it after a reload."""
    page = open_page(playground)
    before = page.inner_text("h1")
    page.click("#language")

    assert page.get_attribute("html", "lang") == "zh-CN"
    assert page.inner_text("h1") != before
    page.reload()
    assert page.get_attribute("html", "lang") == "zh-CN"


def test_the_playground_fits_a_phone(playground, open_page):
    """The playground does not scroll sideways on a phone."""
    assert overflow(open_page(playground, size=PHONE)) == 0


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """The address of a report on a service in which a branch was planted that nothing reaches."""
    project = Project(tmp_path_factory.mktemp("project"))
    planted = "    if text == 'open sesame':\n        return 'never said'\n    return f"
    project.edit("service/endpoint.py", "    return f", planted)
    assert "never ran" in project.nox("coverage").stdout
    return project.path("reports/index.html").as_uri()


@pytest.fixture(scope="module")
def report_of_faults(report):
    """The same page, after a matrix in which one fault is alive and one correct variant is rejected."""
    folder = Path(url2pathname(urlsplit(report).path)).parents[1]
    RECORD.save(folder / "reports/matrix.json")
    config = Config.load(folder)
    page = write_report(config, Summary.load(config))
    return page.as_uri()


@pytest.mark.parametrize(("language", "colours"), LOOKS)
def test_the_report_tells_what_is_checked(report_of_faults, open_page, language, colours):
    """What is alive and what is rejected is told in the reader's language."""
    page = open_page(report_of_faults, language, colours)

    said = page.inner_text("main")
    assert ("nobody is greeted" if language == "en" else "没有人被问候") in said
    assert ("A greeting needs no test" if language == "en" else "问候不用测试") in said
    assert ("What nobody tests" if language == "en" else "没有测试的东西") in said
    assert complaints(page) == []
    assert open_page.said == []


def test_the_matrix_fits_a_phone(report_of_faults, open_page):
    """The grid scrolls in its own frame."""
    assert overflow(open_page(report_of_faults, size=PHONE)) == 0


@pytest.mark.parametrize(("language", "colours"), LOOKS)
def test_the_report_reads_well(report, open_page, language, colours):
    """No complaint from a screen reader's point of view, none on the console, in either language."""
    page = open_page(report, language, colours)

    assert page.get_attribute("html", "lang") == language
    assert "never said" in page.inner_text("main")
    assert complaints(page) == []
    assert open_page.said == []


def test_the_report_fits_a_phone(report, open_page):
    """Nothing but code scrolls sideways."""
    assert overflow(open_page(report, size=PHONE)) == 0


def test_the_report_tells_which_tests_ran_a_line(report, open_page):
    """Opening a line lists its tests by name."""
    page = open_page(report)
    before = page.inner_text("#source")
    page.locator("#source td.by button").last.click()

    assert "test_" not in before
    assert "test_" in page.inner_text("#source")
    assert complaints(page) == []
    assert open_page.said == []


def test_the_report_holds_no_line_of_this_machine(report):
    """Nobody learns from a page where it was made."""
    path = Path(url2pathname(urlsplit(report).path))
    text = path.read_text(encoding="utf-8")

    assert str(path.parents[1]) not in text
    assert str(Path.home()) not in text
    assert socket.gethostname() not in text
