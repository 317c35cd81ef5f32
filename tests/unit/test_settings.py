"""Unit tests of ``service.settings``: defaults, environment variables and validation.

Run it alone: ``python -m unittest tests.unit.test_settings``.
"""

import os
import unittest
from unittest.mock import patch

from pydantic import ValidationError

from service.settings import Settings

LIMITS = (
    *("MAX_MESSAGE_BYTES", "MAX_MESSAGES_PER_SECOND", "IDLE_SECONDS"),
    *("MAX_CONNECTIONS_PER_USER", "MAX_CONNECTIONS", "MAX_BACKLOG_BYTES", "HEARTBEAT_SECONDS"),
)


class FromTheEnvironment(unittest.TestCase):
    """Settings come from ``ECHO_…`` environment variables."""

    def read(self, **variables):
        """Return the settings with these environment variables."""
        with patch.dict(os.environ, {f"ECHO_{name}": value for name, value in variables.items()}):
            return Settings()

    def test_defaults(self):
        """By default the service has the demonstration token, no allowed origins and a limit of 64 KiB."""
        settings = self.read()

        self.assertTrue(settings.demonstration)
        self.assertEqual({"learner": "leizishuoceshi"}, secrets(settings))
        self.assertEqual((frozenset(), 65_536), (settings.allowed_origins, settings.max_message_bytes))

    def test_configured_tokens_replace_the_demonstration_token(self):
        """With ``ECHO_TOKENS`` set, the demonstration token is not known."""
        settings = self.read(TOKENS='{"ada": "a long secret"}')

        self.assertFalse(settings.demonstration)
        self.assertEqual({"ada": "a long secret"}, secrets(settings))

    def test_other_variables_are_read(self):
        """The variables for the allowed origins and the message size reach the settings."""
        settings = self.read(ALLOWED_ORIGINS='["https://a.example"]', MAX_MESSAGE_BYTES="10")

        self.assertEqual({"https://a.example"}, settings.allowed_origins)
        self.assertEqual(10, settings.max_message_bytes)

    def test_invalid_values_are_refused(self):
        """An empty token, an empty user name, one token for two users and a limit of zero are refused."""
        wrong = [
            {"TOKENS": '{"ada": ""}'},
            {"TOKENS": '{"": "secret"}'},
            {"TOKENS": '{"ada": "same", "bob": "same"}'},
            *({limit: "0"} for limit in LIMITS),
        ]
        for variables in wrong:
            with self.subTest(variables), self.assertRaises(ValidationError):
                self.read(**variables)

    def test_the_smallest_valid_values(self):
        """A user name and a token of one character and limits of one are valid."""
        settings = self.read(TOKENS='{"a": "b"}', **dict.fromkeys(LIMITS, "1"))

        self.assertEqual({"a": "b"}, secrets(settings))
        self.assertEqual({1}, {getattr(settings, limit.lower()) for limit in LIMITS})

    def test_settings_are_frozen(self):
        """A setting cannot be changed after it was read."""
        settings = self.read()

        with self.assertRaises(ValidationError):
            settings.max_message_bytes = 1

    def test_a_token_is_not_in_the_repr(self):
        """The ``repr`` of the settings shows no token."""
        self.assertNotIn("a long secret", repr(self.read(TOKENS='{"ada": "a long secret"}')))


def secrets(settings):
    """Return the token of each user in plain text."""
    return {user: token.get_secret_value() for user, token in settings.known_tokens.items()}
