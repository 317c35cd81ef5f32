"""Authentication: a known token, in the cookie ``session`` or the query ``token``."""

from collections.abc import Mapping
from secrets import compare_digest
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Cookie, Depends, Query, WebSocket, WebSocketException, status
from pydantic import SecretStr

from service.settings import Settings

REFUSAL = "a known token is required"


async def current_user(
    websocket: WebSocket,
    session: Annotated[str | None, Cookie()] = None,
    token: Annotated[str | None, Query()] = None,
) -> str:
    """Return the user of the token in this handshake.

    The cookie wins over the query; an empty cookie, or one from a cross-site page, is ignored.

    Raises  WebSocketException 1008 before the handshake is answered, with the same reason
            for no token, an empty one and an unknown one.
    """
    settings: Settings = websocket.app.state.settings
    cookie = session if from_allowed_origin(websocket.headers, settings.allowed_origins) else None
    user = find_user(cookie or token or "", settings.known_tokens)
    if user is None:
        raise WebSocketException(status.WS_1008_POLICY_VIOLATION, REFUSAL)
    return user


CurrentUser = Annotated[str, Depends(current_user)]


def find_user(offered: str, tokens: Mapping[str, SecretStr]) -> str | None:
    """Return the user with this token; the time that takes does not depend on the tokens."""
    found = None
    for user, token in tokens.items():
        if compare_digest(offered.encode(), token.get_secret_value().encode()):
            found = user
    return found


def from_allowed_origin(headers: Mapping[str, str], allowed: frozenset[str]) -> bool:
    """Tell whether the cookie in this handshake may be trusted.

    A browser sends cookies from any page, and names that page in ``Origin``: it must be our
    own host or an allowed one. A client that sends no ``Origin`` is not a browser.
    """
    origin = headers.get("origin")
    if origin is None or origin in allowed:
        return True
    try:
        page = urlsplit(origin).netloc.lower()
    except ValueError:
        return False
    return page != "" and page == headers.get("host", "").lower()
