"""A backplane through Redis, for several workers.

Each worker keeps its users in its own set. The set expires if the worker does not renew it, so the users
of a killed worker go offline. A script changes the sets and publishes the notice in one step, so that
notices and sets agree. With every heartbeat a worker also requests a list of all users. The list arrives
in order with the notices, so the worker detects everything that it missed.
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

from service.backplane import OnNotice, Unavailable

logger = logging.getLogger(__name__)
CHANNEL = "echo:notices"
WORKERS = "echo:workers"
USERS = "echo:users:"  # followed by the worker: the set of its users
BATCH_SIZE = 500  # commands in one pipeline
MAX_QUEUED = 10_000  # commands that may wait to be sent

# Every script gets as KEYS the set of workers and the set of this worker's users, and as ARGV the
# prefix of the users' sets and the channel.
ONLINE_ANYWHERE = """
local function online_anywhere(user)
  for _, worker in ipairs(redis.call('SMEMBERS', KEYS[1])) do
    if redis.call('SISMEMBER', ARGV[1] .. worker, user) == 1 then return true end
  end
end
local function notify(kind, user)
  redis.call('PUBLISH', ARGV[2], cjson.encode({type = kind, user = user}))
end
"""
JOIN = (
    ONLINE_ANYWHERE
    + """
redis.call('SADD', KEYS[1], ARGV[3])
for i = 5, #ARGV do
  local new = not online_anywhere(ARGV[i])
  redis.call('SADD', KEYS[2], ARGV[i])
  if new then notify('online', ARGV[i]) end
end
redis.call('PEXPIRE', KEYS[2], ARGV[4])
"""
)
LEAVE = (
    ONLINE_ANYWHERE
    + """
