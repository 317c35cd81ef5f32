"""What the suite of several workers shares."""

import pytest

from tests.workers.redis_server import redis_server


@pytest.fixture(scope="session")
def session_redis():
    """One Redis for all tests."""
    with redis_server() as redis:
        yield redis


@pytest.fixture
def redis(session_redis):
    """A Redis in which there is nothing."""
    session_redis.forget()
    return session_redis
