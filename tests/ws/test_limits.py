"""The close codes of the echo endpoint: 1003 for binary frames, 1009 for long texts, 1011 for failures.

Run it alone: ``pytest tests/ws/test_limits.py``.
"""

from unittest.mock import patch

import pytest

from service import endpoint
from service.settings import Settings
from tests.ws.conftest import TOKEN
from winnow.transports import Closed

LIMIT = 12


@pytest.fixture(scope="module")
def settings():
    """Settings with a small message limit, in bytes."""
    return Settings(max_message_bytes=LIMIT)


@pytest.mark.parametrize(
    "frame",
    [
        pytest.param(b"\x00" * (LIMIT + 1), id="bytes"),
        pytest.param(b"", id="empty"),
    ],
)
def test_a_binary_frame_closes_with_1003(connect, app, frame):
    """A binary frame closes the connection with 1003 and a reason, and the manager removes it."""
    with connect("/items/ws", token=TOKEN) as ws:
        ws.send(frame)

        with pytest.raises(Closed) as closed:
            ws.recv()
    assert (closed.value.code, closed.value.reason) == (1003, "send text")
    assert app.state.manager.count() == 0


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x" * LIMIT, id="ascii"),
        pytest.param("消" * (LIMIT // 3), id="three-bytes-a-character"),
    ],
)
def test_a_text_at_the_limit_is_answered(connect, text):
    """A text of exactly ``max_message_bytes`` is answered."""
    with connect("/items/ws", token=TOKEN) as ws:
        ws.send(text)

        assert ws.recv() == f"消息是: {text}"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x" * (LIMIT + 1), id="ascii"),
        pytest.param("消" * (LIMIT // 3) + "x", id="few-characters-many-bytes"),
    ],
)
def test_a_text_above_the_limit_closes_with_1009(connect, app, text):
    """A text one byte of UTF-8 above ``max_message_bytes`` closes the connection with 1009."""
    with connect("/items/ws", token=TOKEN) as ws:
        ws.send(text)

        with pytest.raises(Closed) as closed:
            ws.recv()
    assert (closed.value.code, closed.value.reason) == (1009, "send at most 12 bytes")
    assert app.state.manager.count() == 0


def test_the_limit_is_64_kib_by_default():
    """The default of ``max_message_bytes`` is 65,536."""
    assert Settings().max_message_bytes == 65_536


def test_an_internal_error_closes_with_1011_and_reveals_nothing(connect, app, caplog):
    """An exception in the service closes with 1011, and its details are only in the log."""
    with (
        patch.object(endpoint, "answer", side_effect=RuntimeError("the secret plan")),
        connect("/items/ws", token=TOKEN) as ws,
    ):
        ws.send("now fail")
        with pytest.raises(Closed) as closed:
            ws.recv()

    assert (closed.value.code, closed.value.reason) == (1011, "internal error")
    assert "the secret plan" in caplog.text
    assert app.state.manager.count() == 0


@pytest.mark.transports("live-sansio")
def test_a_reply_after_the_server_closed_is_no_error(connect, app, caplog):
    """If the server closes on invalid UTF-8 while the service replies, no error is logged."""
    with connect("/items/ws", token=TOKEN) as ws:
        ws.send_raw(masked(0x81, b"text") + masked(0x81, b"\xff\xfe"))

        with pytest.raises(Closed):
            [ws.recv(), ws.recv()]
    assert app.state.manager.count() == 0
    assert [r for r in caplog.records if r.getMessage().startswith("Exception in ASGI")] == []


def masked(opcode, payload):
    """Return a client frame with this payload, masked with zeros."""
    return bytes([opcode, 0x80 | len(payload)]) + bytes(4) + payload
