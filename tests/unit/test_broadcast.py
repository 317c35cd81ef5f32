"""Unit tests of ``service.broadcast``, with fake connections, of which some do not read.

Run it alone: ``python -m unittest tests.unit.test_broadcast``.
"""

import asyncio
import gc
import weakref

from fastapi import WebSocketDisconnect

from service.broadcast import Writer, broadcast
from tests.unit.base import AsyncTestCase, FakeWebSocket, settle

QUEUE_LIMIT = 10  # bytes


class Broadcast(AsyncTestCase):
    """A slow consumer does not delay the others."""

    def setUp(self):
        """Begin without a failure."""
        self.failures = []

    def connect(self, error=None):
        """Return a fake connection and its writer, whose failures are recorded."""
        websocket = FakeWebSocket(error)
        writer = Writer(websocket, lambda *why: self.failures.append((writer, *why)), QUEUE_LIMIT)
        return websocket, writer

    async def test_every_connection_receives_every_text_in_order(self):
        """Texts that are broadcast at the same moment arrive one after the other."""
        websockets, writers = zip(*(self.connect() for _ in range(3)), strict=True)
        for text in "abc":
            broadcast(text, writers)
        await settle()

        self.assertEqual([["a", "b", "c"]] * 3, [websocket.received for websocket in websockets])

    async def test_no_task_is_kept_after_a_send(self):
        """Once a connection is closed, nothing refers to the task that sent to it."""
        others, tasks = asyncio.all_tasks(), weakref.WeakSet()
        for text in "abc":
            _, writer = self.connect()
            broadcast(text, [writer])
            tasks |= asyncio.all_tasks() - others
            await settle()
            writer.close()
            await settle()
        del writer
        gc.collect()

        self.assertEqual(0, len(tasks))

    async def test_only_the_named_connections_receive_a_text(self):
        """A connection that is not among the writers receives nothing."""
        (ada, writer), (bob, _) = self.connect(), self.connect()
        broadcast("a", [writer])
        await settle()

        self.assertEqual((["a"], []), (ada.received, bob.received))

    async def test_a_slow_consumer_delays_nobody_else(self):
        """While one client does not read, the others receive everything; it does so later, in order."""
        connections = [self.connect() for _ in range(3)]
        first, slow, last = (websocket for websocket, _ in connections)
        writers = [writer for _, writer in connections]
        slow.reading.clear()
        for text in "abc":
            broadcast(text, writers)
            await settle()
        self.assertEqual([list("abc"), [], list("abc")], received(first, slow, last))

        slow.reading.set()
        broadcast("d", writers)
        await settle()
        self.assertEqual([list("abcd")] * 3, received(first, slow, last))

    async def test_a_text_never_overtakes_those_in_the_queue(self):
        """A text that arrives while the queue is being sent is sent after it."""
        websocket, writer = self.connect()
        websocket.reading.clear()
        for text in "ab":
            broadcast(text, [writer])
        await settle()
        websocket.reading.set()
        for text in "cd":
            broadcast(text, [writer])
            await asyncio.sleep(0)
        await settle()

        self.assertEqual(list("abcd"), websocket.received)

    async def test_each_slow_consumer_has_a_queue_of_its_own(self):
        """When one of several slow consumers reads again, it receives its own queue."""
        connections = [self.connect() for _ in range(6)]
        *slow, reader = (websocket for websocket, _ in connections)
        for websocket in slow:
            websocket.reading.clear()
        for text in "ab":
            broadcast(text, [writer for _, writer in connections])
        await settle()
        slow[3].reading.set()
        await settle()

        self.assertEqual([[], [], [], ["a", "b"], [], ["a", "b"]], received(*slow, reader))

    async def test_the_queue_is_bounded_in_bytes(self):
        """One byte above the limit disconnects that client with 1013, once, and no other client."""
        (slow, writer), (reader, other) = self.connect(), self.connect()
        slow.reading.clear()
        for text in ("being sent", "消息消", "x"):  # the first is not in the queue; then 9 bytes, then 10
            broadcast(text, [writer, other])
            await settle()
        self.assertEqual([], self.failures)

        for text in "yz":
            broadcast(text, [writer, other])
            await settle()
        self.assertEqual([(writer, 1013, "read faster")], self.failures)
        self.assertEqual(["being sent", "消息消", "x", "y", "z"], reader.received)

    async def test_a_disconnected_slow_consumer_receives_nothing_more(self):
        """The queue is dropped, and nothing is sent when the client reads again."""
        slow, writer = self.connect()
        slow.reading.clear()
        for _ in range(3):
            broadcast("x" * QUEUE_LIMIT, [writer])
            await settle()
        slow.reading.set()
        broadcast("late", [writer])
        await settle()

        self.assertEqual([], slow.received)
        self.assertEqual([1013], [code for _, code, _ in self.failures])

    async def test_what_was_read_makes_room_in_the_queue(self):
        """A client that reads again may fall behind again, as far as before."""
        slow, writer = self.connect()
        for _ in range(3):
            slow.reading.clear()
            for text in ("a", "b" * QUEUE_LIMIT):
                broadcast(text, [writer])
                await settle()
            slow.reading.set()
            await settle()

        self.assertEqual(["a", "b" * QUEUE_LIMIT] * 3, slow.received)
        self.assertEqual([], self.failures)

    async def test_a_client_that_has_left_is_no_failure(self):
        """If a client has left, its own endpoint detects that, and the others receive the text."""
        for error in (WebSocketDisconnect(1006), RuntimeError("closed")):
            (_, gone), (reader, writer) = self.connect(error), self.connect()
            broadcast("a", [gone, writer])
            broadcast("b", [gone, writer])
            await settle()

            self.assertEqual((["a", "b"], []), (reader.received, self.failures))

    async def test_an_unexpected_error_closes_one_connection(self):
        """An unexpected error is logged and closes its connection with 1011; the others are not affected."""
        (_, broken), (reader, writer) = self.connect(ValueError("the secret plan")), self.connect()
        with self.assertLogs("service.broadcast", "ERROR"):
            broadcast("a", [broken, writer])
            await settle()
        broadcast("b", [broken, writer])
        await settle()

        self.assertEqual([(broken, 1011, "internal error")], self.failures)
        self.assertEqual(["a", "b"], reader.received)

    async def test_closing_ends_a_send_that_waits(self):
        """Closing ends the task that waits for a slow consumer, and does not count as a failure."""
        before = asyncio.all_tasks()
        slow, writer = self.connect()
        slow.reading.clear()
        broadcast("a", [writer])
        await settle()
        self.assertEqual(1, len(asyncio.all_tasks() - before))

        writer.close()
        await settle()
        self.assertEqual(set(), asyncio.all_tasks() - before)
        self.assertEqual([], self.failures)


def received(*websockets):
    """Return the texts that each of these has received."""
    return [websocket.received for websocket in websockets]
