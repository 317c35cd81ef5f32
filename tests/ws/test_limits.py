"""What ends a conversation: frames that the service does not take, and failures of its own."""

from unittest.mock import patch

import pytest

from service import endpoint
from service.settings import Settings
from tests.ws.conftest import TOKEN
from winnow.transports import Closed

LIMIT = 12


@pytest.fixture(scope="module")
def settings():
    """A limit that is easily reached, in bytes."""
    return Settings(max_message_bytes=LIMIT)


@pytest.mark.parametrize(
    "frame",
    [
        pytest.param(b"\x00" * (LIMIT + 1), id="bytes"),
        pytest.param(b"", id="no-bytes"),
    ],
)
def test_a_binary_frame_closes_with_1003(connect, app, frame):
    """The echo is for text; anything else is refused by its own close code."""
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
        pytest.param("消" * (LIMIT // 3), id="three-bytes-a-letter"),
    ],
)
def test_a_text_at_the_limit_is_answered(connect, text):
    """The longest text that is allowed is allowed."""
    with connect("/items/ws", token=TOKEN) as ws:
        ws.send(text)

        assert ws.recv() == f"消息是: {text}"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x" * (LIMIT + 1), id="ascii"),
        pytest.param("消" * (LIMIT // 3) + "x", id="few-letters-many-bytes"),
    ],
)
def test_a_text_above_the_limit_closes_with_1009(connect, app, text):
    """One byte of UTF-8 too many ends the conversation."""
    with connect("/items/ws", token=TOKEN) as ws:
        ws.send(text)

        with pytest.raises(Closed) as closed:
            ws.recv()
    assert (closed.value.code, closed.value.reason) == (1009, "send at most 12 bytes")
    assert app.state.manager.count() == 0


def test_the_limit_is_64_kib_by_default():
    """Without a setting, 65,536 bytes are allowed."""
    assert Settings().max_message_bytes == 65_536


def test_a_failure_of_ours_closes_with_1011_and_tells_nothing(connect, app, caplog):
    """The client learns that we failed; why is in our log only."""
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
def test_a_server_that_closed_first_is_no_error(connect, app, caplog):
    """A text and a frame that breaks the protocol, in one segment: the server closes while we reply."""
    with connect("/items/ws", token=TOKEN) as ws:
        ws.send_raw(masked(0x81, b"text") + masked(0x81, b"\xff\xfe"))

        with pytest.raises(Closed):
            [ws.recv(), ws.recv()]
    assert app.state.manager.count() == 0
    assert [r for r in caplog.records if r.getMessage().startswith("Exception in ASGI")] == []


def masked(opcode, payload):
    """Return one frame as a client sends it, masked with nothing but zeros."""
    return bytes([opcode, 0x80 | len(payload)]) + bytes(4) + payload
