"""The arguments of ``connect``, which mean the same on every transport."""

import pytest

from tests.kit.services import silent
from winnow.transports.handshake import Handshake

TARGETS = {
    "as it is": ("/rooms/a?x=1", {}, "/rooms/a?x=1"),
    "space": ("/a b?c d", {}, "/a%20b?c%20d"),
    "an escape stays": ("/a%20b%2Fc", {}, "/a%20b%2Fc"),
    "a percent that is no escape stays": ("/100%", {}, "/100%"),
    "not ASCII": ("/茶?名=前", {}, "/%E8%8C%B6?%E5%90%8D=%E5%89%8D"),
    "line feed": ("/a\nb", {}, "/a%0Ab"),
    "added to a query": ("/a?x=1", {"y": "2"}, "/a?x=1&y=2"),
    "added to an empty query": ("/a?", {"y": "2"}, "/a?y=2"),
    "added to an open query": ("/a?x=1&", {"y": "2"}, "/a?x=1&y=2"),
    "a list": ("/a", {"tag": ["1", ""]}, "/a?tag=1&tag="),
    "an empty list": ("/a", {"tag": []}, "/a"),
    "what has a meaning in a query": ("/a", {"q": "50% & a+b=c#d"}, "/a?q=50%25+%26+a%2Bb%3Dc%23d"),
}
WRONG_KIND = [None, 5, True, b"bytes", {"a": "b"}, ["a", 1], {"a"}]
WRONG = {
    "no slash": ("a", {}),
    "a whole URL": ("ws://testserver/a", {}),
    "nothing": ("", {}),
    "a fragment": ("/a#b", {}),
    "half a character in the path": ("/\ud83d", {}),
    "half a character in the query": ("/", {"q": "\ud83d"}),
    "line feed in a header": ("/", {"headers": {"X-A": "a\r\nX-B: b"}}),
    "NUL in a header": ("/", {"headers": {"X-A": "a\0"}}),
    "a header's name": ("/", {"headers": {"X A": "a"}}),
    "a header's empty name": ("/", {"headers": {"": "a"}}),
    "line feed in a header's name": ("/", {"headers": {"X-A\r\nX-B": "a"}}),
    "not Latin-1": ("/", {"headers": {"X-A": "消息"}}),
    "line feed in a cookie": ("/", {"cookies": {"a": "b\nc"}}),
    "two cookies in one": ("/", {"cookies": {"a": "b; admin=1"}}),
    "a cookie's name": ("/", {"cookies": {"a=b": "c"}}),
    "a subprotocol's name": ("/", {"subprotocols": ["a, b"]}),
    "an empty subprotocol": ("/", {"subprotocols": [""]}),
}


@pytest.mark.parametrize(("path", "keywords", "target"), TARGETS.values(), ids=TARGETS)
def test_the_target(path, keywords, target):
    """What a URL cannot hold is percent-encoded; the rest stays."""
    assert Handshake.of(path, **keywords).target == target


def test_query_is_the_long_form_of_keywords():
    """Any name can be asked for through it."""
    names = {name: name for name in ("path", "headers", "cookies", "query", "subprotocols", "self")}

    assert Handshake.of("/", query=names, b="2").target == (
        "/?path=path&headers=headers&cookies=cookies&query=query&subprotocols=subprotocols&self=self&b=2"
    )


def test_headers_keep_their_order_and_number():
    """A list repeats one; space around a value is not sent."""
    handshake = Handshake.of("/", headers={"X-B": ["1", "2"], "x-a": " é\t"})

    assert handshake.headers == (("x-b", "1"), ("x-b", "2"), ("x-a", "é"))


def test_cookies_join_the_header():
    """There is one Cookie header, whatever it is made of."""
    handshake = Handshake.of("/", headers={"COOKIE": ["a=1", "b=2"], "X": "y"}, cookies={"c": 'q"u,o te'})

    assert handshake.headers == (("x", "y"), ("cookie", 'a=1; b=2; c=q"u,o te'))
    assert Handshake.of("/", headers={"Cookie": ["a=1", "b=2"]}).headers == (
        ("cookie", "a=1"),
        ("cookie", "b=2"),
    )


def test_subprotocols_of_keyword_and_header():
    """Both are offered, and the header is not sent twice."""
    handshake = Handshake.of("/", subprotocols=("a",), headers={"Sec-WebSocket-Protocol": "b , c"})

    assert (handshake.subprotocols, handshake.headers) == (("a", "b", "c"), ())


@pytest.mark.parametrize("value", WRONG_KIND, ids=repr)
@pytest.mark.parametrize("name", ["token", "query", "headers"])
def test_a_value_is_a_text_or_a_list_of_texts(name, value):
    """Nothing is sent as Python writes it."""
    keywords = {name: value} if name == "token" else {name: {"a": value}}

    with pytest.raises(TypeError, match="a text or a list of texts"):
        Handshake.of("/", **keywords)


@pytest.mark.parametrize("keywords", [{"cookies": {"a": 1}}, {"subprotocols": "v1"}, {"subprotocols": [1]}])
def test_other_values_of_a_wrong_kind(keywords):
    """A cookie is one text, subprotocols are a list."""
    with pytest.raises(TypeError):
        Handshake.of("/", **keywords)


@pytest.mark.parametrize(("path", "keywords"), WRONG.values(), ids=WRONG)
def test_what_no_request_can_hold(path, keywords):
    """It is refused before anything is sent."""
    with pytest.raises(ValueError, match=r"begins with '/'|'#'|control|';'|no name of|codec can't encode"):
        Handshake.of(path, **keywords)


def test_every_transport_asks_first(server):
    """A mistake in the test is told as such on each of them, and the next conversation is not hurt."""
    with server.serve(silent) as connect:
        with pytest.raises(ValueError, match="a path begins with '/'"), connect("rooms"):
            pass
        with connect("/rooms"):
            pass
