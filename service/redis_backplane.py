"""A backplane through Redis, for several workers.

Each worker keeps the users that are connected to it in a set of its own, which expires unless
the worker renews it: the users of a worker that was killed are gone with it. Scripts change
these sets and publish what that means in one step, so that what is heard is what is so. At
every beat a worker is also told who is online, over the line that brings the notices, and in
their order: whatever it could not hear, it learns from that.
"""

import asyncio
import contextlib
import logging
from collections.abc import Iterable
from uuid import uuid4

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from service.backplane import Hear, Unavailable

logger = logging.getLogger(__name__)
CHANNEL = "echo:notices"
WORKERS = "echo:workers"
USERS = "echo:users:"  # and the worker: who is connected to it
BATCH = 500  # commands that are sent in one piece
MOST = 10_000  # commands that may wait

# Every script knows KEYS: the set of workers, and this worker's users; and ARGV: what the
# name of any worker's users begins with, and the channel.
SOMEWHERE = """
local function somewhere(user)
  for _, worker in ipairs(redis.call('SMEMBERS', KEYS[1])) do
    if redis.call('SISMEMBER', ARGV[1] .. worker, user) == 1 then return true end
  end
end
local function tell(kind, user)
  redis.call('PUBLISH', ARGV[2], cjson.encode({type = kind, user = user}))
end
"""
ARRIVE = (
    SOMEWHERE
    + """
redis.call('SADD', KEYS[1], ARGV[3])
for i = 5, #ARGV do
  local news = not somewhere(ARGV[i])
  redis.call('SADD', KEYS[2], ARGV[i])
  if news then tell('online', ARGV[i]) end
end
redis.call('PEXPIRE', KEYS[2], ARGV[4])
"""
)
LEAVE = (
    SOMEWHERE
    + """
redis.call('SREM', KEYS[2], ARGV[3])
if not somewhere(ARGV[3]) then tell('offline', ARGV[3]) end
"""
)
WHO = """
local users = {}
for _, worker in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  local here = redis.call('SMEMBERS', ARGV[1] .. worker)
  if #here == 0 then redis.call('SREM', KEYS[1], worker) end
  for _, user in ipairs(here) do users[#users + 1] = user end
end
redis.call('PUBLISH', ARGV[2], cjson.encode({type = 'users', users = users}))
"""


class RedisBackplane:
    """Meets the other workers in Redis; when the line breaks, it connects again by itself.

    While it is broken nothing can be published. What was under way just then may be lost;
    it is never heard twice.
    """

    def __init__(self, url: str, heartbeat: float) -> None:
        self._url = url
        self._heartbeat = heartbeat
        self._users: set[str] = set()
        self._line: _Line | None = None  # while there is one
        self._stopping = False

    @property
    def connected(self) -> bool:
        """Whether there is a line to Redis."""
        return self._line is not None

    async def start(self, hear: Hear) -> None:
        """Begin to connect; until that is done, users are known to this worker alone."""
        self._task = asyncio.create_task(self._stay_connected(hear))

    def arrive(self, user: str) -> None:
        """Tell the other workers that this user is here, now or when they can be reached."""
        self._users.add(user)
        if self._line:
            self._line.arrive([user])

    def leave(self, user: str) -> None:
        """Tell the other workers that this user is not here any more."""
        self._users.discard(user)
        if self._line:
            self._line.leave(user)

    def publish(self, notice: str) -> None:
        """Let every worker hear this; raise Unavailable while Redis cannot be reached."""
        if self._line is None or self._line.full:
            raise Unavailable("the chat cannot be reached just now, try again")
        self._line.publish(notice)

    async def stop(self) -> None:
        """Say what is still to be said, in bounded time, and close the line."""
        for user in tuple(self._users):
            self.leave(user)
        if self._line:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._line.all_said(), self._heartbeat)
        self._stopping = True  # a group of tasks that is just failing would keep the cancellation to itself
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _stay_connected(self, hear: Hear) -> None:
        while not self._stopping:
            try:
                await self._connect(hear)
            except* (RedisError, OSError) as errors:
                logger.warning("Redis cannot be reached, trying again: %s", errors.exceptions[0])
            await asyncio.sleep(self._heartbeat / 4)

    async def _connect(self, hear: Hear) -> None:
        """Be connected until the line breaks."""
        redis = Redis.from_url(
            self._url,
            retry=Retry(NoBackoff(), 0),
            socket_connect_timeout=self._heartbeat,
            socket_timeout=2 * self._heartbeat,  # of a line on which four beats should have come
        )
        try:
            async with redis.pubsub(ignore_subscribe_messages=False) as pubsub:
                line = _Line(redis, self._heartbeat)
                await line.subscribe(pubsub)
                self._line = line
                logger.info("connected to Redis")
                async with asyncio.TaskGroup() as group:
                    group.create_task(line.listen(pubsub, hear))
                    group.create_task(line.speak())
                    group.create_task(line.beat(self._users))
        finally:
            self._line = None
            await redis.aclose()


class _Line:
    """One connection to Redis, and this worker's name for as long as it lasts."""

    def __init__(self, redis: Redis, heartbeat: float) -> None:
        self._redis = redis
        self._heartbeat = heartbeat
        self._worker = uuid4().hex
        self._waiting: asyncio.Queue[tuple[object, ...]] = asyncio.Queue()

    @property
    def full(self) -> bool:
        """Whether too much waits to be said already."""
        return self._waiting.qsize() >= MOST

    def arrive(self, users: Iterable[str]) -> None:
        """Say that these users are here; it holds for one heartbeat."""
        milliseconds = int(self._heartbeat * 1000)
        self._run(ARRIVE, CHANNEL, self._worker, milliseconds, *users)

    def leave(self, user: str) -> None:
        """Say that this user is not here any more."""
        self._run(LEAVE, CHANNEL, user)

    def publish(self, notice: str) -> None:
        """Say this to every worker."""
        self._waiting.put_nowait(("PUBLISH", CHANNEL, notice))

    async def all_said(self) -> None:
        """Return when nothing waits to be said."""
        await self._waiting.join()

    async def subscribe(self, pubsub: PubSub) -> None:
        """Return when Redis has confirmed that this worker hears what is published from now on."""
        channels = {CHANNEL.encode(), self._worker.encode()}
        await pubsub.subscribe(*channels)
        while channels:
            message = await pubsub.get_message(timeout=self._heartbeat)
            if message is None:
                raise TimeoutError("Redis did not confirm the subscription")
            channels.discard(message["channel"])

    async def listen(self, pubsub: PubSub, hear: Hear) -> None:
        """Pass on what is published."""
        async for message in pubsub.listen():
            try:
                hear(message["data"].decode())
            except Exception:
                logger.exception("a notice was not understood")

    async def speak(self) -> None:
        """Send what waits, as much as there is in one piece."""
        while True:
            batch = [await self._waiting.get()]
            while len(batch) < BATCH and not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            async with self._redis.pipeline(transaction=False) as pipe:
                for command in batch:
                    pipe.execute_command(*command)
                async with asyncio.timeout(self._heartbeat):
                    await pipe.execute()
            for _ in batch:
                self._waiting.task_done()

    async def beat(self, users: set[str]) -> None:
        """Renew this worker's users and ask for everybody's, twice in a heartbeat."""
        while True:
            self.arrive(users)
            self._run(WHO, self._worker)
            await asyncio.sleep(self._heartbeat / 2)

    def _run(self, script: str, channel: str, *arguments: object) -> None:
        mine = USERS + self._worker
        self._waiting.put_nowait(("EVAL", script, 2, WORKERS, mine, USERS, channel, *arguments))
