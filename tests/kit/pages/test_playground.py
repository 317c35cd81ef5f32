"""The playground in a real browser against a live server."""

import pytest

from tests.kit.browser import LOOKS, PHONE, complaints, overflow

pytestmark = pytest.mark.timeout(180)


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
