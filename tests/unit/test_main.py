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

    def test_playground(self):
        """The front page is the playground, and what it names is there."""
        page = self.client.get("/")

        self.assertEqual(200, page.status_code)
        for name in ("playground.js", "playground.css"):
            self.assertIn(f"/static/{name}", page.text)
            self.assertEqual(200, self.client.get(f"/static/{name}").status_code)

    def test_the_playground_is_no_part_of_the_interface(self):
        """What programs may ask for is described; the page is for people."""
        described = self.client.get("/openapi.json").json()["paths"]

        self.assertIn("/healthz", described)
        self.assertNotIn("/", described)


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
