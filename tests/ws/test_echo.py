"""The echo endpoint: the text, the order and the receiver of its replies.

Run it alone: ``pytest tests/ws/test_echo.py``.
"""

from tests.ws.conftest import TOKEN

TEXTS = [
    "Hello WebSocket",
    "你好,世界",
    "👩‍👩‍👧 e\u0301",  # characters that are made of several code points
    "  spaces stay \n\t\x00",
    "<b>tags</b> & more",
    "",
    "x" * 5_000,
]


def test_texts_are_echoed_unchanged(connect):
    """The reply is the prefix and the unchanged text, whatever characters it contains."""
    with connect("/items/ws", token=TOKEN) as ws:
        for text in TEXTS:
            ws.send(text)

            assert ws.recv() == f"消息是: {text}"


def test_replies_keep_their_order(connect):
    """The replies come in the order in which the messages were sent."""
    with connect("/items/ws", token=TOKEN) as ws:
        for text in ("one", "two", "three"):
            ws.send(text)

        assert [ws.recv() for _ in range(3)] == ["消息是: one", "消息是: two", "消息是: three"]


def test_a_repeated_text_is_answered_again(connect):
    """A text that is sent twice is answered twice."""
    with connect("/items/ws", token=TOKEN) as ws:
        for text in ("again", "again", "enough"):
            ws.send(text)

        assert ws.recv() == "消息是: again"
        assert ws.recv() == "消息是: again"


def test_one_message_gets_one_reply(connect):
    """The service sends exactly one reply to one message."""
    with connect("/items/ws", token=TOKEN) as ws:
        ws.send("once")

        assert ws.recv() == "消息是: once"
        ws.expect_silence()


def test_the_service_sends_no_greeting(connect):
    """The service sends nothing before the first reply."""
    with connect("/items/ws", token=TOKEN) as ws:
        ws.expect_silence()


def test_a_reply_goes_to_its_sender(connect):
    """Of two connections, only the one that sent a message gets the reply."""
    with connect("/items/ws", token=TOKEN) as first, connect("/items/ws", token=TOKEN) as second:
        first.send("for the first")

        assert first.recv() == "消息是: for the first"
        second.expect_silence()


def test_an_older_connection_is_still_answered(connect):
    """A new connection leaves the older ones working."""
    with connect("/items/ws", token=TOKEN) as older, connect("/items/ws", token=TOKEN) as newer:
        newer.send("new")
        older.send("old")

        assert [older.recv(), newer.recv()] == ["消息是: old", "消息是: new"]


def test_an_empty_text_keeps_the_connection(connect):
    """The service answers an empty text and keeps the connection open."""
    with connect("/items/ws", token=TOKEN) as ws:
        ws.send("")
        ws.send("still here")

        assert [ws.recv(), ws.recv()] == ["消息是: ", "消息是: still here"]
