"""Sending to many, with connections that are not real: some do not read."""

import asyncio
import gc
import weakref

from fastapi import WebSocketDisconnect

from service.sending import Peer, Sender
from tests.unit.base import AsyncTestCase, FakeWebSocket, settle

MOST = 10  # bytes that may wait for one


class Sending(AsyncTestCase):
    """Nobody waits for anybody."""

    def setUp(self):
        """Begin with a sender, and nobody."""
        self.sender = Sender(MOST)
        self.ended = []

    def peer(self, error=None):
        """Return a peer, and add it to ``ended`` when the sender is done with it."""
        peer = Peer(FakeWebSocket(error), lambda *why: self.ended.append((peer, *why)))
        return peer

    async def test_everybody_hears_everything_in_order(self):
        """Texts that are sent at once arrive one after the other."""
        peers = [self.peer() for _ in range(3)]
        for text in "abc":
            self.sender.send(text, peers)
        await settle()

        self.assertEqual([["a", "b", "c"]] * 3, [peer.websocket.heard for peer in peers])

    async def test_nothing_is_kept_of_what_was_done(self):
        """No task that has carried something is held on to, once its peers have left."""
        others, couriers = asyncio.all_tasks(), weakref.WeakSet()
        for text in "abc":
            peer = self.peer()
            self.sender.send(text, [peer])
            couriers |= asyncio.all_tasks() - others
            await settle()
            peer.leave()
            await settle()
        del peer
        gc.collect()

        self.assertEqual(0, len(couriers))

    async def test_only_those_it_is_for(self):
        """Who is not named hears nothing, and who leaves later is not missed."""
        ada, bob = self.peer(), self.peer()
        self.sender.send("a", [ada])
        await settle()

        self.assertEqual((["a"], []), (ada.websocket.heard, bob.websocket.heard))

    async def test_a_closed_door_stops_nobody_else(self):
        """One does not read: the others hear everything, and it hears all of it in order later."""
        first, closed, last = (self.peer() for _ in range(3))
        closed.websocket.door.clear()
        for text in "abc":
            self.sender.send(text, [first, closed, last])
            await settle()
        self.assertEqual([list("abc"), [], list("abc")], self.heard(first, closed, last))

        closed.websocket.door.set()
        self.sender.send("d", [first, closed, last])
        await settle()
        self.assertEqual([list("abcd")] * 3, self.heard(first, closed, last))

    async def test_many_closed_doors(self):
        """Each has a backlog of its own, and opens when it likes."""
        closed = [self.peer() for _ in range(5)]
        reader = self.peer()
        for peer in closed:
            peer.websocket.door.clear()
        for text in "ab":
            self.sender.send(text, [*closed, reader])
        await settle()
        closed[3].websocket.door.set()
        await settle()

        self.assertEqual([[], [], [], ["a", "b"], [], ["a", "b"]], self.heard(*closed, reader))

    async def test_a_backlog_is_bounded(self):
        """What may wait is counted in bytes; one byte more ends that peer, once, and nobody else."""
        closed, reader = self.peer(), self.peer()
        closed.websocket.door.clear()
        for text in ("at the door", "消息消", "x"):  # the first is not in the backlog; then 9 bytes, then 10
            self.sender.send(text, [closed, reader])
            await settle()
        self.assertEqual([], self.ended)

        for text in "yz":
            self.sender.send(text, [closed, reader])
            await settle()
        self.assertEqual([(closed, 1013, "read faster")], self.ended)
        self.assertEqual(["at the door", "消息消", "x", "y", "z"], reader.websocket.heard)

    async def test_who_was_given_up_hears_nothing_more(self):
        """Nothing is kept for it, and nothing reaches it when it reads after all."""
        closed = self.peer()
        closed.websocket.door.clear()
        for _ in range(3):
            self.sender.send("x" * MOST, [closed])
            await settle()
        closed.websocket.door.set()
        self.sender.send("late", [closed])
        await settle()

        self.assertEqual([], closed.websocket.heard)
        self.assertEqual([1013], [code for _, code, _ in self.ended])

    async def test_what_was_read_makes_room(self):
        """A slow reader that reads after all may fall behind again."""
        slow = self.peer()
        for _ in range(3):
            slow.websocket.door.clear()
            for text in ("a", "b" * MOST):
                self.sender.send(text, [slow])
                await settle()
            slow.websocket.door.set()
            await settle()

        self.assertEqual(["a", "b" * MOST] * 3, slow.websocket.heard)
        self.assertEqual([], self.ended)

    async def test_somebody_who_is_gone_is_no_error(self):
        """Its own endpoint hears of that; the others hear the text."""
        for error in (WebSocketDisconnect(1006), RuntimeError("closed")):
            gone, reader = self.peer(error), self.peer()
            self.sender.send("a", [gone, reader])
            self.sender.send("b", [gone, reader])
            await settle()

            self.assertEqual((["a", "b"], []), (reader.websocket.heard, self.ended))

    async def test_a_failure_of_ours_ends_one_conversation(self):
        """It is logged, that peer is told 1011, and the others hear everything."""
        broken, reader = self.peer(ValueError("the secret plan")), self.peer()
        with self.assertLogs("service.sending", "ERROR"):
            self.sender.send("a", [broken, reader])
            await settle()
        self.sender.send("b", [broken, reader])
        await settle()

        self.assertEqual([(broken, 1011, "internal error")], self.ended)
        self.assertEqual(["a", "b"], reader.websocket.heard)

    async def test_who_leaves_is_waited_for_no_longer(self):
        """The task that stood at a closed door ends, and nothing is kept."""
        before = asyncio.all_tasks()
        closed = self.peer()
        closed.websocket.door.clear()
        self.sender.send("a", [closed])
        await settle()
        self.assertEqual(1, len(asyncio.all_tasks() - before))

        closed.leave()
        await settle()
        self.assertEqual(set(), asyncio.all_tasks() - before)
        self.assertEqual([], self.ended)

    def heard(self, *peers):
        """Return what each has heard."""
        return [peer.websocket.heard for peer in peers]
