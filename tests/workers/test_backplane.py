"""What both backplanes promise: the same notices, in the same order, to every worker."""

import asyncio

import pytest

from service.backplane import MemoryBackplane
from service.redis_backplane import RedisBackplane
from tests.workers.worker import HEARTBEAT, Worker, say
from tests.ws.chat import message, offline, online


@pytest.fixture(params=["memory", "redis"])
def make(request):
    """Make a worker with the backplane that is promised to behave like the other."""
    if request.param == "memory":
        return lambda: Worker(MemoryBackplane())
    redis = request.getfixturevalue("redis")
    return lambda: Worker(RedisBackplane(redis.url, HEARTBEAT))


@pytest.fixture
def two(redis):
    """Make two workers that meet in Redis."""
    return lambda: (Worker(RedisBackplane(redis.url, HEARTBEAT)) for _ in range(2))


def test_what_is_said_is_heard_once_and_in_order(make):
    """A worker hears what it publishes itself, as often as it did, in the order in which it did."""

    async def scenario():
        async with make() as worker:
            for number in range(100):
                say(worker, "ada", str(number))
            await worker.until_heard(message("ada", "99"))
            return [notice["text"] for notice in worker.news]

    assert asyncio.run(scenario()) == [str(number) for number in range(100)]


def test_coming_and_going_is_heard_in_order(make):
    """With what is said in between."""

    async def scenario():
        async with make() as worker:
            worker.backplane.arrive("ada")
            say(worker, "ada", "hello")
            worker.backplane.leave("ada")
            await worker.until_heard(offline("ada"))
            return worker.news

    assert asyncio.run(scenario()) == [online("ada"), message("ada", "hello"), offline("ada")]


@pytest.mark.parametrize("name", ["用户", 'a "quoted" name', "*", "a b\\n"])
def test_every_name_is_a_name(make, name):
    """No letter in it means anything to the backplane."""

    async def scenario():
        async with make() as worker:
            worker.backplane.arrive(name)
            worker.backplane.leave(name)
            await worker.until_heard(offline(name))
            return worker.news

    assert asyncio.run(scenario()) == [online(name), offline(name)]


def test_every_worker_hears_the_same(two):
    """What happens at one is heard at the other, in the same order."""

    async def scenario():
        one, other = two()
        async with one, other:
            one.backplane.arrive("ada")
            say(one, "ada", "hello")
            await other.until_heard(message("ada", "hello"))
            say(other, "bob", "hi")
            await one.until_heard(message("bob", "hi"))
            return one.news, other.news

    one, other = asyncio.run(scenario())
    assert one == other == [online("ada"), message("ada", "hello"), message("bob", "hi")]


def test_a_user_of_two_workers_leaves_the_last_one(two):
    """One user with a connection to each is online until both have ended."""

    async def scenario():
        one, other = two()
        async with one, other:
            one.backplane.arrive("ada")
            await other.until_heard(online("ada"))
            other.backplane.arrive("ada")
            say(other, "ada", "on both")
            await one.until_heard(message("ada", "on both"))
            one.backplane.leave("ada")
            say(one, "bob", "one has gone")
            await other.until_heard(message("bob", "one has gone"))
            other.backplane.leave("ada")
            await one.until_heard(offline("ada"))
            return one.news

    heard = [online("ada"), message("ada", "on both"), message("bob", "one has gone"), offline("ada")]
    assert asyncio.run(scenario()) == heard


def test_a_worker_that_comes_later_is_told_who_is_there(two):
    """It hears of everybody who came before it, from either worker."""

    async def scenario():
        one, other = two()
        async with one:
            one.backplane.arrive("ada")
            await one.until_heard(online("ada"))
            async with other:
                await other.until(lambda: other.heard)
                return other.heard[0]

    assert asyncio.run(scenario()) == {"type": "users", "users": ["ada"]}


def test_users_of_a_worker_that_stops_go_offline(two):
    """A worker that ends in good order leaves with all its users."""

    async def scenario():
        one, other = two()
        async with one:
            async with other:
                other.backplane.arrive("ada")
                await one.until_heard(online("ada"))
            await one.until_heard(offline("ada"))
            return one.news

    assert asyncio.run(scenario()) == [online("ada"), offline("ada")]


def test_a_worker_that_dies_leaves_no_ghosts(two):
    """Within two heartbeats the others are told that its users are not there any more."""
    one, other = two()

    async def dies():
        await one.__aenter__()
        one.backplane.arrive("ghost")
        await one.until_heard(online("ghost"))  # and then this loop ends, with every task in it

    async def scenario():
        async with other:
            await asyncio.to_thread(asyncio.run, dies())
            await other.until_heard(online("ghost"))
            other.heard.clear()
            await other.until(lambda: {"type": "users", "users": {}} in other.heard, within=2 * HEARTBEAT)
            return other.news

    assert asyncio.run(scenario()) == []  # each worker finds out from the list of users
