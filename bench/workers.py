"""Two workers that meet in Redis: what that costs a message, and how many it carries (half a minute).

``--quick`` takes fewer rounds (10 s). It needs redis-server, and leaves ``reports/data/bench-workers.json``.
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

from bench.serving.clients import CHAT, PATIENCE, TEXT, Client, enter, frame, until
from bench.serving.report import Bench, Row, run
from bench.serving.server import serving
from service.backplane import notice
from service.redis_backplane import CHANNEL, RedisBackplane
from tests.workers.redis_server import redis_server

TOKENS = {"ECHO_TOKENS": json.dumps({"ada": "ada", "bob": "bob"})}
MESSAGES = 200  # of a turn, one after the other
BURST = 2000  # notices of a turn, as fast as they can be published
TALKERS = 50  # who publish at once
MESSAGE = b'{"type": "message"'
NOTICE = notice("message", user="ada", text="to be or not to be, that is this")
Publish = Callable[[], Awaitable[None]]
Spent = tuple[float, float]  # seconds of processor time, and by the clock


async def measure(bench: Bench) -> None:
    """Send messages from one worker to another, and then many at once."""
    if shutil.which("redis-server") is None:
        sys.exit("redis-server is not here: install it (Debian: apt-get install redis-server)")
    with redis_server() as redis:
        await compare_waits(bench, redis.url, rounds=5 if bench.quick else 25)
        await compare_bursts(bench, redis.url, rounds=5 if bench.quick else 25)


async def compare_waits(bench: Bench, url: str, rounds: int) -> None:
    """Compare how long a message takes within one worker, and to another one."""
    apart, one = [], []
    with ExitStack() as stack:
        first, second = (stack.enter_context(serving(None, ECHO_REDIS_URL=url, **TOKENS)) for _ in range(2))
        alone = stack.enter_context(serving(None, **TOKENS))
        far, near = Pair(), Pair()
        await far.meet(first.port, second.port)
        await near.meet(alone.port, alone.port)
        bench.say(f"messages: {rounds} rounds begin")
        for _ in range(rounds):
            one.append(await near.talk())
            apart.append(await far.talk())
    extra = [(far - near) * 1000 for far, near in zip(apart, one, strict=True)]
    bench.add(
        Row("p50 of a message to another worker, beyond that within one", extra, most=0.5, unit="ms"),
        Row("p50 of a message within one worker, in memory", [wait * 1000 for wait in one], unit="ms"),
    )


class Pair:
    """Ada who speaks, and Bob who listens."""

    async def meet(self, port_of_ada: int, port_of_bob: int) -> None:
        """Let both come, and speak until Bob hears Ada."""
        self._heard = asyncio.Event()
        self._bob = await enter(port_of_bob, CHAT, "bob", self._hear)
        self._ada = await enter(port_of_ada, CHAT, "ada")
        async with asyncio.timeout(PATIENCE):
            while not self._heard.is_set():
                self._say()
                await asyncio.sleep(0.1)

    async def talk(self) -> float:
        """Return the median time of a message."""
        waits = []
        for _ in range(MESSAGES):
            self._heard.clear()
            said = time.perf_counter()
            self._say()
            await asyncio.wait_for(self._heard.wait(), PATIENCE)
            waits.append(self._when - said)
        return median(waits)

    def _say(self) -> None:
        self._ada.write(frame(TEXT, b'{"type": "message", "text": "to be or not to be"}'))

    def _hear(self, _client: Client, payload: bytes, now: float) -> None:
        if payload.startswith(MESSAGE):
            self._when = now
            self._heard.set()


async def compare_bursts(bench: Bench, url: str, rounds: int) -> None:
    """Compare the backplane's ``publish`` with one that is awaited for each message."""
    ear, redis = Ear(), Redis.from_url(url)
    backplane = RedisBackplane(url, heartbeat=5.0)
    await backplane.start(ear.hear)
    assert await until(lambda: backplane.connected), "Redis does not answer"

    async def ours() -> None:
        backplane.publish(NOTICE)

    async def awaited() -> None:
        await redis.publish(CHANNEL, NOTICE)

    bench.say(f"bursts: {rounds} rounds begin")
    taken = [
        (await ear.take(ours, 1), await ear.take(awaited, 1), await ear.take(awaited, TALKERS))
        for _ in range(rounds)
    ]
    await backplane.stop()
    await redis.aclose()
    what = "messages a second: the backplane ÷ an awaited publish"
    bench.add(
        Row(what, [other[1] / our[1] for our, other, _ in taken], least=3),
        Row("the same in processor time", [other[0] / our[0] for our, other, _ in taken]),
        Row(f"the same with {TALKERS} who publish at once", [other[1] / our[1] for our, _, other in taken]),
        Row("through the backplane", [BURST / our[1] for our, *_ in taken], unit="a second"),
    )


class Ear:
    """Whoever hears what is published."""

    def __init__(self) -> None:
        self._heard = 0

    def hear(self, text: str) -> None:
        """Count a message."""
        self._heard += text == NOTICE

    async def take(self, publish: Publish, talkers: int) -> Spent:
        """Return how long it takes until so many talkers have published a burst, and all is heard."""

        async def talk() -> None:
            for _ in range(BURST // talkers):
                await publish()

        self._heard = 0
        cpu, clock = time.process_time(), time.perf_counter()
        await asyncio.gather(*(talk() for _ in range(talkers)))
        while self._heard < BURST:  # noqa: ASYNC110 -- costs less than to be told
            await asyncio.sleep(0.001)
        return time.process_time() - cpu, time.perf_counter() - clock


if __name__ == "__main__":
    run("workers", "See what it costs that workers meet in Redis.", measure)
