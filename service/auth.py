"""Who may connect: a known token, in the cookie ``session`` or the query ``token``."""

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
    """Return the user that the offered token belongs to.

    The cookie wins over the query; an empty cookie, or one from a foreign page, is none.

    Raises  WebSocketException 1008 before the handshake is answered, with one and the
            same reason for no token, an empty one and an unknown one.
    """
    settings: Settings = websocket.app.state.settings
    cookie = session if from_allowed_origin(websocket.headers, settings.allowed_origins) else None
    user = find_user(cookie or token or "", settings.known_tokens)
    if user is None:
        raise WebSocketException(status.WS_1008_POLICY_VIOLATION, REFUSAL)
    return user


CurrentUser = Annotated[str, Depends(current_user)]


def find_user(offered: str, tokens: Mapping[str, SecretStr]) -> str | None:
    """Return the user with this token, in a time that tells nothing about any token."""
    found = None
    for user, token in tokens.items():
        if compare_digest(offered.encode(), token.get_secret_value().encode()):
            found = user
    return found


def from_allowed_origin(headers: Mapping[str, str], allowed: frozenset[str]) -> bool:
    """Tell whether a cookie in this handshake was sent on purpose.

    A browser sends cookies from any page, and names that page's ``Origin``: it must be
    our own host or an allowed one. A client that names none is not a browser.
    """
    origin = headers.get("origin")
    if origin is None or origin in allowed:
        return True
    try:
        page = urlsplit(origin).netloc.lower()
    except ValueError:
        return False
    return page != "" and page == headers.get("host", "").lower()
