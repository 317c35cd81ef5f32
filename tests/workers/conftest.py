"""The fixtures of the suite for several workers."""

import pytest

from tests.workers.redis_server import redis_server


@pytest.fixture(scope="session")
def session_redis():
    """One Redis server for all tests."""
    with redis_server() as redis:
        yield redis


@pytest.fixture
def redis(session_redis):
    """An empty Redis server."""
    session_redis.forget()
    return session_redis
