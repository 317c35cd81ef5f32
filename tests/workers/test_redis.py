"""What only the backplane through Redis promises."""

import asyncio
import socket

import pytest

from service.backplane import Unavailable
from service.redis_backplane import CHANNEL, RedisBackplane
from tests.workers.worker import BEATS, DEADLINE, HEARTBEAT, LONG, MANY, MOST, QUICK, Worker, say
from tests.ws.chat import message, offline, online


@pytest.fixture
def two(redis):
    """Make two workers that meet in Redis."""
    return lambda: (Worker(RedisBackplane(redis.url, HEARTBEAT)) for _ in range(2))


def test_who_has_left_stays_away(redis):
    """The next beat tells of nobody who is not there any more."""

    async def scenario():
        async with Worker(RedisBackplane(redis.url, QUICK)) as worker:
            worker.backplane.arrive("ada")
            await worker.until_heard({"type": "users", "users": ["ada"]})
            worker.backplane.leave("ada")
            await worker.until_heard(offline("ada"))
            worker.heard.clear()
            await worker.until(lambda: len(worker.heard) >= BEATS)
            return worker.heard

    nobody = {"type": "users", "users": {}}
    assert asyncio.run(scenario())[:BEATS] == [nobody] * BEATS


def test_who_is_quiet_stays_online(redis):
    """A worker renews its users before they expire: no list is without them."""

    async def scenario():
        quiet = Worker(RedisBackplane(redis.url, HEARTBEAT))
        watcher = Worker(RedisBackplane(redis.url, QUICK))
        async with quiet, watcher:
            quiet.backplane.arrive("ada")
            await watcher.until_heard({"type": "users", "users": ["ada"]})
            watcher.heard = watcher.heard[-1:]
            await watcher.until(lambda: len(watcher.heard) >= MANY)
            return watcher.heard

    assert asyncio.run(scenario())[:MANY] == [{"type": "users", "users": ["ada"]}] * MANY


def test_stopping_waits_for_the_last_word_only(redis):
    """A heartbeat is how long that may take, not how long it takes."""

    async def scenario():
        async with Worker(RedisBackplane(redis.url, HEARTBEAT)) as watcher:
            async with asyncio.timeout(DEADLINE), Worker(RedisBackplane(redis.url, LONG)) as worker:
                worker.backplane.arrive("ada")
            await watcher.until_heard(offline("ada"))
            return watcher.news

    assert asyncio.run(scenario()) == [online("ada"), offline("ada")]


def test_what_waits_is_bounded(redis, monkeypatch):
    """What cannot be sent as fast as it is said is refused, and not kept without end."""
    monkeypatch.setattr("service.redis_backplane.MOST", MOST)

    async def scenario():
        async with Worker(RedisBackplane(redis.url, HEARTBEAT)) as worker:
            await worker.until(lambda: worker.heard)  # nothing of its own waits
            for _ in range(MOST):
                say(worker, "ada", "x")
            with pytest.raises(Unavailable):
                say(worker, "ada", "one too many")
            await worker.until(lambda: len(worker.news) == MOST)

    asyncio.run(scenario())


def test_nonsense_from_elsewhere_is_passed_over(redis, caplog):
    """It is logged, and what comes after it is heard."""

    async def scenario():
        async with Worker(RedisBackplane(redis.url, HEARTBEAT)) as worker:
            redis.publish(CHANNEL, "nonsense")
            await worker.until(lambda: "was not understood" in caplog.text)
            say(worker, "ada", "hello")
            await worker.until_heard(message("ada", "hello"))

    asyncio.run(scenario())


@pytest.mark.parametrize("answers", [False, True], ids=["not-there", "says-nothing"])
def test_a_redis_that_does_not_answer(answers, caplog):
    """The service goes on alone, says so, and stops when it is told to."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"redis://127.0.0.1:{listener.getsockname()[1]}/0"
    if not answers:
        listener.close()

    async def scenario():
        worker = Worker(RedisBackplane(url, QUICK))
        await worker.backplane.start(worker.heard.append)
        worker.backplane.arrive("ada")
        worker.backplane.leave("ada")
        await worker.until(lambda: "Redis cannot be reached, trying again" in caplog.text)
        assert not worker.backplane.connected
        await worker.backplane.stop()

    with listener:
        asyncio.run(scenario())


def test_it_says_that_redis_is_away_and_comes_back(redis, two):
    """What cannot be published is refused; when Redis is back, all goes on, with everybody in it."""

    async def scenario():
        one, other = two()
        async with one, other:
            one.backplane.arrive("ada")
            await other.until_heard(online("ada"))
            redis.stop()
            await one.until(lambda: not one.backplane.connected)
            with pytest.raises(Unavailable, match="try again"):
                say(one, "ada", "anybody?")
            redis.start()
            await one.until(lambda: one.backplane.connected and other.backplane.connected)
            say(one, "ada", "here again")
            other.heard.clear()
            await other.until_heard(message("ada", "here again"))
            await other.until_heard({"type": "users", "users": ["ada"]})

    asyncio.run(scenario())
