"""The suites fail on the service of the article, and name its faults."""

import shutil
from pathlib import Path

import pytest

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def article(project):
    """The project, with the service of the article instead of ours."""
    shutil.copy(Path(__file__).parent / "article_main.py", project.path("service/main.py"))
    return project


def test_the_unittest_suite_names_what_is_wrong(article):
    """The echo passes. The test without a token and the test with a binary frame do not."""
    run = article.run("unittest", "-v", "tests.unit.test_echo")

    assert run.returncode == 1
    assert outcome(run, "test_websocket ") == "ok"
    assert outcome(run, "test_websocket_notoken ") == "ERROR"
    assert outcome(run, "test_websocket_binary ") == "ERROR"


def test_the_pytest_suite_names_what_is_wrong_on_every_transport(article):
    """Both faults show on every transport."""
    run = article.run(
        "pytest", "-q", "-p", "no:randomly", "tests/ws/test_handshake.py", "tests/ws/test_limits.py"
    )

    assert run.returncode == 1
    for transport in ("in-process", "live-sansio", "live-wsproto"):
        assert f"test_every_transport_refuses_alike[{transport}-no-token]" in run.stdout
        assert f"test_a_binary_frame_closes_with_1003[{transport}-bytes]" in run.stdout


def outcome(run, test):
    """Return unittest's result for one test: ok, FAIL or ERROR. It is on the line after the name."""
    lines = run.stdout.splitlines()
    number = next(i for i, line in enumerate(lines) if line.startswith(test))
    return " ".join(lines[number : number + 2]).rpartition("... ")[2]
