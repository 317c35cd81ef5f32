"""The request of a client: a path with its query, headers, cookies and subprotocols.

Every transport uses this module, so that all send the same request. A value that is not possible over
a network is refused in process too.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import quote, urlencode

from winnow.transports import Values

SAFE = "/%:@!$&'()*+,;=~-._?"  # unchanged in a path and a query; other characters are percent-encoded
NAME = re.compile(r"[-!#$%&'*+.^_`|~0-9A-Za-z]+")
CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")  # all except the tab
SUBPROTOCOL = "sec-websocket-protocol"


@dataclass(frozen=True)
class Handshake:
    """One request, ready to be sent.

    target        path and query, percent-encoded
    headers       names (lower case) and values, in order
    subprotocols  the ones that the client offers
    """

    target: str
    headers: tuple[tuple[str, str], ...]
    subprotocols: tuple[str, ...]

    @classmethod
    def of(
        cls,
        path: str,
        *,
        subprotocols: Sequence[str] = (),
        headers: Values | None = None,
        cookies: Mapping[str, str] | None = None,
        query: Values | None = None,
        **keywords: Any,
    ) -> Self:
        """Check and encode the arguments of ``connect``: see ``winnow.transports.Connect``."""
        offered = list(_texts("subprotocols", subprotocols))
        sent = []
        for name, value in _pairs("header", headers):
            if name.lower() == SUBPROTOCOL:
                offered += [word.strip() for word in value.split(",")]
            else:
                sent.append((name.lower(), value.strip(" \t")))
        for word in offered:
            _check_name("subprotocol", word)
        pairs = [*_pairs("query", query), *_pairs("query", keywords)]
        return cls(_target(path, pairs), tuple(_with_cookies(sent, cookies)), tuple(offered))

    @property
    def names(self) -> set[str]:
        """The names of the headers."""
        return {name for name, _ in self.headers}


def _target(path: str, pairs: list[tuple[str, str]]) -> str:
    if not path.startswith("/"):
        raise ValueError(f"a path begins with '/', and {path!r} does not")
    if "#" in path:
        raise ValueError(f"no client sends what follows '#' in {path!r}: write %23 for the character")
    if not pairs:
        return quote(path, safe=SAFE)
    between = "" if path[-1] in "?&" else "&" if "?" in path else "?"
    return f"{quote(path, safe=SAFE)}{between}{urlencode(pairs)}"


def _with_cookies(
    headers: list[tuple[str, str]], cookies: Mapping[str, str] | None
) -> Iterator[tuple[str, str]]:
    """Yield the checked headers; the cookies are added to the line of a Cookie header."""
    named = [f"{name}={value}" for name, value in _cookies(cookies or {})]
    jar = [value for name, value in headers if name == "cookie" and named]
    for name, value in headers:
        if name != "cookie" or not jar:
            yield _checked(name, value)
    if named:
        yield _checked("cookie", "; ".join([*jar, *named]))


def _cookies(cookies: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in cookies.items():
        _check_name("cookie", name)
        if not isinstance(value, str):
            raise TypeError(f"the cookie {name!r} is text, not {type(value).__name__}")
        if ";" in value:
            raise ValueError(f"the cookie {name!r} holds ';', which begins another cookie")
        yield name, value


def _checked(name: str, value: str) -> tuple[str, str]:
    _check_name("header", name)
    if CONTROL.search(value):
        raise ValueError(f"the header {name!r} holds a control character: {value!r}")
    value.encode("latin-1")  # a UnicodeEncodeError names the character that a header cannot contain
    return name, value


def _check_name(kind: str, name: str) -> None:
    if not NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a {kind}: letters, digits and !#$%&'*+-.^_`|~ only")


def _pairs(kind: str, values: Values | None) -> Iterator[tuple[str, str]]:
    """Yield name and value pairs, one for each value of a list."""
    for name, value in (values or {}).items():
        for text in _texts(f"{kind} {name!r}", [value] if isinstance(value, str) else value):
            yield name, text


def _texts(what: str, values: Any) -> Sequence[str]:
    """Return the values if they are a list or tuple of texts."""
    if isinstance(values, list | tuple) and all(isinstance(value, str) for value in values):
        return values
    raise TypeError(f"{what} is a text or a list of texts, not {values!r}")
