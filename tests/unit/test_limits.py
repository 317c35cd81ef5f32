"""Unit tests of ``service.limits``, with a clock that the tests control.

Run it alone: ``python -m unittest tests.unit.test_limits``.
"""

import asyncio
import unittest
from unittest.mock import patch

from fastapi import WebSocketException

from service.limits import IdleTimer, MessageLimits, TokenBucket
from service.settings import Settings
from tests.unit.base import AsyncTestCase


class RateLimit(unittest.TestCase):
    """The token bucket: ten messages a second."""

    def setUp(self):
        """Begin at time 0, with a full bucket."""
        self.bucket = TokenBucket(10, 0.0)

    def take(self, times, now):
        """Take this many tokens; return whether there were enough."""
        return sum(self.bucket.take(now) for _ in range(times)) == times

    def test_a_second_s_worth_may_come_at_once(self):
        """Ten messages are allowed at the same moment, and not one more."""
        self.assertTrue(self.take(10, 0.0))
        self.assertFalse(self.take(1, 0.0))

    def test_tokens_come_back_with_time(self):
        """After half a second, half a second's worth is allowed, and not one more."""
        self.take(10, 0.0)

        self.assertTrue(self.take(5, 0.5))
        self.assertFalse(self.take(1, 0.5))

    def test_tokens_are_not_saved_up(self):
        """After a long pause, a second's worth is allowed, and not one more."""
        self.assertTrue(self.take(10, 30.0))
        self.assertFalse(self.take(1, 30.0))


class Messages(unittest.TestCase):
    """The limits on one message and on their number."""

    def code(self, limits, *texts):
        """Return the close code of the first text that is refused, or None."""
        try:
            for text in texts:
                limits.check(text, 0.0)
        except WebSocketException as error:
            return error.code
        return None

    def test_the_size_is_counted_in_bytes(self):
        """The size of a text is the size of its UTF-8: 消 has three bytes."""
        limits = MessageLimits(Settings(max_message_bytes=3), 0.0)

        self.assertIsNone(self.code(limits, "消", "abc", ""))
        self.assertEqual(1009, self.code(limits, "消x"))

    def test_too_many_messages(self):
        """One message too many is refused with 1008."""
        limits = MessageLimits(Settings(max_messages_per_second=2), 0.0)

        self.assertIsNone(self.code(limits, "a", "b"))
        self.assertEqual(1008, self.code(limits, "c"))


class IdleTimeout(AsyncTestCase):
    """The idle timer: sixty seconds, with a clock that the test controls."""

    async def asyncSetUp(self):
        """Stop the clock, and start the timer."""
        await super().asyncSetUp()
        loop = asyncio.get_running_loop()
        self.now = loop.time()
        self.enterContext(patch.object(loop, "time", lambda: self.now))
        self.idle = 0
        self.timer = IdleTimer(60, self.count)

    def count(self):
        """Count that the timer fired."""
        self.idle += 1

    async def wait(self, seconds):
        """Advance the clock by this time, and run the timers that are due."""
        self.now += seconds
        for _ in range(3):
            await asyncio.sleep(0)

    async def test_a_message_resets_the_timer(self):
        """The time is counted from the last message, not from the first."""
        for seconds in (59, 59, 30):
            await self.wait(seconds)
            self.timer.reset(self.now)
        await self.wait(59)
        self.assertEqual(0, self.idle)

        await self.wait(2)
        self.assertEqual(1, self.idle)

    async def test_a_cancelled_timer_never_fires(self):
        """After ``cancel``, the timer calls nothing."""
        self.timer.cancel()
        await self.wait(600)

        self.assertEqual(0, self.idle)
