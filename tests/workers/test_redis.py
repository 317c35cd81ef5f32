"""The backplane through Redis: heartbeats, a bounded queue, and a Redis that is down.

Run it alone: ``pytest tests/workers/test_redis.py``; it needs ``redis-server``.
"""

import asyncio
import socket

import pytest

from service.backplane import Unavailable
from service.redis_backplane import CHANNEL, RedisBackplane
from tests.workers.worker import BEATS, DEADLINE, HEARTBEAT, LONG, MANY, MOST, QUICK, Worker, say
from tests.ws.chat import message, offline, online


@pytest.fixture
def two(redis):
    """A function that makes two workers, connected through Redis."""
    return lambda: (Worker(RedisBackplane(redis.url, HEARTBEAT)) for _ in range(2))


def test_a_user_who_left_is_in_no_later_list(redis):
    """The lists of users of later heartbeats do not contain a user who is offline."""

    async def scenario():
        async with Worker(RedisBackplane(redis.url, QUICK)) as worker:
            worker.backplane.join("ada")
            await worker.until_received({"type": "users", "users": ["ada"]})
            worker.backplane.leave("ada")
            await worker.until_received(offline("ada"))
            worker.received.clear()
            await worker.until(lambda: len(worker.received) >= BEATS)
            return worker.received

    empty = {"type": "users", "users": {}}
    assert asyncio.run(scenario())[:BEATS] == [empty] * BEATS


def test_an_idle_user_stays_online(redis):
    """A worker renews its users before they expire, so every list contains them."""

    async def scenario():
        idle = Worker(RedisBackplane(redis.url, HEARTBEAT))
        watcher = Worker(RedisBackplane(redis.url, QUICK))
        async with idle, watcher:
            idle.backplane.join("ada")
            await watcher.until_received({"type": "users", "users": ["ada"]})
            watcher.received = watcher.received[-1:]
            await watcher.until(lambda: len(watcher.received) >= MANY)
            return watcher.received

    assert asyncio.run(scenario())[:MANY] == [{"type": "users", "users": ["ada"]}] * MANY


def test_stopping_waits_only_for_the_last_notices(redis):
    """A worker that stops sends its last notices and does not wait for a heartbeat."""

    async def scenario():
        async with Worker(RedisBackplane(redis.url, HEARTBEAT)) as watcher:
            async with asyncio.timeout(DEADLINE), Worker(RedisBackplane(redis.url, LONG)) as worker:
                worker.backplane.join("ada")
            await watcher.until_received(offline("ada"))
            return watcher.events

    assert asyncio.run(scenario()) == [online("ada"), offline("ada")]


def test_the_queue_is_bounded(redis, monkeypatch):
    """The backplane refuses a message when its queue is full."""
    monkeypatch.setattr("service.redis_backplane.MAX_QUEUED", MOST)

    async def scenario():
        async with Worker(RedisBackplane(redis.url, HEARTBEAT)) as worker:
            await worker.until(lambda: worker.received)  # the queue is empty
            for _ in range(MOST):
                say(worker, "ada", "x")
            with pytest.raises(Unavailable):
                say(worker, "ada", "one too many")
            await worker.until(lambda: len(worker.events) == MOST)

    asyncio.run(scenario())


def test_an_invalid_notice_is_logged_and_ignored(redis, caplog):
    """An invalid notice in the channel is logged, and the next notice is delivered."""

    async def scenario():
        async with Worker(RedisBackplane(redis.url, HEARTBEAT)) as worker:
            redis.publish(CHANNEL, "nonsense")
            await worker.until(lambda: "could not be processed" in caplog.text)
            say(worker, "ada", "hello")
            await worker.until_received(message("ada", "hello"))

    asyncio.run(scenario())


@pytest.mark.parametrize("answers", [False, True], ids=["closed-port", "no-answer"])
def test_redis_that_does_not_answer(answers, caplog):
    """If Redis does not answer, the backplane logs that, stays disconnected and can be stopped."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"redis://127.0.0.1:{listener.getsockname()[1]}/0"
    if not answers:
        listener.close()

    async def scenario():
        worker = Worker(RedisBackplane(url, QUICK))
        await worker.backplane.start(worker.received.append)
        worker.backplane.join("ada")
        worker.backplane.leave("ada")
        await worker.until(lambda: "Redis cannot be reached, trying again" in caplog.text)
        assert not worker.backplane.connected
        await worker.backplane.stop()

    with listener:
        asyncio.run(scenario())


def test_publishing_fails_without_redis_and_works_again(redis, two):
    """Without Redis a message is refused; when Redis is back, messages and users are delivered again."""

    async def scenario():
        one, other = two()
        async with one, other:
            one.backplane.join("ada")
            await other.until_received(online("ada"))
            redis.stop()
            await one.until(lambda: not one.backplane.connected)
            with pytest.raises(Unavailable, match="try again"):
                say(one, "ada", "hello?")
            redis.start()
            await one.until(lambda: one.backplane.connected and other.backplane.connected)
            say(one, "ada", "here again")
            other.received.clear()
            await other.until_received(message("ada", "here again"))
            await other.until_received({"type": "users", "users": ["ada"]})

    asyncio.run(scenario())
