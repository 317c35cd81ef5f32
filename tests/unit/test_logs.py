"""Unit tests of ``service.logs``: the filter that removes secrets from log lines.

Run it alone: ``python -m unittest tests.unit.test_logs``.
"""

import logging
import unittest
from unittest.mock import patch

from service.logs import HideSecrets, hide_secrets

SERVER_LOGGERS = ("uvicorn.access", "uvicorn.asgi", "uvicorn.error", "websockets.server")


def logged(message, *arguments):
    """Return the text of a log line after the filter."""
    record = logging.LogRecord("uvicorn", logging.INFO, __file__, 1, message, arguments, None)
    HideSecrets().filter(record)
    return record.getMessage()


class HideSecretsFilter(unittest.TestCase):
    """Tests of the filter, and of the loggers to which it is added."""

    def test_the_query_of_a_url_is_hidden(self):
        """The filter hides the whole query of a URL, because ``token`` can be written in many ways."""
        for query in ("token=SECRET", "a=1&token=SECRET", "%74oken=SECRET", "token=a?SECRET"):
            with self.subTest(query):
                line = logged('%s - "WebSocket %s" [accepted]', "127.0.0.1:5", f"/items/ws?{query}")

                self.assertEqual('127.0.0.1:5 - "WebSocket /items/ws?***" [accepted]', line)

    def test_cookies_are_hidden(self):
        """The filter hides the whole Cookie header and keeps the other headers."""
        for cookie in ("session=SECRET", 'a=b; session = "SECRET"', '"session"=SECRET'):
            with self.subTest(cookie):
                self.assertEqual("< Cookie: ***", logged("< %s: %s", "cookie", cookie))

        self.assertEqual("< Host: echo.example", logged("< %s: %s", "Host", "echo.example"))

    def test_the_query_in_a_scope_is_hidden(self):
        """The filter hides the query, as bytes, in a scope that uvicorn logs at the level TRACE."""
        scope = {"path": "/items/ws", "query_string": b"%74oken=SECRET"}
        line = logged("%s - ASGI [%d] Started scope=%s", "127.0.0.1:5", 1, scope)

        self.assertIn("/items/ws", line)
        self.assertNotIn("SECRET", line)

    def test_named_arguments_are_filtered(self):
        """The filter works on log messages with named arguments too."""
        line = logged("%(path)s took %(ms)d", {"path": "/items/ws?token=SECRET", "ms": 5})

        self.assertEqual("/items/ws?*** took 5", line)

    def test_other_arguments_are_unchanged(self):
        """The filter changes neither numbers nor lines without secrets."""
        self.assertEqual("1 of 2: what now?", logged("%d of %d: what now%s", 1, 2, "?"))
        self.assertEqual("no arguments", logged("no arguments"))

    def test_every_server_logger_is_filtered(self):
        """One call of ``hide_secrets`` filters every logger of the server; a second changes nothing."""
        for name in SERVER_LOGGERS:  # start without the filter, and restore it afterwards
            self.enterContext(patch.object(logging.getLogger(name), "filters", []))
        hide_secrets()
        hide_secrets()

        for name in SERVER_LOGGERS:
            with self.subTest(name), self.assertLogs(name) as log:
                logging.getLogger(name).info("%s", "/items/ws?token=SECRET")

            self.assertEqual([f"INFO:{name}:/items/ws?***"], log.output)
