"""What is said in the chat, who hears it, and what is not understood."""

import json

import pytest

from service.settings import Settings
from tests.ws.chat import CHAT, hear, message, online, say, users
from winnow.transports import Closed

pytestmark = pytest.mark.transports("in-process", "live-sansio")  # servers differ in frames, not in this
IN_PROCESS = pytest.mark.transports("in-process")  # many cases, which no network changes


@pytest.fixture(scope="module")
def settings():
    """Two users, and messages of few bytes."""
    return Settings(tokens={"ada": "ada-token", "bob": "bob-token"}, max_message_bytes=1000)


@pytest.fixture
def ada(connect):
    """A user who has heard of bob."""
    with connect(CHAT, token="ada-token") as ada:
        assert hear(ada) == users("ada")
        yield ada


@pytest.fixture
def bob(ada, connect):
    """A user who came after ada."""
    with connect(CHAT, token="bob-token") as bob:
        assert hear(bob) == users("ada", "bob")
        assert hear(ada) == online("bob")
        yield bob


def test_everybody_hears_a_message_once(ada, bob, connect):
    """Each connection, the sender's own and a second tab too, gets it, and gets it once."""
    with connect(CHAT, token="bob-token") as tab:
        hear(tab)
        for text in ("first", "second"):
            say(bob, text)

        for ws in (ada, bob, tab):
            assert [hear(ws), hear(ws)] == [message("bob", "first"), message("bob", "second")]


def test_the_order_of_a_sender_is_kept(ada, bob):
    """What one says in a row is heard in that row by everybody."""
    for number in range(20):
        say(ada, str(number))

    for ws in (ada, bob):
        assert [hear(ws)["text"] for _ in range(20)] == [str(number) for number in range(20)]


@IN_PROCESS
@pytest.mark.parametrize("text", ["", "消息 🎉", '"quoted" \\ and\nbroken', "<b>bold</b>", "\u0000"])
def test_a_text_is_passed_on_to_the_letter(ada, bob, text):
    """Whatever it holds, it is heard as it was said."""
    say(ada, text)

    assert hear(bob) == message("ada", text)


@IN_PROCESS
@pytest.mark.parametrize(
    "frame",
    [
        pytest.param("hello", id="no-json"),
        pytest.param("[" * 500, id="nested-too-deep"),
        pytest.param("[]", id="no-object"),
        pytest.param('{"text": "hello"}', id="no-type"),
        pytest.param('{"type": "online", "user": "eve"}', id="unknown-type"),
        pytest.param('{"type": "message"}', id="no-text"),
        pytest.param('{"type": "message", "text": 5}', id="text-is-a-number"),
        pytest.param(r'{"type": "message", "text": "\ud800"}', id="half-a-letter"),
    ],
)
def test_what_is_not_understood_is_answered(ada, bob, frame):
    """The sender alone gets an error with a reason, and the conversation goes on."""
    ada.send(frame)
    say(ada, "sorry")

    error = hear(ada)
    assert (error["type"], set(error)) == ("error", {"type", "reason"})
    assert error["reason"]
    assert [hear(ada), hear(bob)] == [message("ada", "sorry")] * 2


def test_a_reason_says_where(ada):
    """It names the part of the message that is wrong, and does not repeat it."""
    ada.send('{"type": "secret-plan", "text": "x"}')

    reason = hear(ada)["reason"]
    assert reason.startswith("type: ")
    assert "secret-plan" not in reason

    ada.send("no JSON")
    assert hear(ada)["reason"].startswith("Invalid JSON: ")  # there is no part to name


def test_nobody_speaks_for_another(ada, bob):
    """The name on a message is its sender's, whatever the message says."""
    ada.send(json.dumps({"type": "message", "user": "bob", "text": "it was me"}))

    assert hear(bob) == message("ada", "it was me")


@pytest.mark.parametrize(
    ("frame", "end"),
    [
        pytest.param(b"{}", (1003, "send text"), id="binary"),
        pytest.param("x" * 1001, (1009, "send at most 1000 bytes"), id="too-long"),
    ],
)
def test_what_ends_an_echo_ends_a_chat(ada, frame, end):
    """Frames that are no text, and texts that are too long, have their close codes here as well."""
    ada.send(frame)

    with pytest.raises(Closed) as closed:
        ada.recv()
    assert (closed.value.code, closed.value.reason) == end
