"""The open connections of this worker."""

from fastapi import HTTPException, WebSocket, status

from service.settings import Settings


class ConnectionManager:
    """Every open connection, by user.

    A user may have several connections (two tabs, a phone). Adding and removing one takes the
    same time however many there are.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._connections: dict[str, set[WebSocket]] = {}
        self._total = 0
        self._connecting: list[str] = []  # users whose handshake is being answered

    async def connect(self, user: str, websocket: WebSocket) -> None:
        """Accept the handshake, then add the connection.

        Raises  HTTPException instead: 429 if this user has too many connections, 503 if all
                users together have.
        """
        self._connecting.append(user)
        try:
            self._check_room_for(user)
            await websocket.accept()
        finally:
            self._connecting.remove(user)
        self._connections.setdefault(user, set()).add(websocket)
        self._total += 1

    def disconnect(self, user: str, websocket: WebSocket) -> None:
        """Remove this connection; an unknown one is no error."""
        connections = self._connections.get(user, set())
        if websocket in connections:
            connections.remove(websocket)
            self._total -= 1
        if not connections:
            self._connections.pop(user, None)

    @property
    def users(self) -> set[str]:
        """The users with at least one open connection."""
        return set(self._connections)

    def count(self, user: str | None = None) -> int:
        """Return how many connections are open: of this user, or of all users."""
        return self._total if user is None else len(self._connections.get(user, ()))

    def _check_room_for(self, user: str) -> None:
        """Refuse a connection above the limits; handshakes that are being answered count."""
        if self.count(user) + self._connecting.count(user) > self._settings.max_connections_per_user:
            raise HTTPException(status.HTTP_429_TOO_MANY_REQUESTS, "too many connections of this user")
        if self._total + len(self._connecting) > self._settings.max_connections:
            raise HTTPException(status.HTTP_503_SERVICE_UNAVAILABLE, "too many connections")
