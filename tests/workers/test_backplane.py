"""Both backplanes, in memory and through Redis, deliver the same notices in the same order.

Run it alone: ``pytest tests/workers/test_backplane.py``; it needs ``redis-server``.
"""

import asyncio

import pytest

from service.backplane import MemoryBackplane
from service.redis_backplane import RedisBackplane
from tests.workers.worker import HEARTBEAT, Worker, say
from tests.ws.chat import message, offline, online


@pytest.fixture(params=["memory", "redis"])
def make(request):
    """A function that makes a worker, once with each of the two backplanes."""
    if request.param == "memory":
        return lambda: Worker(MemoryBackplane())
    redis = request.getfixturevalue("redis")
    return lambda: Worker(RedisBackplane(redis.url, HEARTBEAT))


@pytest.fixture
def two(redis):
    """A function that makes two workers, connected through Redis."""
    return lambda: (Worker(RedisBackplane(redis.url, HEARTBEAT)) for _ in range(2))


def test_messages_are_delivered_once_and_in_order(make):
    """A worker receives each of its own messages once, in the order in which it published them."""

    async def scenario():
        async with make() as worker:
            for number in range(100):
                say(worker, "ada", str(number))
            await worker.until_received(message("ada", "99"))
            return [notice["text"] for notice in worker.events]

    assert asyncio.run(scenario()) == [str(number) for number in range(100)]


def test_presence_and_messages_keep_their_order(make):
    """The notice online, a message and the notice offline are delivered in this order."""

    async def scenario():
        async with make() as worker:
            worker.backplane.join("ada")
            say(worker, "ada", "hello")
            worker.backplane.leave("ada")
            await worker.until_received(offline("ada"))
            return worker.events

    assert asyncio.run(scenario()) == [online("ada"), message("ada", "hello"), offline("ada")]


@pytest.mark.parametrize("name", ["用户", 'a "quoted" name', "*", "a b\\n"])
def test_a_user_name_may_have_any_characters(make, name):
    """No character of a user name has a special meaning."""

    async def scenario():
        async with make() as worker:
            worker.backplane.join(name)
            worker.backplane.leave(name)
            await worker.until_received(offline(name))
            return worker.events

    assert asyncio.run(scenario()) == [online(name), offline(name)]


def test_every_worker_receives_the_same(two):
    """Both workers receive the notices of each other in the same order."""

    async def scenario():
        one, other = two()
        async with one, other:
            one.backplane.join("ada")
            say(one, "ada", "hello")
            await other.until_received(message("ada", "hello"))
            say(other, "bob", "hi")
            await one.until_received(message("bob", "hi"))
            return one.events, other.events

    one, other = asyncio.run(scenario())
    assert one == other == [online("ada"), message("ada", "hello"), message("bob", "hi")]


def test_a_user_of_two_workers_is_offline_after_both(two):
    """A user with a connection to each worker is online until both are closed."""

    async def scenario():
        one, other = two()
        async with one, other:
            one.backplane.join("ada")
            await other.until_received(online("ada"))
            other.backplane.join("ada")
            say(other, "ada", "on both")
            await one.until_received(message("ada", "on both"))
            one.backplane.leave("ada")
            say(one, "bob", "one is left")
            await other.until_received(message("bob", "one is left"))
            other.backplane.leave("ada")
            await one.until_received(offline("ada"))
            return one.events

    expected = [online("ada"), message("ada", "on both"), message("bob", "one is left"), offline("ada")]
    assert asyncio.run(scenario()) == expected


def test_a_new_worker_receives_the_users_online(two):
    """A worker that starts later receives the list of the users who are online already."""

    async def scenario():
        one, other = two()
        async with one:
            one.backplane.join("ada")
            await one.until_received(online("ada"))
            async with other:
                await other.until(lambda: other.received)
                return other.received[0]

    assert asyncio.run(scenario()) == {"type": "users", "users": ["ada"]}


def test_users_of_a_worker_that_stops_go_offline(two):
    """When a worker stops, its users are announced offline."""

    async def scenario():
        one, other = two()
        async with one:
            async with other:
                other.backplane.join("ada")
                await one.until_received(online("ada"))
            await one.until_received(offline("ada"))
            return one.events

    assert asyncio.run(scenario()) == [online("ada"), offline("ada")]


def test_users_of_a_killed_worker_go_offline(two):
    """Within two heartbeats after a worker was killed, the list of users has none of its users."""
    one, other = two()

    async def run_and_die():
        await one.__aenter__()
        one.backplane.join("ada")
        await one.until_received(online("ada"))  # then this event loop ends, with all its tasks

    async def scenario():
        async with other:
            await asyncio.to_thread(asyncio.run, run_and_die())
            await other.until_received(online("ada"))
            other.received.clear()
            await other.until(lambda: {"type": "users", "users": {}} in other.received, within=2 * HEARTBEAT)
            return other.events

    assert asyncio.run(scenario()) == []  # each worker compares the lists of users by itself
