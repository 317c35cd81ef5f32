"""The chat against a model: after any sequence of events, every client has received the expected notices."""

import asyncio
import json

from hypothesis import settings, strategies
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from service.backplane import MemoryBackplane
from service.chat import Room

USERS = strategies.sampled_from(["ada", "bob", "用户"])
INVALID = strategies.sampled_from(["", "{}", "[1]", '{"type": "online"}'])
QUEUE_LIMIT = 1 << 20  # bytes for one connection: more than these tests ever send


class FakeWebSocket:
    """A WebSocket that receives what is sent to it while its client reads."""

    def __init__(self):
        self.received = []
        self.reading = asyncio.Event()
        self.reading.set()

    async def send(self, message):
        await self.reading.wait()
        self.received.append(json.loads(message["text"]))


class Connection:
    """A connection to the chat, and what the model expects it to receive."""

    def __init__(self, room, user):
        self.user = user
        self.websocket = FakeWebSocket()
        self.expected = []
        self.membership = room.member(user, self.websocket, lambda *_why: None)
        self.writer = self.membership.__enter__()

    def received(self):
        """Return the received notices; an error without its reason, which the model does not know."""
        return [n if n["type"] != "error" else "error" for n in self.websocket.received]


class Chat(RuleBasedStateMachine):
    """Any number of connections; the rules run in any order."""

    connections = Bundle("connections")

    def __init__(self):
        super().__init__()
        self.loop = asyncio.new_event_loop()
        backplane = MemoryBackplane()
        self.room = Room(backplane, QUEUE_LIMIT)
        self.loop.run_until_complete(backplane.start(self.room.on_notice))
        self.open = []

    def teardown(self):
        """Close every connection; no user and no task is left."""
        for connection in list(self.open):
            self.disconnect(connection)
        assert self.room.online == set()
        assert asyncio.all_tasks(self.loop) == set()
        self.loop.close()

    @rule(target=connections, user=USERS)
    def connect(self, user):
        """A user opens a connection, perhaps a second one."""
        online = {connection.user for connection in self.open}
        connection = self.do(lambda: Connection(self.room, user))
        connection.expected.append({"type": "users", "users": sorted(online | {user})})
        if user not in online:
            self.expect({"type": "online", "user": user}, but=user)
        self.open.append(connection)
        return connection

    @rule(connection=consumes(connections))
    def disconnect(self, connection):
        """A connection ends, whether its client reads or not."""
        self.open.remove(connection)
        self.do(lambda: connection.membership.__exit__(None, None, None))
        if connection.user not in {other.user for other in self.open}:
            self.expect({"type": "offline", "user": connection.user})

    @rule(connection=connections, text=strategies.text(max_size=20))
    def send(self, connection, text):
        """A client sends a message."""
        self.say(connection, json.dumps({"type": "message", "text": text}))
        self.expect({"type": "message", "user": connection.user, "text": text})

    @rule(connection=connections, text=INVALID)
    def send_invalid(self, connection, text):
        """A client sends something that is not a message."""
        self.say(connection, text)
        connection.expected.append("error")

    @rule(connection=connections)
    def stop_reading(self, connection):
        """A client stops reading."""
        connection.websocket.reading.clear()

    @rule(connection=connections)
    def resume_reading(self, connection):
        """A client reads again."""
        self.do(connection.websocket.reading.set)

    @invariant()
    def every_reader_is_up_to_date(self):
        """A client that reads has received exactly the expected notices, in this order."""
        for connection in self.open:
            if connection.websocket.reading.is_set():
                assert connection.received() == connection.expected

    def expect(self, notice, but=None):
        """Expect this notice at every connection, except those of one user."""
        for connection in self.open:
            if connection.user != but:
                connection.expected.append(notice)

    def say(self, connection, text):
        """Pass a text of this client to the chat."""
        self.do(lambda: self.room.post(connection.user, text, connection.writer))

    def do(self, action):
        """Run an action in the event loop, and let every task run until it waits."""

        async def run():
            found = action()
            for _ in range(2 * len(self.open) + 10):
                await asyncio.sleep(0)
            return found

        return self.loop.run_until_complete(run())


TestChat = Chat.TestCase
TestChat.settings = settings(max_examples=150, stateful_step_count=40, deadline=None, database=None)
