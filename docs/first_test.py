"""A test file to begin with: copy it, change it, and see what it is worth: ``nox -s grade -- PATH``."""


def test_what_is_said_comes_back(connect):
    """Over three transports: in this process, and behind two real servers."""
    with connect("/items/ws", token="leizishuoceshi") as ws:
        ws.send("Hello")
        assert ws.recv() == "消息是: Hello"
