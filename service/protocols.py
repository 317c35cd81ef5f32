"""uvicorn's own protocols, with the limits that it leaves out.

They lean on how uvicorn works inside; ``tests/system`` shows when a new version works otherwise.
"""

import asyncio

import h11
from uvicorn._types import ASGIReceiveEvent
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

HANDSHAKE_SECONDS = 5  # that a connection may last without becoming a WebSocket
PIECE = 8_192  # bytes that are read before somebody else's turn may come
MOST_WAITING = 1_000  # messages that are read before the application takes them
MOST_OTHERS = 1_000  # frames in a second that are no whole message: pings, pongs and parts
LAST_WORD = 2.5  # seconds that a client has for reading that the service stops


class Handshakes(H11Protocol):
    """HTTP for those who ask in time: uvicorn waits for a first request for ever."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait; whatever has been asked for by the end is still answered."""
        super().connection_made(transport)
        self._deadline = self.loop.call_later(HANDSHAKE_SECONDS, self.shutdown)

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Hand over to ``Frames``."""
        self._deadline.cancel()
        super().handle_websocket_upgrade(event)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._deadline.cancel()
        super().connection_lost(exc)


class Frames(WebSocketsSansIOProtocol):
    """WebSocket frames from clients that may mean harm.

    uvicorn itself reads from a client that does not, and keeps its pongs without limit; it lets
    everybody wait for a client that sends nothing but small frames, and collects parts of a
    message without end if they are empty; it logs a traceback for what is not UTF-8, and for
    each client that does not read when the service stops.
    """

    _others = 0
    _since = 0.0

    def data_received(self, data: bytes) -> None:
        """Read no further than the end."""
        super().data_received(data[:PIECE])
        for start in range(PIECE, len(data), PIECE):
            if self.transport.is_closing():
                return
            super().data_received(data[start : start + PIECE])

    def pause_writing(self) -> None:
        """Do not read from a client that does not read."""
        super().pause_writing()
        self._pause_reading()

    def resume_writing(self) -> None:
        """Read on, unless the application has not yet taken what was read."""
        super().resume_writing()
        if self.queue.empty() or self.close_sent:
            self._read_on()

    async def receive(self) -> ASGIReceiveEvent:
        """Give the application what was read, and read on, but not from a client that does not."""
        message = await self.queue.get()
        if self.read_paused and self.queue.empty():
            self._read_on()
        return message

    def shutdown(self) -> None:
        """Say that the service stops; cut off in time whoever does not read that."""
        super().shutdown()
        self.loop.call_later(LAST_WORD, self.transport.abort)

    def handle_ping(self) -> None:
        """Answer, and count."""
        super().handle_ping()
        self._count()

    def handle_pong(self, event: Frame) -> None:
        """Note the answer, and count."""
        super().handle_pong(event)
        self._count()

    def handle_cont(self, event: Frame) -> None:
        """Note the part, and count."""
        super().handle_cont(event)
        self._count()

    def send_receive_event_to_app(self) -> None:
        """Keep a message for the application; end with a text that is not UTF-8.

        uvicorn stops reading for every message, which costs; here only when a second one waits.
        """
        data, self.frames = b"".join(self.frames), []
        if self.close_sent:
            return
        try:
            if self.curr_msg_data_type == "text":
                self.queue.put_nowait({"type": "websocket.receive", "text": data.decode()})
            else:
                self.queue.put_nowait({"type": "websocket.receive", "bytes": data})
        except UnicodeDecodeError:
            self._fail(1007, "send UTF-8")
        waiting = self.queue.qsize()
        if waiting > 1:
            self._pause_reading()
        if waiting > MOST_WAITING:
            self._fail(1008, "send fewer messages")

    def handle_parser_exception(self) -> None:
        """End; to the application it is as if the client had gone."""
        super().handle_parser_exception()
        self.disconnected = True

    def _pause_reading(self) -> None:
        if not self.read_paused and not self.transport.is_closing():
            self.read_paused = True
            self.transport.pause_reading()

    def _read_on(self) -> None:
        if self.read_paused and self.writable.is_set():
            self.read_paused = False
            self.transport.resume_reading()

    def _count(self) -> None:
        if self.loop.time() - self._since > 1:
            self._since, self._others = self.loop.time(), 0
        self._others += 1
        if self._others > MOST_OTHERS:
            self._fail(1008, "send fewer frames")

    def _fail(self, code: int, reason: str) -> None:
        self.frames = []
        if not self.close_sent:
            self.conn.fail(code, reason)
            self.handle_parser_exception()
