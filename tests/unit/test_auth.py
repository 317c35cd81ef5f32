"""Unit tests of ``service.auth``: the lookup of a token, and the check of an origin.

Run it alone: ``python -m unittest tests.unit.test_auth``.
"""

import unittest
from unittest.mock import Mock

from pydantic import SecretStr

from service.auth import find_user, from_allowed_origin

TOKENS = {"ada": SecretStr("ada-token"), "bob": SecretStr("bob-令牌")}


class Incomparable(str):
    """A string that fails the test when it is compared with ``==`` or ``!=``."""

    __hash__ = None

    def __eq__(self, other):
        raise AssertionError(f"compared with {other!r} by an operator")

    __ne__ = __eq__


class FindUser(unittest.TestCase):
    """Tests of ``find_user``."""

    def test_each_token_finds_its_user(self):
        """A known token finds its user, and a token may contain any characters."""
        self.assertEqual("ada", find_user("ada-token", TOKENS))
        self.assertEqual("bob", find_user("bob-令牌", TOKENS))

    def test_an_unknown_token_finds_no_user(self):
        """A part of a token, a longer text and the name of a user find no user."""
        for offered in ("", "ada", "ada-toke", "ada-token ", "ADA-TOKEN", "令牌"):
            with self.subTest(offered=offered):
                self.assertIsNone(find_user(offered, TOKENS))

    def test_every_token_is_compared(self):
        """The lookup compares every token, so its duration does not show which token matched."""
        tokens = {user: Mock(wraps=token) for user, token in TOKENS.items()}
        find_user("ada-token", tokens)

        for token in tokens.values():
            token.get_secret_value.assert_called()

    def test_tokens_are_compared_in_constant_time(self):
        """No token is compared with ``==``, whose duration shows how many characters are correct."""
        for offered, user in {"ada-token": "ada", "ada-to": None, "unknown": None}.items():
            with self.subTest(offered=offered):
                self.assertEqual(user, find_user(offered, {"ada": SecretStr(Incomparable("ada-token"))}))


class FromAllowedOrigin(unittest.TestCase):
    """Tests of ``from_allowed_origin``: which pages may use the cookie of a user."""

    def allowed(self, origin, host="echo.example:8000", also=()):
        """Return whether a handshake with this Origin and Host is allowed."""
        headers = {"host": host} | ({} if origin is None else {"origin": origin})
        return from_allowed_origin(headers, frozenset(also))

    def test_the_same_host_is_allowed(self):
        """An Origin with the host and port of the Host header is allowed; upper and lower case are equal."""
        self.assertTrue(self.allowed("http://echo.example:8000"))
        self.assertTrue(self.allowed("https://ECHO.example:8000"))

    def test_a_missing_origin_is_allowed(self):
        """A handshake without an Origin is allowed, because it does not come from a browser."""
        self.assertTrue(self.allowed(None))

    def test_an_allowed_origin_is_compared_as_a_whole(self):
        """An origin from the settings is allowed only if scheme and host are equal to it."""
        self.assertTrue(self.allowed("https://app.example", also=["https://app.example"]))
        self.assertFalse(self.allowed("https://app.example.evil", also=["https://app.example"]))
        self.assertFalse(self.allowed("http://app.example", also=["https://app.example"]))

    def test_a_cross_site_page_is_not_allowed(self):
        """Another host, another port, a subdomain, an empty and an invalid Origin are not allowed."""
        cross_site = [
            "http://evil",
            "http://echo.example",
            "http://evil.echo.example:8000",
            "null",
            "",
            "http://[x",
        ]
        for origin in cross_site:
            with self.subTest(origin=origin):
                self.assertFalse(self.allowed(origin))

    def test_a_missing_host_matches_no_origin(self):
        """A handshake with an empty Host header allows no Origin."""
        self.assertFalse(self.allowed("null", host=""))
