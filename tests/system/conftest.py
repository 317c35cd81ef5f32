"""What the tests of a real server share."""

import signal

import pytest

from tests.system.server import Service

ENOUGH = 4096  # open files
TRACEBACK = "Traceback (most recent call last)"


@pytest.fixture(scope="module")
def service(request, tmp_path_factory):
    """The service with the SETTINGS of the module; it has nothing to complain of, and ends when told."""
    allow_open_files()
    log = tmp_path_factory.mktemp("service") / "log"
    service = Service(log, **getattr(request.module, "SETTINGS", {}))
    try:
        yield service
        service.stop(signal.SIGINT)
    finally:
        service.kill()
    assert TRACEBACK not in service.log()


def allow_open_files():
    """Let this process, and the service after it, hold a thousand connections and some."""
    import resource  # not there on Windows, where all these tests are skipped

    least, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(least, min(most, ENOUGH)), most))
