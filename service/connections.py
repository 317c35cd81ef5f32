"""Who is connected."""

from fastapi import WebSocket


class ConnectionManager:
    """Every open connection, by user.

    A user may hold several connections (two tabs, a phone). Adding and forgetting one
    takes the same time however many there are.
    """

    def __init__(self) -> None:
        self._connections: dict[str, set[WebSocket]] = {}

    async def connect(self, user: str, websocket: WebSocket) -> None:
        """Accept the handshake, then remember the connection."""
        await websocket.accept()
        self._connections.setdefault(user, set()).add(websocket)

    def disconnect(self, user: str, websocket: WebSocket) -> None:
        """Forget this one connection; one that is not known is no error."""
        connections = self._connections.get(user, set())
        connections.discard(websocket)
        if not connections:
            self._connections.pop(user, None)

    @property
    def users(self) -> set[str]:
        """The users with at least one open connection."""
        return set(self._connections)

    def count(self, user: str | None = None) -> int:
        """Return how many connections are open: this user's, or everybody's."""
        if user is not None:
            return len(self._connections.get(user, ()))
        return sum(map(len, self._connections.values()))
