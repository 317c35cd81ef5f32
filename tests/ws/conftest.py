"""The fixtures of the pytest suite. The fixture ``connect`` comes with the package ``winnow``."""

import os
from collections.abc import Iterator

import pytest
from fastapi import FastAPI

from service.main import create_app, init_state
from service.settings import Settings

TOKEN = "leizishuoceshi"
REFUSED = {  # status and close code of one refusal, as each transport reports it: HTTP has no close code
    "in-process": (None, 1008),
    "live-sansio": (403, None),
    "live-wsproto": (403, None),
}


@pytest.fixture(scope="session", autouse=True)
def default_settings() -> Iterator[None]:
    """Let no ``ECHO_`` variable of the shell change the settings of the service."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("ECHO_")]:
            patch.delenv(name)
        yield


@pytest.fixture(scope="session")
def service(default_settings: None) -> FastAPI:
    """The application with its default settings; creating one takes longer than most tests."""
    return create_app()


@pytest.fixture
def settings(service: FastAPI) -> Settings:
    """The settings of the service; a module that needs others overrides this fixture."""
    settings: Settings = service.state.settings
    return settings


@pytest.fixture
def app(service: FastAPI, settings: Settings) -> Iterator[FastAPI]:
    """The application with these settings and no connections."""
    before = service.state.settings
    init_state(service, settings)
    yield service
    init_state(service, before)
