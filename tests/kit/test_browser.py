"""The pages, in a real browser: the playground against a live server, the report from file://."""

import itertools
import json
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
from winnow.live import LiveServer
from winnow.report import write_report
from winnow.verdict import Verdict

pytestmark = pytest.mark.timeout(180)
LOOKS = list(itertools.product(["en", "zh-CN"], ["light", "dark"]))
TEST = "tests/ws/test_echo.py::test_replies_keep_their_order[in-process]"

OTHER = "tests/ws/test_echo.py::test_nothing_comes_unasked[in-process]"


def variant(name, kind, verdict, noticed_by):
    """One variant, as `winnow faults` leaves it."""
    return {
        "name": name,
        "kind": kind,
        "promise": {"en": "nobody is greeted", "zh": "没有人被问候"},
        "misconception": "nobody-greets",
        "lesson": "01_run_and_grade",
        "shows": "in-process",
        "places": [["service/endpoint.py", 30]],
        "verdict": verdict,
        "broken": "",
        "noticed_by": noticed_by,
    }


MATRIX = {
    "began": "2026-01-01T00:00:00+00:00",
    "fingerprint": "",
    "suites": ["tests/ws"],
    "valid": False,
    "false_alarms": {TEST: ["other-words"]},
    "faults": 2,
    "caught": 1,
    "tests": {TEST: 0.1, OTHER: 0.1},
    "misconceptions": {
        "nobody-greets": {
            "belief": {"en": "A greeting needs no test", "zh": "问候不用测试"},
            "why": {"en": "What nobody tests breaks unseen", "zh": "没有测试的东西坏了也没人看见"},
        }
    },
    "variants": [
        variant("other-words", "correct", "rejected", {TEST: ["assertion", "1 != 2"]}),
        variant("a-greeting", "faulty", "assertion", {OTHER: ["assertion", "1 != 2"]}),
        variant("still-alive", "faulty", "missed", {}),
    ],
    "idle_tests": [TEST],
}
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
    """Connect with the token that is offered, send, read the reply, and learn what a close code means."""
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


def test_the_playground_explains_a_refusal(playground, open_page):
    """A wrong token is a 1006 without a reason: the page says what that means."""
    page = open_page(playground)
    page.fill("#token", "nobody")
    page.click("#connect")

    page.wait_for_function("document.querySelector('#status').innerText.includes('1006')")
    assert "token" in page.inner_text("#status")
    assert [line for line in open_page.said if "403" not in line] == []


def test_the_playground_shows_the_limit(playground, open_page):
    """A text that is too long is a 1009."""
    page = open_page(playground)
    page.click("#connect")
    page.click("#send-long")

    page.wait_for_function("document.querySelector('#status').innerText.includes('1009')")
    assert open_page.said == []


def test_the_playground_changes_language(playground, open_page):
    """One switch, and it is remembered."""
    page = open_page(playground)
    before = page.inner_text("h1")
    page.click("#language")

    assert page.get_attribute("html", "lang") == "zh-CN"
    assert page.inner_text("h1") != before
    page.reload()
    assert page.get_attribute("html", "lang") == "zh-CN"


def test_the_playground_fits_a_phone(playground, open_page):
    """Nothing scrolls sideways."""
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
    (folder / "reports/matrix.json").write_text(json.dumps(MATRIX), encoding="utf-8")
    config = Config.load(folder)
    page = write_report(config, Verdict.load(config))
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
