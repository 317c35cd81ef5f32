"""The report in a real browser, from file://."""

import socket
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest

from tests.kit.browser import LOOKS, PHONE, complaints, overflow
from tests.kit.project import Project
from tests.kit.records import CAUGHT, REJECTED, SURVIVOR, record
from winnow.config import Config
from winnow.report import write_report
from winnow.runs.summary import Summary

pytestmark = pytest.mark.timeout(180)
RECORD = record(REJECTED, CAUGHT, SURVIVOR)


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """The address of a report on a service with an added branch that no test takes."""
    project = Project(tmp_path_factory.mktemp("project"))
    planted = "    if text == 'open sesame':\n        return 'never said'\n    return f"
    project.edit("service/endpoint.py", "    return f", planted)
    assert "did not run" in project.nox("coverage").stdout
    return project.path("reports/index.html").as_uri()


@pytest.fixture(scope="module")
def report_of_faults(report):
    """The same page, with a matrix in which one fault survived and one correct variant is rejected."""
    folder = Path(url2pathname(urlsplit(report).path)).parents[1]
    RECORD.save(folder / "reports/matrix.json")
    config = Config.load(folder)
    page = write_report(config, Summary.load(config))
    return page.as_uri()


@pytest.mark.parametrize(("language", "colours"), LOOKS)
def test_the_report_tells_what_is_checked(report_of_faults, open_page, language, colours):
    """The page names the survivor and the rejected variant in the reader's language."""
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
    """axe-core finds no accessibility problem, and the console has no error, in both languages."""
    page = open_page(report, language, colours)

    assert page.get_attribute("html", "lang") == language
    assert "never said" in page.inner_text("main")
    assert complaints(page) == []
    assert open_page.said == []


def test_the_report_fits_a_phone(report, open_page):
    """Only code scrolls sideways."""
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
    """The page contains no path of the machine that created it."""
    path = Path(url2pathname(urlsplit(report).path))
    text = path.read_text(encoding="utf-8")

    assert str(path.parents[1]) not in text
    assert str(Path.home()) not in text
    assert socket.gethostname() not in text
