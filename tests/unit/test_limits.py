"""The pace of one conversation, with a clock that is set by hand."""

import asyncio
from unittest.mock import patch

from fastapi import WebSocketException

from service.limits import Limits
from service.settings import Settings
from tests.unit.base import AsyncTestCase

SETTINGS = Settings(max_messages_per_second=10, idle_seconds=60, max_message_bytes=3)


class Pace(AsyncTestCase):
    """What a conversation may do, and what ends it."""

    async def asyncSetUp(self):
        """Stop the clock."""
        await super().asyncSetUp()
        loop = asyncio.get_running_loop()
        self.now = loop.time()
        self.enterContext(patch.object(loop, "time", lambda: self.now))

    async def send(self, limits, times):
        """Send so many messages; return the close code if that is too many."""
        try:
            for _ in range(times):
                limits.check("x")
        except WebSocketException as end:
            return end.code

    async def test_what_was_used_up_comes_back_with_time(self):
        """After half a second, half a second's worth may be sent, and not one more."""

        async def talk(limits):
            self.assertIsNone(await self.send(limits, 10))
            self.now += 0.5

            self.assertIsNone(await self.send(limits, 5))
            self.assertEqual(1008, await self.send(limits, 1))

        await Limits(SETTINGS).hold(talk)

    async def test_nobody_saves_up(self):
        """After a long silence it is a second's worth, and not one more."""

        async def talk(limits):
            self.now += 30

            self.assertIsNone(await self.send(limits, 10))
            self.assertEqual(1008, await self.send(limits, 1))

        await Limits(SETTINGS).hold(talk)

    async def test_a_message_that_is_too_long(self):
        """Bytes of UTF-8 are counted, not letters."""

        async def talk(limits):
            limits.check("消")
            limits.check("消x")

        with self.assertRaises(WebSocketException) as raised:
            await Limits(Settings(max_message_bytes=3)).hold(talk)

        self.assertEqual(1009, raised.exception.code)

    async def test_a_message_breaks_the_silence(self):
        """The time is counted from the last message, not from the first."""

        async def talk(limits):
            for seconds in (59, 59, 30):
                await self.wait(seconds)
                limits.check("x")
            await self.wait(59)
            self.wide_awake = True
            await self.wait(2)

        with self.assertRaises(WebSocketException) as raised:
            await Limits(SETTINGS).hold(talk)

        self.assertEqual(1001, raised.exception.code)
        self.assertTrue(self.wide_awake)

    async def test_somebody_else_ends_it(self):
        """Whatever it waits for, it ends with the code and the reason that were given first."""

        async def talk(limits):
            limits.end(1013, "read faster")
            limits.end(1001, "too late to say that")
            await self.wait(0)

        with self.assertRaises(WebSocketException) as raised:
            await Limits(SETTINGS).hold(talk)

        self.assertEqual((1013, "read faster"), (raised.exception.code, raised.exception.reason))

    async def test_whoever_waits_for_it_is_cancelled(self):
        """The server that stops ends both, and that is no reason to close which the client is told."""
        begun = asyncio.Event()

        async def talk(_limits):
            begun.set()
            await asyncio.Event().wait()

        held = asyncio.create_task(Limits(SETTINGS).hold(talk))
        await begun.wait()
        held.cancel()

        with self.assertRaises(asyncio.CancelledError):
            await held
        self.assertEqual({asyncio.current_task()}, asyncio.all_tasks())

    async def test_an_end_hides_no_cancellation(self):
        """Both in one moment: the server that stops is obeyed."""
        begun = asyncio.Event()

        async def talk(_limits):
            begun.set()
            await asyncio.Event().wait()

        limits = Limits(SETTINGS)
        held = asyncio.create_task(limits.hold(talk))
        await begun.wait()
        limits.end(1013, "read faster")
        held.cancel()

        with self.assertRaises(asyncio.CancelledError):
            await held

    async def test_nothing_is_left_behind(self):
        """A conversation that is over leaves no timer, and ending it again is no error."""
        loop = asyncio.get_running_loop()
        call_later = loop.call_later

        async def talk(_limits):
            pass

        limits, timers = Limits(SETTINGS), []
        with patch.object(loop, "call_later", lambda *timer: timers.append(call_later(*timer)) or timers[-1]):
            await limits.hold(talk)
        with patch.object(loop, "call_exception_handler") as complaint:
            limits.end(1013, "too late")
            await self.wait(600)

        complaint.assert_not_called()
        self.assertEqual([True], [timer.cancelled() for timer in timers])

    async def wait(self, seconds):
        """Let this time go by, and let whoever waited for it go on."""
        self.now += seconds
        for _ in range(3):
            await asyncio.sleep(0)
