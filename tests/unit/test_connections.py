"""The manager alone, with connections that are not real."""

import asyncio

from service.connections import ConnectionManager
from service.settings import Settings
from tests.unit.base import AsyncTestCase


class FakeWebSocket:
    """Knows only whether it was accepted."""

    def __init__(self, error=None):
        self.accepted = False
        self._error = error

    async def accept(self, **_):
        await asyncio.sleep(0)  # others may go first, as on a network
        if self._error:
            raise self._error
        self.accepted = True


class Manager(AsyncTestCase):
    """Who is connected."""

    def setUp(self):
        """Begin with nobody."""
        self.manager = ConnectionManager(Settings())

    async def connect(self, user):
        """Connect this user once more."""
        websocket = FakeWebSocket()
        await self.manager.connect(user, websocket)
        return websocket

    async def test_connecting_accepts_and_remembers(self):
        """The handshake is answered, and the connection counts."""
        websocket = await self.connect("ada")

        self.assertTrue(websocket.accepted)
        self.assertEqual(({"ada"}, 1), (self.manager.users, self.manager.count()))

    async def test_a_handshake_that_fails_is_not_remembered(self):
        """Who was never accepted was never here."""
        with self.assertRaises(ConnectionError):
            await self.manager.connect("ada", FakeWebSocket(ConnectionError()))

        self.assertEqual((set(), 0), (self.manager.users, self.manager.count()))

    async def test_only_that_connection_is_forgotten(self):
        """Of two tabs one goes, and the user is still here."""
        first, second = await self.connect("ada"), await self.connect("ada")

        self.manager.disconnect("ada", first)
        self.assertEqual(({"ada"}, 1), (self.manager.users, self.manager.count("ada")))

        self.manager.disconnect("ada", second)
        self.assertEqual((set(), 0), (self.manager.users, self.manager.count("ada")))

    async def test_two_that_arrive_at_once_are_both_remembered(self):
        """Of two handshakes that wait at the same time, neither overwrites the other."""
        await asyncio.gather(self.connect("ada"), self.connect("ada"))

        self.assertEqual(2, self.manager.count("ada"))

    async def test_users_are_counted_apart(self):
        """Each user has a number of their own, and everybody has the sum."""
        for user in ("ada", "ada", "bob"):
            await self.connect(user)

        counts = [self.manager.count(user) for user in ("ada", "bob", "eve", None)]
        self.assertEqual([2, 1, 0, 3], counts)

    async def test_forgetting_a_stranger_changes_nothing(self):
        """A connection that is not known is no error, and takes nobody with it."""
        ada = await self.connect("ada")

        self.manager.disconnect("ada", FakeWebSocket())
        self.manager.disconnect("bob", ada)

        self.assertEqual(1, self.manager.count("ada"))

    async def test_managers_share_nothing(self):
        """A second manager begins with nobody."""
        await self.connect("ada")

        self.assertEqual(0, ConnectionManager(Settings()).count())


class Room(AsyncTestCase):
    """How many may come."""

    async def arrive(self, users, **limits):
        """Let these users come at once; return the statuses of refusals, and how many got in."""
        manager = ConnectionManager(Settings(**limits))
        handshakes = (manager.connect(user, FakeWebSocket()) for user in users)
        ends = await asyncio.gather(*handshakes, return_exceptions=True)
        return [end.status_code for end in ends if end], manager.count()

    async def test_the_last_place_is_given_once(self):
        """Two that arrive at once do not both get it."""
        self.assertEqual(([429], 2), await self.arrive(["ada"] * 3, max_connections_per_user=2))
        self.assertEqual(([503], 2), await self.arrive(["ada", "bob", "cy"], max_connections=2))

    async def test_every_user_has_places(self):
        """One user's connections take none from another."""
        self.assertEqual(([], 4), await self.arrive(["ada", "bob"] * 2, max_connections_per_user=2))

    async def test_a_handshake_that_fails_gives_its_place_back(self):
        """Who was never accepted takes no room."""
        manager = ConnectionManager(Settings(max_connections=1))
        with self.assertRaises(ConnectionError):
            await manager.connect("ada", FakeWebSocket(ConnectionError()))

        await manager.connect("ada", FakeWebSocket())
        self.assertEqual(1, manager.count())
