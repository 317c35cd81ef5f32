"""The fixtures of the suite for several workers."""

from collections.abc import Iterator

import pytest

from tests.workers.redis_server import RedisServer, redis_server


@pytest.fixture(scope="session")
def session_redis() -> Iterator[RedisServer]:
    """One Redis server for all tests."""
    with redis_server() as redis:
        yield redis


@pytest.fixture
def redis(session_redis: RedisServer) -> RedisServer:
    """An empty Redis server."""
    session_redis.forget()
    return session_redis
