"""The answer of every application about its handshake."""

from http.cookies import SimpleCookie
from urllib.parse import parse_qs


def asked(room, scope):
    """Return the request of a client: room, query, cookies, and the values of the header ``x-asked``."""
    headers = [(name.decode(), value.decode("latin-1")) for name, value in scope["headers"]]
    cookies = SimpleCookie("".join(value for name, value in headers if name == "cookie"))
    return {
        "room": room,
        "query": parse_qs(scope["query_string"].decode(), keep_blank_values=True),
        "cookies": {name: morsel.value for name, morsel in cookies.items()},
        "asked": [value for name, value in headers if name == "x-asked"],
        "offered": list(scope["subprotocols"]),
    }
