"""The chat page in a real browser against a live server: two users, and one user in two tabs.

Run it alone: ``nox -s kit -- tests/kit/pages/test_chat.py``.
"""

import pytest

from service.main import create_app
from service.settings import Settings
from tests.kit.browser import LOOKS, PHONE, complaints, overflow
from tests.kit.pages.conftest import TOKENS

pytestmark = pytest.mark.timeout(180)
ONLINE = {"en": "{} is online.", "zh-CN": "{} 已上线。"}
OFFLINE = {"en": "{} is offline.", "zh-CN": "{} 已下线。"}
SAID = {"en": "{}: {}", "zh-CN": "{}：{}"}


@pytest.fixture
def enter(address, open_page):
    """A function that opens the page and connects as this user."""

    def enter(user, *look, **options):
        page = open_page(address, *look, **options)
        connect(page, user)
        return page

    return enter


def connect(page, user):
    """Connect with the token of this user, and wait for the list of users online."""
    page.fill("#token", TOKENS[user])
    page.click("#connect")
    page.wait_for_selector(f"#online li:has-text('{user}')")


def say(page, text):
    """Send one message."""
    page.fill("#message", text)
    page.press("#message", "Enter")


def wait_for_row(page, text):
    """Wait until the log has a row that ends with this text."""
    page.wait_for_function(
        "text => [...document.querySelectorAll('#log .body')].some(row => row.textContent.endsWith(text))",
        arg=text,
    )


def wait_for_status(page, text):
    """Wait until the status line has this text in it."""
    page.wait_for_function("text => document.querySelector('#status').innerText.includes(text)", arg=text)


def online(page):
    """Return the users in the list."""
    return page.locator("#online li").all_inner_texts()


def rows(page, text):
    """Return how many rows of the log end with this text."""
    return sum(row.endswith(text) for row in page.locator("#log .body").all_text_contents())


@pytest.mark.parametrize(("language", "colours"), LOOKS)
def test_two_users_exchange_messages(enter, open_page, language, colours):
    """Each page shows the presence and the messages of the other user, in its language and accessibly."""
    ada = enter("ada", language, colours)
    ben = enter("ben", language, colours)
    wait_for_row(ada, ONLINE[language].format("ben"))
    assert online(ada) == online(ben) == ["ada", "ben"]

    say(ben, "你好 & hello")
    for page in (ada, ben):
        wait_for_row(page, SAID[language].format("ben", "你好 & hello"))
    assert ada.get_attribute("html", "lang") == language
    assert complaints(ada) == []

    ben.click("#disconnect")
    wait_for_row(ada, OFFLINE[language].format("ben"))
    wait_for_status(ben, "1000")
    assert (online(ada), online(ben)) == (["ada"], [])
    assert complaints(ben) == []
    assert open_page.said == []


def test_two_tabs_are_one_user(enter):
    """Other users see a user online with the first tab, and offline after the last one."""
    ben = enter("ben")
    tabs = [enter("ada"), enter("ada")]
    say(tabs[1], "here twice")
    wait_for_row(ben, "here twice")
    tabs[0].click("#disconnect")
    wait_for_status(tabs[0], "1000")
    say(tabs[1], "still here")
    wait_for_row(ben, "still here")
    before = rows(ben, ONLINE["en"].format("ada")), rows(ben, OFFLINE["en"].format("ada")), online(ben)
    tabs[1].close()
    wait_for_row(ben, OFFLINE["en"].format("ada"))

    assert before == (1, 0, ["ben", "ada"])
    assert online(ben) == ["ben"]


def test_markup_is_text(enter, open_page):
    """Markup in a message is shown as text and never interpreted."""
    markup = "<img src=x onerror=\"document.title = 'taken'\"><b>bold</b>"
    ada, ben = enter("ada"), enter("ben")
    say(ben, markup)
    wait_for_row(ada, markup)

    assert ada.locator("#log :is(img, b)").count() == 0
    assert ada.title() == "Chat playground"
    assert open_page.said == []


def test_a_long_message_is_shortened(enter):
    """The log shows the length of a long message and its beginning."""
    ada = enter("ada")
    say(ada, "汉" * 1_234)
    wait_for_row(ada, "…")

    assert ada.locator(".said .body").inner_text() == f"ada: (1,234 characters) {'汉' * 500}…"


def test_an_error_is_shown_with_its_reason(enter):
    """The sender of an invalid message sees the error and its reason, and stays connected."""
    ada, ben = enter("ada"), enter("ben")
    ada.click("#send-wrong")
    say(ada, "now in JSON")
    for page in (ada, ben):
        wait_for_row(page, "now in JSON")

    assert "Invalid JSON" in ada.inner_text(".error")
    assert ben.locator(".error").count() == 0


def test_too_many_messages(enter):
    """A user above the rate limit sees 1008 with an explanation, and can connect again."""
    ada = enter("ada")
    ada.evaluate("for (let i = 0; i < 9; i++) document.querySelector('#conversation').requestSubmit()")

    wait_for_status(ada, "1008")
    assert "more messages in one second than the service allows" in ada.inner_text("#status")
    connect(ada, "ada")


def test_the_demonstration_needs_no_typing(server, open_page):
    """The page fills in the demonstration token, which the chat accepts."""
    with server.serve(create_app(Settings())):
        page = open_page(f"http://{server.address}/chat")
        page.wait_for_function("document.querySelector('#token').value !== ''")
        page.click("#connect")
        assert page.wait_for_selector("#online li").inner_text() == "learner"
        page.context.close()


def test_the_keyboard_is_enough(address, open_page):
    """Enter connects and sends, and the focus moves to the next field."""
    page = open_page(address)
    page.focus("#token")
    page.keyboard.type(TOKENS["ada"])
    page.keyboard.press("Enter")
    page.wait_for_selector("#message:focus")
    page.keyboard.type("typed")
    page.keyboard.press("Enter")

    wait_for_row(page, "ada: typed")
    assert page.input_value("#message") == ""


def test_the_language_is_kept_from_page_to_page(address, open_page):
    """The language chosen on one page is the language of the other."""
    page = open_page(address)
    page.click("#language")
    assert page.inner_text("h1") == "聊天试验场"

    page.click("nav a:not([aria-current])")
    page.wait_for_url("**/")
    assert page.inner_text("h1") == "回声试验场"
    page.click("nav a:not([aria-current])")
    page.wait_for_url("**/chat")
    assert page.inner_text("h1") == "聊天试验场"


def test_the_log_is_translated(enter):
    """After a change of language the log shows its notes in the new one, and the messages unchanged."""
    ada = enter("ada")
    say(ada, "{} hello")
    wait_for_row(ada, "ada: {} hello")
    ada.click("#language")

    assert rows(ada, "ada：{} hello") == 1


def test_the_chat_fits_a_phone(enter):
    """A long message does not make the page or the log scroll sideways on a phone."""
    ada = enter("ada", size=PHONE)
    say(ada, "w" * 2_000)
    wait_for_row(ada, "…")

    assert overflow(ada) == 0
    assert ada.evaluate("(log => log.scrollWidth - log.clientWidth)(document.querySelector('#log'))") == 0
