"""The fixtures of the pytest suite. The fixture ``connect`` comes with the package ``winnow``."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI

from service.main import app as service
from service.main import furnish
from service.settings import Settings

TOKEN = "leizishuoceshi"
REFUSED = {  # status and close code of one refusal, as each transport reports it: HTTP has no close code
    "in-process": (None, 1008),
    "live-sansio": (403, None),
    "live-wsproto": (403, None),
}


@pytest.fixture
def settings() -> Settings:
    """The settings of the service; a module that needs others overrides this fixture."""
    settings: Settings = service.state.settings
    return settings


@pytest.fixture
def app(settings: Settings) -> Iterator[FastAPI]:
    """The same application that servers run, with these settings and no connections."""
    before = service.state.settings
    furnish(service, settings)
    yield service
    furnish(service, before)
