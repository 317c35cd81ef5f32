"""The chat against a model of it: whoever comes, goes, speaks or sleeps, all hear what they must."""

import asyncio
import json

from hypothesis import settings, strategies
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from service.backplane import MemoryBackplane
from service.limits import Limits
from service.presence import Room
from service.sending import Sender
from service.settings import Settings

USERS = strategies.sampled_from(["ada", "bob", "用户"])
MOST = 1 << 20  # bytes that may wait for one: more than is ever said here


class FakeWebSocket:
    """Takes what it is sent while it is awake."""

    def __init__(self):
        self.heard = []
        self.awake = asyncio.Event()
        self.awake.set()

    async def send(self, message):
        await self.awake.wait()
        self.heard.append(json.loads(message["text"]))


class Member:
    """A connection of the room, and what the model says that it must hear."""

    def __init__(self, room, user):
        self.user = user
        self.websocket = FakeWebSocket()
        self.expected = []
        self.membership = room.member(user, self.websocket, Limits(Settings()))
        self.peer = self.membership.__enter__()


class Chat(RuleBasedStateMachine):
    """Any number of connections, in any order."""

    members = Bundle("members")

    def __init__(self):
        super().__init__()
        self.loop = asyncio.new_event_loop()
        backplane = MemoryBackplane()
        self.room = Room(backplane, Sender(MOST))
        self.loop.run_until_complete(backplane.start(self.room.hear))
        self.here = []

    def teardown(self):
        """Let everybody go: nothing of them stays."""
        for member in list(self.here):
            self.leave(member)
        assert self.room.online == set()
        assert asyncio.all_tasks(self.loop) == set()
        self.loop.close()

    @rule(target=members, user=USERS)
    def enter(self, user):
        """Somebody comes, perhaps once more."""
        known = {member.user for member in self.here}
        member = self.do(lambda: Member(self.room, user))
        member.expected.append({"type": "users", "users": sorted(known | {user})})
        if user not in known:
            self.expect({"type": "online", "user": user}, but=user)
        self.here.append(member)
        return member

    @rule(member=consumes(members))
    def leave(self, member):
        """A connection ends, asleep or awake."""
        self.here.remove(member)
        self.do(lambda: member.membership.__exit__(None, None, None))
        if member.user not in {other.user for other in self.here}:
            self.expect({"type": "offline", "user": member.user})

    @rule(member=members, text=strategies.text(max_size=20))
    def say(self, member, text):
        """Somebody says something."""
        self.do(
            lambda: self.room.say(member.user, json.dumps({"type": "message", "text": text}), member.peer)
        )
        self.expect({"type": "message", "user": member.user, "text": text})

    @rule(member=members, nonsense=strategies.sampled_from(["", "{}", "[1]", '{"type": "online"}']))
    def mumble(self, member, nonsense):
        """Somebody sends what is no message."""
        self.do(lambda: self.room.say(member.user, nonsense, member.peer))
        member.expected.append("error")

    @rule(member=members)
    def sleep(self, member):
        """Somebody stops reading."""
        member.websocket.awake.clear()

    @rule(member=members)
    def wake(self, member):
        """Somebody reads again."""
        self.do(member.websocket.awake.set)

    @invariant()
    def whoever_is_awake_has_heard_everything(self):
        """And nothing else, and in that order."""
        for member in self.here:
            if member.websocket.awake.is_set():
                heard = [n if n["type"] != "error" else "error" for n in member.websocket.heard]
                assert heard == member.expected

    def expect(self, notice, but=None):
        """Let everybody who is here hear this, but for one user."""
        for member in self.here:
            if member.user != but:
                member.expected.append(notice)

    def do(self, action):
        """Do something in the loop, and let everybody do what can be done."""

        async def run():
            found = action()
            for _ in range(2 * len(self.here) + 10):
                await asyncio.sleep(0)
            return found

        return self.loop.run_until_complete(run())


TestChat = Chat.TestCase
TestChat.settings = settings(max_examples=150, stateful_step_count=40, deadline=None, database=None)
