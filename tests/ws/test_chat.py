"""The chat: the broadcast of messages, and the answer to invalid ones.

Run it alone: ``pytest tests/ws/test_chat.py``.
"""

import json

import pytest

from service.settings import Settings
from tests.ws.chat import CHAT, message, online, receive, say, users
from winnow.transports import Closed

pytestmark = pytest.mark.transports("in-process", "live-sansio")  # both servers behave alike here
IN_PROCESS = pytest.mark.transports("in-process")  # many cases, on which the network has no effect


@pytest.fixture(scope="module")
def settings():
    """Settings with two users and a small message limit."""
    return Settings(tokens={"ada": "ada-token", "bob": "bob-token"}, max_message_bytes=1000)


@pytest.fixture
def ada(connect):
    """A connection of the user ada."""
    with connect(CHAT, token="ada-token") as ada:
        assert receive(ada) == users("ada")
        yield ada


@pytest.fixture
def bob(ada, connect):
    """A connection of the user bob, opened after the one of ada."""
    with connect(CHAT, token="bob-token") as bob:
        assert receive(bob) == users("ada", "bob")
        assert receive(ada) == online("bob")
        yield bob


def test_every_connection_receives_a_message_once(ada, bob, connect):
    """Every connection, including the sender and a second one of the same user, gets each message once."""
    with connect(CHAT, token="bob-token") as second:
        receive(second)
        for text in ("first", "second"):
            say(bob, text)

        for ws in (ada, bob, second):
            assert [receive(ws), receive(ws)] == [message("bob", "first"), message("bob", "second")]


def test_the_order_of_a_sender_is_kept(ada, bob):
    """Every connection receives the messages of one sender in the order in which they were sent."""
    for number in range(20):
        say(ada, str(number))

    for ws in (ada, bob):
        assert [receive(ws)["text"] for _ in range(20)] == [str(number) for number in range(20)]


@IN_PROCESS
@pytest.mark.parametrize("text", ["", "消息 🎉", '"quoted" \\ and\nbroken', "<b>bold</b>", "\u0000"])
def test_a_text_is_broadcast_unchanged(ada, bob, text):
    """The chat broadcasts a text unchanged, whatever characters it contains."""
    say(ada, text)

    assert receive(bob) == message("ada", text)


@IN_PROCESS
@pytest.mark.parametrize(
    "frame",
    [
        pytest.param("hello", id="not-json"),
        pytest.param("[" * 500, id="nested-too-deep"),
        pytest.param("[]", id="not-an-object"),
        pytest.param('{"text": "hello"}', id="no-type"),
        pytest.param('{"type": "online", "user": "eve"}', id="unknown-type"),
        pytest.param('{"type": "message"}', id="no-text"),
        pytest.param('{"type": "message", "text": 5}', id="text-is-a-number"),
        pytest.param(r'{"type": "message", "text": "\ud800"}', id="lone-surrogate"),
    ],
)
def test_an_invalid_message_is_answered_with_an_error(ada, bob, frame):
    """Only the sender of an invalid message gets an error with a reason, and stays connected."""
    ada.send(frame)
    say(ada, "sorry")

    error = receive(ada)
    assert (error["type"], set(error)) == ("error", {"type", "reason"})
    assert error["reason"]
    assert [receive(ada), receive(bob)] == [message("ada", "sorry")] * 2


def test_an_error_names_the_invalid_field(ada):
    """The reason of an error names the invalid field and does not repeat its value."""
    ada.send('{"type": "secret-plan", "text": "x"}')

    reason = receive(ada)["reason"]
    assert reason.startswith("type: ")
    assert "secret-plan" not in reason

    ada.send("no JSON")
    assert receive(ada)["reason"].startswith("Invalid JSON: ")  # there is no field to name


def test_a_sender_cannot_be_forged(ada, bob):
    """The user of a broadcast is its real sender, even if the message names another user."""
    ada.send(json.dumps({"type": "message", "user": "bob", "text": "it was me"}))

    assert receive(bob) == message("ada", "it was me")


@pytest.mark.parametrize(
    ("frame", "end"),
    [
        pytest.param(b"{}", (1003, "send text"), id="binary"),
        pytest.param("x" * 1001, (1009, "send at most 1000 bytes"), id="too-long"),
    ],
)
def test_the_chat_has_the_close_codes_of_the_echo(ada, frame, end):
    """A binary frame closes a chat connection with 1003, and a text above the limit with 1009."""
    ada.send(frame)

    with pytest.raises(Closed) as closed:
        ada.recv()
    assert (closed.value.code, closed.value.reason) == end
