"""The room of one worker, with connections that are not real."""

import asyncio
import unittest

from service.backplane import MemoryBackplane
from service.limits import Limits
from service.presence import Room
from service.sending import Sender
from service.settings import Settings
from tests.unit.base import FakeWebSocket, settle


class InTheRoom(unittest.IsolatedAsyncioTestCase):
    """Who comes and goes."""

    async def asyncSetUp(self):
        """Open a room."""
        self.backplane = MemoryBackplane()
        self.room = Room(self.backplane, Sender(100))
        await self.backplane.start(self.room.hear)

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

    def test_one_worker_is_never_cut_off(self):
        """Without Redis there is nothing that could be away."""
        self.assertTrue(self.backplane.connected)
