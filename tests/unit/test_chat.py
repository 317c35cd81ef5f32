"""Unit tests of the room in ``service.chat``, with fake connections.

Run it alone: ``python -m unittest tests.unit.test_chat``.
"""

import asyncio
import contextlib
import json
from unittest.mock import patch

from service.backplane import MemoryBackplane, notice
from service.chat import Room
from tests.unit.base import AsyncTestCase, FakeWebSocket, settle


class PresenceInTheRoom(AsyncTestCase):
    """Users who join and leave, as the room of one worker sees them."""

    async def asyncSetUp(self):
        """Create an empty room."""
        await super().asyncSetUp()
        self.backplane = MemoryBackplane()
        self.room = Room(self.backplane, 10_000)
        await self.backplane.start(self.room.on_notice)
        self.members = contextlib.ExitStack()

    async def asyncTearDown(self):
        """Disconnect every connection."""
        self.members.close()
        await settle()

    async def test_a_connection_that_leaves_keeps_no_task(self):
        """A send that waits for a slow consumer ends when its connection leaves."""
        before = asyncio.all_tasks()
        slow = FakeWebSocket()
        slow.reading.clear()
        with self.room.member("ada", slow, self.fail):
            await settle()
            self.assertEqual(1, len(asyncio.all_tasks() - before))

        await settle()
        self.assertEqual(set(), asyncio.all_tasks() - before)
        self.assertEqual(set(), self.room.online)

    async def test_a_list_of_users_announces_what_has_changed(self):
        """Users who joined or left without a notice are announced; users of this worker stay online."""
        received = self.enter("ada")
        self.room.on_notice(notice("users", users=["bob", "cyd"]))
        await settle()
        self.assertEqual({"bob", "cyd"}, {event["user"] for event in received() if event["type"] == "online"})
        self.assertEqual({"ada", "bob", "cyd"}, self.room.online)

        self.room.on_notice(notice("users", users=["cyd"]))
        await settle()
        self.assertEqual([{"type": "offline", "user": "bob"}], received()[3:])
        self.assertEqual({"ada", "cyd"}, self.room.online)

    async def test_a_repeated_notice_is_not_announced(self):
        """A notice that changes nothing is not passed on."""
        received = self.enter("ada")
        for kind in ("online", "online", "offline", "offline"):
            self.room.on_notice(notice(kind, user="bob"))
        await settle()

        self.assertEqual(["users", "online", "offline"], [event["type"] for event in received()])

    async def test_a_second_tab_is_not_announced(self):
        """The backplane is notified of a user once, even if the user has several connections."""
        with patch.object(self.backplane, "join") as join:
            self.enter("ada")
            self.enter("ada")

        join.assert_called_once_with("ada")

    def enter(self, user):
        """Join with a new connection; return a function that returns what it has received."""
        websocket = FakeWebSocket()
        self.members.enter_context(self.room.member(user, websocket, self.fail))
        return lambda: [json.loads(text) for text in websocket.received]

    def test_the_memory_backplane_is_always_connected(self):
        """Without Redis there is no connection that could break."""
        self.assertTrue(self.backplane.connected)
