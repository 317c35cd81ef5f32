"""What the pytest suite shares. The fixture ``connect`` comes with the package ``winnow``."""

import pytest
from fastapi import FastAPI

from service.connections import ConnectionManager
from service.main import app as service

TOKEN = "leizishuoceshi"
REFUSED = {  # one refusal, as each transport shows it: HTTP has no close code
    "in-process": (None, 1008),
    "live-sansio": (403, None),
    "live-wsproto": (403, None),
}


@pytest.fixture
def app() -> FastAPI:
    """The application that servers run, with a manager that nobody has used yet."""
    service.state.manager = ConnectionManager()
    return service
