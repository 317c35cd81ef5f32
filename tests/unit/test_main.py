"""The application around the endpoint."""

import unittest

from fastapi.testclient import TestClient

from service.main import create_app
from service.settings import Settings
from tests.unit.base import ServiceTestCase


class Pages(ServiceTestCase):
    """What a browser may ask for."""

    def test_health(self):
        """The service says that it is up, and that its token is public."""
        self.assertEqual({"status": "ok", "demonstration": True}, self.client.get("/healthz").json())

    def test_pages_for_people(self):
        """The playground and the chat are there, and so is what they name."""
        for path, script in (("/", "playground.js"), ("/chat", "chat.js")):
            with self.subTest(path):
                page = self.client.get(path)

                self.assertEqual(200, page.status_code)
                for name in (script, "playground.css"):
                    self.assertIn(f"/static/{name}", page.text)
                    self.assertEqual(200, self.client.get(f"/static/{name}").status_code)
        self.assertEqual(200, self.client.get("/static/common.js").status_code)

    def test_pages_are_no_part_of_the_interface(self):
        """What programs may ask for is described; pages are for people."""
        described = self.client.get("/openapi.json").json()["paths"]

        self.assertEqual({"/healthz"}, set(described))


class Starting(unittest.TestCase):
    """What the service says of itself when it starts."""

    def start(self, settings):
        """Start and stop a service."""
        with TestClient(create_app(settings)):
            pass

    def test_a_demonstration_says_so(self):
        """Whoever runs with the public token is told."""
        with self.assertLogs("service", "WARNING") as logged:
            self.start(Settings())

        self.assertIn("demonstration", logged.output[0].lower())

    def test_a_service_with_tokens_is_quiet(self):
        """Whoever has set tokens is not."""
        with self.assertNoLogs("service", "WARNING"):
            self.start(Settings(tokens={"ada": "secret"}))
