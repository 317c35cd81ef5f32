"""Secrets stay out of the logs, whatever a server passes on."""

import logging
import unittest
from unittest.mock import patch

from service.logs import HideSecrets, hide_secrets

SERVER_LOGGERS = ("uvicorn.access", "uvicorn.asgi", "uvicorn.error", "websockets.server")


def logged(message, *arguments):
    """Return what a log line says after the filter."""
    record = logging.LogRecord("uvicorn", logging.INFO, __file__, 1, message, arguments, None)
    HideSecrets().filter(record)
    return record.getMessage()


class Hiding(unittest.TestCase):
    """The filter."""

    def test_the_query_of_a_url(self):
        """Everything behind the question mark goes, for a name can be written in many ways."""
        for query in ("token=SECRET", "a=1&token=SECRET", "%74oken=SECRET", "token=a?SECRET"):
            with self.subTest(query):
                line = logged('%s - "WebSocket %s" [accepted]', "127.0.0.1:5", f"/items/ws?{query}")

                self.assertEqual('127.0.0.1:5 - "WebSocket /items/ws?***" [accepted]', line)

    def test_cookies(self):
        """A header of cookies goes whole, for one can be written in many ways; other headers stay."""
        for cookie in ("session=SECRET", 'a=b; session = "SECRET"', '"session"=SECRET'):
            with self.subTest(cookie):
                self.assertEqual("< Cookie: ***", logged("< %s: %s", "cookie", cookie))

        self.assertEqual("< Host: echo.example", logged("< %s: %s", "Host", "echo.example"))

    def test_a_whole_scope(self):
        """Uvicorn's TRACE shows the scope, in which the query is bytes."""
        scope = {"path": "/items/ws", "query_string": b"%74oken=SECRET"}
        line = logged("%s - ASGI [%d] Started scope=%s", "127.0.0.1:5", 1, scope)

        self.assertIn("/items/ws", line)
        self.assertNotIn("SECRET", line)

    def test_named_arguments(self):
        """A message may name what it prints."""
        line = logged("%(path)s took %(ms)d", {"path": "/items/ws?token=SECRET", "ms": 5})

        self.assertEqual("/items/ws?*** took 5", line)

    def test_everything_else_stays(self):
        """Numbers keep their type, and harmless lines their words."""
        self.assertEqual("1 of 2: what now?", logged("%d of %d: what now%s", 1, 2, "?"))
        self.assertEqual("no arguments", logged("no arguments"))

    def test_every_server_logger_hides(self):
        """One call is enough for them all, and a second one does no harm."""
        for name in SERVER_LOGGERS:  # as they were before the service was imported, and as they are again
            self.enterContext(patch.object(logging.getLogger(name), "filters", []))
        hide_secrets()
        hide_secrets()

        for name in SERVER_LOGGERS:
            with self.subTest(name), self.assertLogs(name) as log:
                logging.getLogger(name).info("%s", "/items/ws?token=SECRET")

            self.assertEqual([f"INFO:{name}:/items/ws?***"], log.output)
