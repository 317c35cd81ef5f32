"""What the pytest suite shares. The fixture ``connect`` comes with the package ``winnow``."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI

from service.main import app as service
from service.main import furnish
from service.settings import Settings

TOKEN = "leizishuoceshi"
REFUSED = {  # one refusal, as each transport shows it: HTTP has no close code
    "in-process": (None, 1008),
    "live-sansio": (403, None),
    "live-wsproto": (403, None),
}


@pytest.fixture
def settings() -> Settings:
    """The settings of the service; a module that needs others has a fixture of its own."""
    return service.state.settings


@pytest.fixture
def app(settings: Settings) -> Iterator[FastAPI]:
    """The very application that servers run, with these settings and nobody connected."""
    before = service.state.settings
    furnish(service, settings)
    yield service
    furnish(service, before)
