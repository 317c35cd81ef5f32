"""The fixtures of the tests on a real server."""

from collections.abc import Iterator

import pytest

from tests.support.server_process import Service, running_service

OPEN_FILES = 4096


@pytest.fixture(scope="module")
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service with the SETTINGS of the module."""
    allow_open_files()
    log = tmp_path_factory.mktemp("service") / "log"
    with running_service(log, **getattr(request.module, "SETTINGS", {})) as service:
        yield service


def allow_open_files() -> None:
    """Let this process, and the service after it, hold more than a thousand connections."""
    import resource  # not available on Windows, where all these tests are skipped

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, OPEN_FILES)), hard))
