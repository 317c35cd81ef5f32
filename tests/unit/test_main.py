"""Unit tests of ``service.main``: the pages, the health check and the messages at the start.

Run it alone: ``python -m unittest tests.unit.test_main``.
"""

import unittest

from fastapi.testclient import TestClient

from service.main import create_app
from service.settings import Settings
from tests.unit.base import ServiceTestCase


class Pages(ServiceTestCase):
    """The HTTP paths of the application."""

    def test_health_check(self):
        """The health check reports that the service is up and that it runs in demonstration mode."""
        self.assertEqual({"status": "ok", "demonstration": True}, self.client.get("/healthz").json())

    def test_pages_and_their_files_are_served(self):
        """The playground and the chat page are served with their scripts and styles."""
        for path, script in (("/", "playground.js"), ("/chat", "chat.js")):
            with self.subTest(path):
                page = self.client.get(path)

                self.assertEqual(200, page.status_code)
                for name in (script, "playground.css"):
                    self.assertIn(f"/static/{name}", page.text)
                    self.assertEqual(200, self.client.get(f"/static/{name}").status_code)
        self.assertEqual(200, self.client.get("/static/common.js").status_code)

    def test_pages_are_not_in_the_api_schema(self):
        """The OpenAPI schema describes the health check and leaves out the pages."""
        described = self.client.get("/openapi.json").json()["paths"]

        self.assertEqual({"/healthz"}, set(described))


class Starting(unittest.TestCase):
    """The log of the service when it starts."""

    def start(self, settings):
        """Start a service with these settings, and stop it."""
        with TestClient(create_app(settings)):
            pass

    def test_demonstration_mode_logs_a_warning(self):
        """A service with the public token warns that it is in demonstration mode."""
        with self.assertLogs("service", "WARNING") as logged:
            self.start(Settings())

        self.assertIn("demonstration", logged.output[0].lower())

    def test_a_service_with_tokens_logs_no_warning(self):
        """A service with tokens of its own logs no warning."""
        with self.assertNoLogs("service", "WARNING"):
            self.start(Settings(tokens={"ada": "secret"}))
