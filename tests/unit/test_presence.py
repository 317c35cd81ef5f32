"""The room of one worker, with connections that are not real."""

import asyncio
import contextlib
import json
from unittest.mock import patch

from service.backplane import MemoryBackplane, notice
from service.limits import Limits
from service.presence import Room
from service.sending import Sender
from service.settings import Settings
from tests.unit.base import AsyncTestCase, FakeWebSocket, settle


class InTheRoom(AsyncTestCase):
    """Who comes and goes."""

    async def asyncSetUp(self):
        """Open a room."""
        await super().asyncSetUp()
        self.backplane = MemoryBackplane()
        self.room = Room(self.backplane, Sender(10_000))
        await self.backplane.start(self.room.hear)
        self.members = contextlib.ExitStack()

    async def asyncTearDown(self):
        """Let everybody go home."""
        self.members.close()
        await settle()

    async def test_who_leaves_is_waited_for_no_longer(self):
        """Not even while there is something on its way to them."""
        before = asyncio.all_tasks()
        closed = FakeWebSocket()
        closed.door.clear()
        with self.room.member("ada", closed, Limits(Settings())):
            await settle()
            self.assertEqual(1, len(asyncio.all_tasks() - before))

        await settle()
        self.assertEqual(set(), asyncio.all_tasks() - before)
        self.assertEqual(set(), self.room.online)

    async def test_what_was_missed_is_caught_up(self):
        """A list of all users tells of those who came and went unheard; our own are here in any case."""
        heard = self.enter("ada")
        self.room.hear(notice("users", users=["bob", "cyd"]))
        await settle()
        self.assertEqual({"bob", "cyd"}, {news["user"] for news in heard() if news["type"] == "online"})
        self.assertEqual({"ada", "bob", "cyd"}, self.room.online)

        self.room.hear(notice("users", users=["cyd"]))
        await settle()
        self.assertEqual([{"type": "offline", "user": "bob"}], heard()[3:])
        self.assertEqual({"ada", "cyd"}, self.room.online)

    async def test_what_is_known_is_no_news(self):
        """However often it is heard."""
        heard = self.enter("ada")
        for kind in ("online", "online", "offline", "offline"):
            self.room.hear(notice(kind, user="bob"))
        await settle()

        self.assertEqual(["users", "online", "offline"], [news["type"] for news in heard()])

    async def test_a_second_tab_is_not_announced(self):
        """The other workers need not hear of it at all."""
        with patch.object(self.backplane, "arrive") as arrive:
            self.enter("ada")
            self.enter("ada")

        arrive.assert_called_once_with("ada")

    def enter(self, user):
        """Come in with a new connection; return what tells all that it has heard."""
        websocket = FakeWebSocket()
        self.members.enter_context(self.room.member(user, websocket, Limits(Settings())))
        return lambda: [json.loads(text) for text in websocket.heard]

    def test_one_worker_is_never_cut_off(self):
        """Without Redis there is nothing that could be away."""
        self.assertTrue(self.backplane.connected)
