"""uvicorn's protocols with additional limits.

The module depends on internals of uvicorn; ``tests/system`` fails if a new version works differently.
"""

import asyncio

import h11
from uvicorn._types import ASGIReceiveEvent
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

HANDSHAKE_TIMEOUT = 5  # seconds until a connection must be a WebSocket
READ_CHUNK = 8_192  # bytes that are parsed at once
MAX_QUEUED_MESSAGES = 1_000  # messages that wait for the application
MAX_CONTROL_FRAMES = 1_000  # pings, pongs and continuation frames in a second
CLOSE_TIMEOUT = 2.5  # seconds for a client to read the close frame when the service stops


class LimitedHTTPProtocol(H11Protocol):
    """HTTP with a time limit for the request; uvicorn itself waits without a limit."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the time limit; a request that arrives in time is answered."""
        super().connection_made(transport)
        self._deadline = self.loop.call_later(HANDSHAKE_TIMEOUT, self.shutdown)

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Continue with ``LimitedWebSocketProtocol``."""
        self._deadline.cancel()
        super().handle_websocket_upgrade(event)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the time limit."""
        self._deadline.cancel()
        super().connection_lost(exc)


class LimitedWebSocketProtocol(WebSocketsSansIOProtocol):
    """WebSocket frames with limits for hostile clients.

    uvicorn itself continues to read from a client that does not read, and queues its pongs without a
    limit. It parses many small frames at once while other clients wait, and collects empty continuation
    frames without a limit. It logs a traceback for text that is not UTF-8, and for each client that does
    not read when the service stops.
    """

    _control_frames = 0  # in the current second
    _second_began = 0.0

    def data_received(self, data: bytes) -> None:
        """Parse in chunks, and stop when the connection is closing."""
        super().data_received(data[:READ_CHUNK])
        for start in range(READ_CHUNK, len(data), READ_CHUNK):
            if self.transport.is_closing():
                return
            super().data_received(data[start : start + READ_CHUNK])

    def pause_writing(self) -> None:
        """Stop reading from a client that does not read."""
        super().pause_writing()
        self._pause_reading()

    def resume_writing(self) -> None:
        """Resume reading, unless messages wait for the application."""
        super().resume_writing()
        if self.queue.empty() or self.close_sent:
            self._resume_reading()

    async def receive(self) -> ASGIReceiveEvent:
        """Return a message to the application, and resume reading if the client reads."""
        message = await self.queue.get()
        if self.read_paused and self.queue.empty():
            self._resume_reading()
        return message

    def shutdown(self) -> None:
        """Send the close frame, and abort a client that does not read it in time."""
        super().shutdown()
        self.loop.call_later(CLOSE_TIMEOUT, self.transport.abort)

    def handle_ping(self) -> None:
        """Answer the ping, and count the frame."""
        super().handle_ping()
        self._count_frame()

    def handle_pong(self, event: Frame) -> None:
        """Handle the pong, and count the frame."""
        super().handle_pong(event)
        self._count_frame()

    def handle_cont(self, event: Frame) -> None:
        """Collect the frame, and count it."""
        super().handle_cont(event)
        self._count_frame()

    def send_receive_event_to_app(self) -> None:
        """Queue a message for the application; close with 1007 if a text is not UTF-8.

        uvicorn pauses reading for every message, which is slow; this class pauses only if two wait.
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
        if waiting > MAX_QUEUED_MESSAGES:
            self._fail(1008, "send fewer messages")

    def handle_parser_exception(self) -> None:
        """Close the connection; the application sees a disconnected client."""
        super().handle_parser_exception()
        self.disconnected = True

    def _pause_reading(self) -> None:
        if not self.read_paused and not self.transport.is_closing():
            self.read_paused = True
            self.transport.pause_reading()

    def _resume_reading(self) -> None:
        if self.read_paused and self.writable.is_set():
            self.read_paused = False
            self.transport.resume_reading()

    def _count_frame(self) -> None:
        if self.loop.time() - self._second_began > 1:
            self._second_began, self._control_frames = self.loop.time(), 0
        self._control_frames += 1
        if self._control_frames > MAX_CONTROL_FRAMES:
            self._fail(1008, "send fewer frames")

    def _fail(self, code: int, reason: str) -> None:
        self.frames = []
        if not self.close_sent:
            self.conn.fail(code, reason)
            self.handle_parser_exception()
