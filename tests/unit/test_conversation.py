"""Unit tests of ``service.conversation``: how a conversation ends, and that nothing remains.

Run it alone: ``python -m unittest tests.unit.test_conversation``.
"""

import asyncio
import gc
import weakref
from unittest.mock import patch

from fastapi import WebSocketException

from service.conversation import Conversation
from service.settings import Settings
from tests.unit.base import AsyncTestCase, settle

SETTINGS = Settings(max_messages_per_second=10, idle_seconds=60, max_message_bytes=3)


class Ending(AsyncTestCase):
    """A conversation ends by its handler, by a limit, by other code, or with the server."""

    async def ended(self, conversation, handler):
        """Run a conversation until it is ended, and return the close code and the reason."""
        with self.assertRaises(WebSocketException) as raised:
            await conversation.run(handler)
        return raised.exception.code, raised.exception.reason

    async def wait_forever(self, _conversation):
        """Wait for a message without end, as a handler."""
        await asyncio.Event().wait()

    async def test_the_first_end_counts(self):
        """Only the first end counts: the conversation has its code and reason, wherever the handler waits."""

        async def handler(conversation):
            conversation.end(1013, "read faster")
            conversation.end(1001, "a later reason")
            await asyncio.Event().wait()

        self.assertEqual((1013, "read faster"), await self.ended(Conversation(SETTINGS), handler))

    async def test_an_idle_conversation_ends_with_1001(self):
        """Without a message for ``idle_seconds``, the conversation ends."""
        settings = Settings(idle_seconds=0.01)

        code, _ = await self.ended(Conversation(settings), self.wait_forever)

        self.assertEqual(1001, code)

    async def test_a_message_above_a_limit_raises_in_the_handler(self):
        """A message above a limit raises in the handler, and the exception ends the conversation."""

        async def handler(conversation):
            conversation.count("消")
            conversation.count("消x")

        code, _ = await self.ended(Conversation(SETTINGS), handler)

        self.assertEqual(1009, code)

    async def test_a_message_resets_the_idle_timer(self):
        """The idle time is counted from the last message."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        with patch.object(loop, "time", lambda: now):
            conversation = Conversation(SETTINGS)
            running = asyncio.create_task(conversation.run(self.wait_forever))
            for seconds in (59, 59):
                now += seconds
                await settle()
                conversation.count("x")
            now += 59
            await settle()
            self.assertFalse(running.done())
            now += 2
            await settle()

        self.assertEqual(1001, running.exception().code)

    async def test_cancelling_the_caller_cancels_the_handler(self):
        """When the server stops, both the caller and the handler are cancelled, without a close reason."""
        running = asyncio.create_task(Conversation(SETTINGS).run(self.wait_forever))
        await settle()
        running.cancel()

        with self.assertRaises(asyncio.CancelledError):
            await running
        self.assertEqual({asyncio.current_task()}, asyncio.all_tasks())

    async def test_an_end_hides_no_cancellation(self):
        """If a cancellation and an end occur at the same moment, the cancellation wins."""
        conversation = Conversation(SETTINGS)
        running = asyncio.create_task(conversation.run(self.wait_forever))
        await settle()
        conversation.end(1013, "read faster")
        running.cancel()

        with self.assertRaises(asyncio.CancelledError):
            await running

    async def test_nothing_is_left_of_a_conversation(self):
        """After its end, a conversation has no timer, and ending it again is no error."""
        loop = asyncio.get_running_loop()
        call_later, timers = loop.call_later, []

        async def handler(_conversation):
            pass

        with patch.object(loop, "call_later", lambda *timer: timers.append(call_later(*timer)) or timers[-1]):
            conversation = Conversation(SETTINGS)
            await conversation.run(handler)
        with patch.object(loop, "call_exception_handler") as complaint:
            conversation.end(1013, "too late")
            await settle()

        complaint.assert_not_called()
        self.assertEqual([True], [timer.cancelled() for timer in timers])

    async def test_a_conversation_is_freed_at_once(self):
        """Nothing refers to a conversation that is over: no garbage collector has to find it."""

        async def handler(_conversation):
            pass

        conversation = Conversation(SETTINGS)
        await conversation.run(handler)
        freed = weakref.ref(conversation)
        gc.disable()
        self.addCleanup(gc.enable)
        del conversation

        self.assertIsNone(freed())
