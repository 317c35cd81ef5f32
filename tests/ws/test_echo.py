"""The echo: what comes back, in which order, and to whom."""

from tests.ws.conftest import TOKEN

TEXTS = [
    "Hello WebSocket",
    "你好,世界",
    "👩‍👩‍👧 e\u0301",  # letters that are made of several
    "  spaces stay \n\t\x00",
    "<b>tags</b> & more",
    "",
    "x" * 5_000,
]


def test_texts_come_back_unchanged(connect):
    """The answer is the prefix and the text, to the letter, whatever the letters are."""
    with connect("/items/ws", token=TOKEN) as ws:
        for text in TEXTS:
            ws.send(text)

            assert ws.recv() == f"消息是: {text}"


def test_replies_keep_their_order(connect):
    """Messages sent together come back first in, first out."""
    with connect("/items/ws", token=TOKEN) as ws:
        for text in ("one", "two", "three"):
            ws.send(text)

        assert [ws.recv() for _ in range(3)] == ["消息是: one", "消息是: two", "消息是: three"]


def test_a_repeated_text_is_answered_again(connect):
    """Whoever says the same thing twice is answered twice."""
    with connect("/items/ws", token=TOKEN) as ws:
        for text in ("again", "again", "enough"):
            ws.send(text)

        assert ws.recv() == "消息是: again"
        assert ws.recv() == "消息是: again"


def test_one_message_gets_one_reply(connect):
    """After the reply there is silence."""
    with connect("/items/ws", token=TOKEN) as ws:
        ws.send("once")

        assert ws.recv() == "消息是: once"
        ws.expect_silence()


def test_nothing_comes_unasked(connect):
    """The service does not greet: the first thing to come is the first reply."""
    with connect("/items/ws", token=TOKEN) as ws:
        ws.expect_silence()


def test_a_reply_goes_to_who_asked(connect):
    """Of two connections, only the one that sent gets the answer."""
    with connect("/items/ws", token=TOKEN) as first, connect("/items/ws", token=TOKEN) as second:
        first.send("for the first")

        assert first.recv() == "消息是: for the first"
        second.expect_silence()


def test_an_older_connection_is_answered_too(connect):
    """A newcomer takes nothing away from those who were there before."""
    with connect("/items/ws", token=TOKEN) as older, connect("/items/ws", token=TOKEN) as newer:
        newer.send("new")
        older.send("old")

        assert [older.recv(), newer.recv()] == ["消息是: old", "消息是: new"]


def test_an_empty_text_does_not_end_the_conversation(connect):
    """The empty text is a message like any other."""
    with connect("/items/ws", token=TOKEN) as ws:
        ws.send("")
        ws.send("still here")

        assert [ws.recv(), ws.recv()] == ["消息是: ", "消息是: still here"]
