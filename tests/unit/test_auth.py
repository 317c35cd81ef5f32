"""Who may connect, one function at a time."""

import unittest
from unittest.mock import Mock

from pydantic import SecretStr

from service.auth import find_user, from_allowed_origin

TOKENS = {"ada": SecretStr("ada-token"), "bob": SecretStr("bob-令牌")}


class Incomparable(str):
    """A text that only its bytes can tell from another."""

    __hash__ = None

    def __eq__(self, other):
        raise AssertionError(f"compared with {other!r} letter by letter")

    __ne__ = __eq__


class FindUser(unittest.TestCase):
    """From a token to its user."""

    def test_each_token_finds_its_user(self):
        """A token belongs to one user, whatever letters it is made of."""
        self.assertEqual("ada", find_user("ada-token", TOKENS))
        self.assertEqual("bob", find_user("bob-令牌", TOKENS))

    def test_anything_else_finds_nobody(self):
        """Nearly a token is no token, and neither is a user's name."""
        for offered in ("", "ada", "ada-toke", "ada-token ", "ADA-TOKEN", "令牌"):
            with self.subTest(offered=offered):
                self.assertIsNone(find_user(offered, TOKENS))

    def test_every_token_is_looked_at(self):
        """A match ends nothing early: the time does not tell whose it was."""
        tokens = {user: Mock(wraps=token) for user, token in TOKENS.items()}
        find_user("ada-token", tokens)

        for token in tokens.values():
            token.get_secret_value.assert_called()

    def test_no_token_is_compared_letter_by_letter(self):
        """``==`` ends at the first wrong letter: the time would tell how many were right."""
        for offered, user in {"ada-token": "ada", "ada-to": None, "nobody": None}.items():
            with self.subTest(offered=offered):
                self.assertEqual(user, find_user(offered, {"ada": SecretStr(Incomparable("ada-token"))}))


class FromAllowedOrigin(unittest.TestCase):
    """Which pages may use the visitor's cookie."""

    def allowed(self, origin, host="echo.example:8000", also=()):
        """Ask for one handshake."""
        headers = {"host": host} | ({} if origin is None else {"origin": origin})
        return from_allowed_origin(headers, frozenset(also))

    def test_our_own_page(self):
        """The page's host and port are those that the client calls us by, in any case."""
        self.assertTrue(self.allowed("http://echo.example:8000"))
        self.assertTrue(self.allowed("https://ECHO.example:8000"))

    def test_no_page_at_all(self):
        """Only browsers send an Origin, and only browsers add cookies by themselves."""
        self.assertTrue(self.allowed(None))

    def test_a_page_that_was_named(self):
        """An allowed origin is compared whole."""
        self.assertTrue(self.allowed("https://app.example", also=["https://app.example"]))
        self.assertFalse(self.allowed("https://app.example.evil", also=["https://app.example"]))
        self.assertFalse(self.allowed("http://app.example", also=["https://app.example"]))

    def test_foreign_pages(self):
        """Another host, another port, half a name, nothing, nonsense."""
        foreign = [
            "http://evil",
            "http://echo.example",
            "http://evil.echo.example:8000",
            "null",
            "",
            "http://[x",
        ]
        for origin in foreign:
            with self.subTest(origin=origin):
                self.assertFalse(self.allowed(origin))

    def test_no_host_matches_no_page(self):
        """A handshake without a Host has no page of its own."""
        self.assertFalse(self.allowed("null", host=""))
