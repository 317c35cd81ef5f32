"""What both backplanes promise: the same notices, in the same order, to every worker."""

import asyncio
import json
import socket
import time

import pytest

from service.backplane import Backplane, MemoryBackplane, Unavailable
from service.redis_backplane import CHANNEL, RedisBackplane
from tests.ws.chat import message, offline, online

DEADLINE = 5.0  # seconds that anything may take
HEARTBEAT = 0.6  # seconds
QUICK = 0.1  # seconds, where nothing is lost if a beat comes late
MOST = 100  # messages that may wait
BEATS = 3  # lists of users that come in more than one heartbeat


class Worker:
    """A backplane, and what was heard of it."""

    def __init__(self, backplane: Backplane) -> None:
        self.backplane = backplane
        self.heard: list[dict[str, object]] = []

    async def __aenter__(self):
        await self.backplane.start(self._hear)
        await self.until(lambda: self.backplane.connected)
        return self

    async def __aexit__(self, *_):
        await self.backplane.stop()

    def _hear(self, text):
        self.heard.append(json.loads(text))

    @property
    def news(self):
        """All that was heard, but for the lists of users that come now and then."""
        return [notice for notice in self.heard if notice["type"] != "users"]

    async def until(self, fact, within=DEADLINE):
        """Return when this is so, or fail the test."""
        deadline = time.monotonic() + within
        while not fact():
            assert time.monotonic() < deadline, f"not so within {within} s, but heard {self.heard}"
            await asyncio.sleep(0.005)

    async def until_heard(self, notice):
        """Return when this has been heard."""
        await self.until(lambda: notice in self.heard)


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


def say(worker, user, text):
    """Let a user of this worker say something."""
    worker.backplane.publish(json.dumps(message(user, text)))


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
