"""The fixtures of the tests of the pages."""

from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from service.main import create_app
from service.settings import Settings
from winnow.transports.live import LiveServer

TOKENS = {"ada": "the token of ada", "ben": "the token of ben"}


@pytest.fixture(scope="module")
def playground() -> Iterator[str]:
    """The address of the playground of a live service."""
    server = LiveServer("websockets-sansio", timeout=10)
    server.start()
    with server.serve(create_app(Settings())):
        yield f"http://{server.address}/"
    server.stop()
    server.join()


@pytest.fixture(scope="module")
def server() -> Iterator[LiveServer]:
    """A live server, which runs a new service for each test."""
    server = LiveServer("websockets-sansio", timeout=10)
    server.start()
    yield server
    server.stop()
    server.join()


@pytest.fixture
def address(server: LiveServer) -> Iterator[str]:
    """The address of the chat page of a service with two users and a low rate limit."""
    tokens = {user: SecretStr(token) for user, token in TOKENS.items()}
    with server.serve(create_app(Settings(tokens=tokens, max_messages_per_second=5))):
        yield f"http://{server.address}/chat"
