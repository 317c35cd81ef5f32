"""Unit tests of ``service.connections``: the connection manager with fake connections.

Run it alone: ``python -m unittest tests.unit.test_connections``.
"""

import asyncio

from service.connections import ConnectionManager
from service.settings import Settings
from tests.unit.base import AsyncTestCase


class FakeWebSocket:
    """A fake WebSocket that records whether it was accepted."""

    def __init__(self, error=None):
        self.accepted = False
        self._error = error

    async def accept(self, **_):
        await asyncio.sleep(0)  # other tasks may run first, as on a network
        if self._error:
            raise self._error
        self.accepted = True


class Manager(AsyncTestCase):
    """The manager keeps a record of the open connections."""

    def setUp(self):
        """Make a manager without connections."""
        self.manager = ConnectionManager(Settings())

    async def connect(self, user):
        """Open one more connection of this user."""
        websocket = FakeWebSocket()
        await self.manager.connect(user, websocket)
        return websocket

    async def test_connecting_accepts_and_records(self):
        """The manager accepts the handshake and records the connection."""
        websocket = await self.connect("ada")

        self.assertTrue(websocket.accepted)
        self.assertEqual(({"ada"}, 1), (self.manager.users, self.manager.count()))

    async def test_a_failed_handshake_is_not_recorded(self):
        """The manager does not record a connection whose handshake fails."""
        with self.assertRaises(ConnectionError):
            await self.manager.connect("ada", FakeWebSocket(ConnectionError()))

        self.assertEqual((set(), 0), (self.manager.users, self.manager.count()))

    async def test_only_the_closed_connection_is_removed(self):
        """A user with two connections stays connected until both are closed."""
        first, second = await self.connect("ada"), await self.connect("ada")

        self.manager.disconnect("ada", first)
        self.assertEqual(({"ada"}, 1), (self.manager.users, self.manager.count("ada")))

        self.manager.disconnect("ada", second)
        self.assertEqual((set(), 0), (self.manager.users, self.manager.count("ada")))

    async def test_simultaneous_handshakes_are_both_recorded(self):
        """Two handshakes of one user at the same time give two recorded connections."""
        await asyncio.gather(self.connect("ada"), self.connect("ada"))

        self.assertEqual(2, self.manager.count("ada"))

    async def test_users_are_counted_separately(self):
        """The manager counts the connections of each user, and of all users together."""
        for user in ("ada", "ada", "bob"):
            await self.connect(user)

        counts = [self.manager.count(user) for user in ("ada", "bob", "eve", None)]
        self.assertEqual([2, 1, 0, 3], counts)

    async def test_removing_an_unknown_connection_changes_nothing(self):
        """Removing a connection that is not recorded raises no error and removes no other."""
        ada = await self.connect("ada")

        self.manager.disconnect("ada", FakeWebSocket())
        self.manager.disconnect("bob", ada)

        self.assertEqual(1, self.manager.count("ada"))

    async def test_managers_share_nothing(self):
        """A second manager starts without connections."""
        await self.connect("ada")

        self.assertEqual(0, ConnectionManager(Settings()).count())


class ConnectionLimits(AsyncTestCase):
    """The manager limits the number of connections."""

    async def connect_at_once(self, users, **limits):
        """Connect these users at once; return the statuses of the refusals and the number of connections."""
        manager = ConnectionManager(Settings(**limits))
        handshakes = (manager.connect(user, FakeWebSocket()) for user in users)
        ends = await asyncio.gather(*handshakes, return_exceptions=True)
        return [end.status_code for end in ends if end], manager.count()

    async def test_simultaneous_handshakes_do_not_exceed_a_limit(self):
        """Of several handshakes at the same time, only as many are accepted as the limit allows."""
        self.assertEqual(([429], 2), await self.connect_at_once(["ada"] * 3, max_connections_per_user=2))
        self.assertEqual(([503], 2), await self.connect_at_once(["ada", "bob", "cy"], max_connections=2))

    async def test_each_user_has_a_limit_of_their_own(self):
        """The connections of one user do not count for the limit of another."""
        self.assertEqual(([], 4), await self.connect_at_once(["ada", "bob"] * 2, max_connections_per_user=2))

    async def test_a_failed_handshake_does_not_count_for_the_limit(self):
        """After a failed handshake, another connection is accepted in its place."""
        manager = ConnectionManager(Settings(max_connections=1))
        with self.assertRaises(ConnectionError):
            await manager.connect("ada", FakeWebSocket(ConnectionError()))

        await manager.connect("ada", FakeWebSocket())
        self.assertEqual(1, manager.count())
