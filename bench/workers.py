"""Two workers connected by Redis: the additional delay of a message, and messages a second (30 s).

``--quick`` takes fewer rounds (10 s). It needs redis-server. The results go to
``reports/data/bench-workers.json``.
"""

import asyncio
import json
import shutil
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from statistics import median

from redis.asyncio import Redis

from bench.serving.report import Bench, Row, run
from bench.serving.server import serving
from service.backplane import notice
from service.redis_backplane import CHANNEL, RedisBackplane
from tests.support.async_client import AsyncClient, connect
from tests.support.chat_load import chat_message
from tests.support.frames import CHAT
from tests.support.waiting import TIMEOUT, wait_until
from tests.workers.redis_server import redis_server

SETTINGS = {"tokens": json.dumps({"ada": "ada", "bob": "bob"})}
MESSAGES = 200  # in a turn, one after the other
BURST = 2000  # messages in a turn, published as fast as possible
PUBLISHERS = 50  # tasks that publish at the same time
TEXT = "to be or not to be, that is this"
MESSAGE = b'{"type": "message"'
NOTICE = notice("message", user="ada", text=TEXT)
SENT = chat_message(TEXT)
RESEND = 0.1  # seconds
Publish = Callable[[], Awaitable[None]]
Cost = tuple[float, float]  # seconds of processor time, and of wall time


async def measure(bench: Bench) -> None:
    """Measure single messages between two workers, and then many at once."""
    if shutil.which("redis-server") is None:
        sys.exit("redis-server is not installed\n  hint: on Debian, run apt-get install redis-server")
    with redis_server() as redis:
        await compare_delays(bench, redis.url, rounds=5 if bench.quick else 25)
        await compare_bursts(bench, redis.url, rounds=5 if bench.quick else 25)


async def compare_delays(bench: Bench, url: str, rounds: int) -> None:
    """Compare the delay of a message within one worker and to another worker."""
    across, within = [], []
    with ExitStack() as stack:
        first, second = (stack.enter_context(serving(None, redis_url=url, **SETTINGS)) for _ in range(2))
        single = stack.enter_context(serving(None, **SETTINGS))
        pair, local_pair = Pair(), Pair()
        await pair.connect(first.port, second.port)
        await local_pair.connect(single.port, single.port)
        bench.say(f"single messages: {rounds} rounds follow")
        for _ in range(rounds):
            within.append(await local_pair.delay())
            across.append(await pair.delay())
    extra = [(a - w) * 1000 for a, w in zip(across, within, strict=True)]
    bench.add(
        Row("p50 delay: to another worker − within one", extra, most=0.5, unit="ms"),
        Row("p50 delay: within one worker, without Redis", [delay * 1000 for delay in within], unit="ms"),
    )


class Pair:
    """Two clients: Ada sends, and Bob receives."""

    async def connect(self, adas_port: int, bobs_port: int) -> None:
        """Connect both, and send until Bob receives a message of Ada's."""
        self._received = asyncio.Event()
        self._bob = await connect(bobs_port, CHAT, "bob", self._receive)
        self._ada = await connect(adas_port, CHAT, "ada")
        async with asyncio.timeout(TIMEOUT):
            while not self._received.is_set():
                self._ada.send(SENT)
                await asyncio.sleep(RESEND)

    async def delay(self) -> float:
        """Return the median delay of a message."""
        delays = []
        for _ in range(MESSAGES):
            self._received.clear()
            sent_at = time.perf_counter()
            self._ada.send(SENT)
            await asyncio.wait_for(self._received.wait(), TIMEOUT)
            delays.append(self._received_at - sent_at)
        return median(delays)

    def _receive(self, _client: AsyncClient, payload: bytes, now: float) -> None:
        if payload.startswith(MESSAGE):
            self._received_at = now
            self._received.set()


async def compare_bursts(bench: Bench, url: str, rounds: int) -> None:
    """Compare the backplane's ``publish`` with Redis' own, which is awaited for each message."""
    subscriber, redis = Subscriber(), Redis.from_url(url)
    backplane = RedisBackplane(url, heartbeat=5.0)
    await backplane.start(subscriber.receive)
    await wait_until(lambda: backplane.connected)

    async def queued() -> None:
        backplane.publish(NOTICE)

    async def awaited() -> None:
        await redis.publish(CHANNEL, NOTICE)

    bench.say(f"bursts: {rounds} rounds follow")
    ways = (queued, 1), (awaited, 1), (awaited, PUBLISHERS)
    costs = [[await subscriber.burst(*way) for way in ways] for _ in range(rounds)]
    await backplane.stop()
    await redis.aclose()
    ratio = "messages a second: backplane ÷ awaited publish"
    bench.add(
        Row(ratio, [one[1] / ours[1] for ours, one, _ in costs], least=3),
        Row("the same in processor time", [one[0] / ours[0] for ours, one, _ in costs]),
        Row(f"the same with {PUBLISHERS} publishers at once", [many[1] / ours[1] for ours, _, many in costs]),
        Row("messages through the backplane", [BURST / ours[1] for ours, *_ in costs], unit="a second"),
    )


class Subscriber:
    """A subscriber that counts the published messages."""

    def __init__(self) -> None:
        self._received = 0

    def receive(self, text: str) -> None:
        """Count a message."""
        self._received += text == NOTICE

    async def burst(self, publish: Publish, publishers: int) -> Cost:
        """Return the cost until a burst is published by several tasks and fully received."""

        async def publish_share() -> None:
            for _ in range(BURST // publishers):
                await publish()

        self._received = 0
        cpu, wall = time.process_time(), time.perf_counter()
        await asyncio.gather(*(publish_share() for _ in range(publishers)))
        while self._received < BURST:  # noqa: ASYNC110 -- cheaper than an event for each message
            await asyncio.sleep(0.001)
        return time.process_time() - cpu, time.perf_counter() - wall


if __name__ == "__main__":
    run("workers", "Measure the cost of Redis between two workers.", measure)
