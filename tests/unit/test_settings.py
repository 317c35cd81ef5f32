"""What can be set, and what is refused."""

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
    """``ECHO_…`` variables."""

    def read(self, **variables):
        """Read the settings of a shell in which these are set."""
        with patch.dict(os.environ, {f"ECHO_{name}": value for name, value in variables.items()}):
            return Settings()

    def test_defaults(self):
        """Nothing set: a demonstration, our own page only, 64 KiB."""
        settings = self.read()

        self.assertTrue(settings.demonstration)
        self.assertEqual({"learner": "leizishuoceshi"}, secrets(settings))
        self.assertEqual((frozenset(), 65_536), (settings.allowed_origins, settings.max_message_bytes))

    def test_a_token_of_ones_own_ends_the_demonstration(self):
        """Once a token is named, the public one opens nothing."""
        settings = self.read(TOKENS='{"ada": "a long secret"}')

        self.assertFalse(settings.demonstration)
        self.assertEqual({"ada": "a long secret"}, secrets(settings))

    def test_everything_else(self):
        """Each variable arrives."""
        settings = self.read(ALLOWED_ORIGINS='["https://a.example"]', MAX_MESSAGE_BYTES="10")

        self.assertEqual({"https://a.example"}, settings.allowed_origins)
        self.assertEqual(10, settings.max_message_bytes)

    def test_what_makes_no_sense_is_refused(self):
        """An empty token, a nameless user, one token for two, a limit of nothing."""
        wrong = [
            {"TOKENS": '{"ada": ""}'},
            {"TOKENS": '{"": "secret"}'},
            {"TOKENS": '{"ada": "same", "bob": "same"}'},
            *({limit: "0"} for limit in LIMITS),
        ]
        for variables in wrong:
            with self.subTest(variables), self.assertRaises(ValidationError):
                self.read(**variables)

    def test_the_least_that_makes_sense(self):
        """A name, a token and a limit of one are enough."""
        settings = self.read(TOKENS='{"a": "b"}', **dict.fromkeys(LIMITS, "1"))

        self.assertEqual({"a": "b"}, secrets(settings))
        self.assertEqual({1}, {getattr(settings, limit.lower()) for limit in LIMITS})

    def test_they_stay_as_they_were_read(self):
        """Nobody changes a setting of a service that runs."""
        settings = self.read()

        with self.assertRaises(ValidationError):
            settings.max_message_bytes = 1

    def test_a_secret_is_not_shown(self):
        """Printing the settings prints no token."""
        self.assertNotIn("a long secret", repr(self.read(TOKENS='{"ada": "a long secret"}')))


def secrets(settings):
    """User to token, in the clear."""
    return {user: token.get_secret_value() for user, token in settings.known_tokens.items()}