redis.call('SREM', KEYS[2], ARGV[3])
if not online_anywhere(ARGV[3]) then notify('offline', ARGV[3]) end
"""
)
LIST_USERS = """
local users = {}
for _, worker in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  local here = redis.call('SMEMBERS', ARGV[1] .. worker)
  if #here == 0 then redis.call('SREM', KEYS[1], worker) end
  for _, user in ipairs(here) do users[#users + 1] = user end
end
redis.call('PUBLISH', ARGV[2], cjson.encode({type = 'users', users = users}))
"""


class RedisBackplane:
    """Connects the workers through Redis, and reconnects after a failure.

    Without a connection, nothing can be published. A notice that is being sent when the connection
    breaks may be lost; it is never delivered twice.
    """

    def __init__(self, url: str, heartbeat: float) -> None:
        self._url = url
        self._heartbeat = heartbeat
        self._users: set[str] = set()
        self._connection: _Connection | None = None  # while there is one
        self._stopping = False

    @property
    def connected(self) -> bool:
        """Whether there is a connection to Redis."""
        return self._connection is not None

    async def start(self, on_notice: OnNotice) -> None:
        """Start to connect; before that, only this worker knows its users."""
        self._task = asyncio.create_task(self._keep_connected(on_notice))

    def join(self, user: str) -> None:
        """Add a user; the other workers are notified now, or after the next connect."""
        self._users.add(user)
        if self._connection:
            self._connection.join([user])

    def leave(self, user: str) -> None:
        """Remove a user, and notify the other workers."""
        self._users.discard(user)
        if self._connection:
            self._connection.leave(user)

    def publish(self, notice: str) -> None:
        """Deliver a notice to every worker; raise Unavailable while Redis cannot be reached."""
        if self._connection is None or self._connection.full:
            raise Unavailable("the chat cannot be reached just now, try again")
        self._connection.publish(notice)

    async def stop(self) -> None:
        """Send what is queued, within one heartbeat, and close the connection."""
        for user in tuple(self._users):
            self.leave(user)
        if self._connection:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._connection.flushed(), self._heartbeat)
        self._stopping = True  # a TaskGroup that is failing at this moment swallows the cancellation
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _keep_connected(self, on_notice: OnNotice) -> None:
        while not self._stopping:
            try:
                await self._connect(on_notice)
            except* (RedisError, OSError) as errors:
                logger.warning("Redis cannot be reached, trying again: %s", errors.exceptions[0])
            await asyncio.sleep(self._heartbeat / 4)

    async def _connect(self, on_notice: OnNotice) -> None:
        """Connect, and return when the connection breaks."""
        redis = Redis.from_url(
            self._url,
            retry=Retry(NoBackoff(), 0),
            socket_connect_timeout=self._heartbeat,
            socket_timeout=2 * self._heartbeat,  # four heartbeats should have come by then
        )
        try:
            async with redis.pubsub(ignore_subscribe_messages=False) as pubsub:
                connection = _Connection(redis, self._heartbeat)
                await connection.subscribe(pubsub)
                self._connection = connection
                logger.info("connected to Redis")
                async with asyncio.TaskGroup() as group:
                    group.create_task(connection.receive_notices(pubsub, on_notice))
                    group.create_task(connection.send_commands())
                    group.create_task(connection.send_heartbeats(self._users))
        finally:
            self._connection = None
            await redis.aclose()


class _Connection:
    """One connection to Redis; each connection gives the worker a new name."""

    def __init__(self, redis: Redis, heartbeat: float) -> None:
        self._redis = redis
        self._heartbeat = heartbeat
        self._worker = uuid4().hex
        self._commands: asyncio.Queue[tuple[object, ...]] = asyncio.Queue()

    @property
    def full(self) -> bool:
        """Whether the queue of commands is full."""
        return self._commands.qsize() >= MAX_QUEUED

    def join(self, users: Iterable[str]) -> None:
        """Add users of this worker, for one heartbeat."""
        milliseconds = int(self._heartbeat * 1000)
        self._run_script(JOIN, CHANNEL, self._worker, milliseconds, *users)

    def leave(self, user: str) -> None:
        """Remove a user of this worker."""
        self._run_script(LEAVE, CHANNEL, user)

    def publish(self, notice: str) -> None:
        """Publish a notice."""
        self._commands.put_nowait(("PUBLISH", CHANNEL, notice))

    async def flushed(self) -> None:
        """Return when all commands have been sent."""
        await self._commands.join()

    async def subscribe(self, pubsub: PubSub) -> None:
        """Subscribe to the notices, and return when Redis has confirmed it."""
        channels = {CHANNEL.encode(), self._worker.encode()}
        await pubsub.subscribe(*channels)
        while channels:
            message = await pubsub.get_message(timeout=self._heartbeat)
            if message is None:
                raise TimeoutError("Redis did not confirm the subscription")
            channels.discard(message["channel"])

    async def receive_notices(self, pubsub: PubSub, on_notice: OnNotice) -> None:
        """Deliver the published notices."""
        async for message in pubsub.listen():
            try:
                on_notice(message["data"].decode())
            except Exception:
                logger.exception("a notice could not be processed")

    async def send_commands(self) -> None:
        """Send the queued commands in pipelines."""
        while True:
            batch = [await self._commands.get()]
            while len(batch) < BATCH_SIZE and not self._commands.empty():
                batch.append(self._commands.get_nowait())
            async with self._redis.pipeline(transaction=False) as pipe:
                for command in batch:
                    pipe.execute_command(*command)
                async with asyncio.timeout(self._heartbeat):
                    await pipe.execute()
            for _ in batch:
                self._commands.task_done()

    async def send_heartbeats(self, users: set[str]) -> None:
        """Renew this worker's users, and request all users, twice per heartbeat."""
        while True:
            self.join(users)
            self._run_script(LIST_USERS, self._worker)
            await asyncio.sleep(self._heartbeat / 2)

    def _run_script(self, script: str, channel: str, *arguments: object) -> None:
        mine = USERS + self._worker
        self._commands.put_nowait(("EVAL", script, 2, WORKERS, mine, USERS, channel, *arguments))
