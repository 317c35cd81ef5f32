"""A first test file to copy and change. ``nox -s grade -- PATH`` shows which faults it catches."""


def test_a_text_is_echoed(connect):
    """The service answers a text with the prefix and the same text, on all three transports."""
    with connect("/items/ws", token="leizishuoceshi") as ws:
        ws.send("Hello")
        assert ws.recv() == "消息是: Hello"
