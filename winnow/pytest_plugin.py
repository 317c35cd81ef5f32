"""Winnow's pytest plugin: fixtures for any project, and the option ``--winnow-results``.

``connect`` opens WebSocket sessions with ``app``, once for each transport; a module or a
test selects transports with ``@pytest.mark.transports("in-process")``. ``http`` is an HTTP client of
the same application. With ``--winnow-results`` the outcomes are saved for the report, and coverage
records each test in its own context.

A project may have its own fixtures with these names. So the fixtures here depend only on fixtures whose
names begin with ``winnow_``.
"""

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from winnow.config import Config
from winnow.errors import WinnowError
from winnow.i18n import say
from winnow.runs.contexts import context

if TYPE_CHECKING:  # the transports are imported when a test asks for one
    import httpx2

    from winnow.transports import Connect, Server


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--winnow-results``."""
    parser.getgroup("winnow").addoption(
        "--winnow-results", type=Path, metavar="PATH", help=say("plugin.option")
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and the recorder if results are to be saved."""
    config.addinivalue_line("markers", f"transports(*names): {say('plugin.marker')}")
    path: Path | None = config.getoption("winnow_results")
    if path:
        if config.getoption("numprocesses", None) or config.getoption("tx", None):
            raise pytest.UsageError(say("plugin.xdist"))
        from winnow.runs.recorder import Recorder

        config.pluginmanager.register(
            Recorder(path, config.rootpath, config.invocation_params.args), "winnow-recorder"
        )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test that uses ``connect`` on every transport, or on those that its marker names."""
    if "winnow_transport" in metafunc.fixturenames:
        metafunc.parametrize("winnow_transport", _transports(metafunc.definition), indirect=True)


def _transports(test: pytest.Item) -> tuple[str, ...]:
    """Return the transports that a test's marker names; without one, all of them."""
    from winnow.transports import TRANSPORTS

    marker = test.get_closest_marker("transports")
    names = marker.args if marker else TRANSPORTS
    if not names or any(name not in TRANSPORTS for name in names):
        known, wrong = ", ".join(TRANSPORTS), ", ".join(map(repr, names)) or "-"
        raise pytest.Collector.CollectError(say("plugin.transports", known=known, names=wrong))
    return names


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Pause the garbage collector during imports and collection, when nothing can be freed."""
    if _is_ours(early_config):
        gc.disable()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Resume it, and exclude the objects that exist now: they live as long as the session."""
    if _is_ours(session.config):
        gc.freeze()
        gc.enable()


def _is_ours(config: pytest.Config) -> bool:
    """Return whether this session is a trial, or is recorded for the report."""
    return "WINNOW_TRIAL" in os.environ or bool(getattr(config.known_args_namespace, "winnow_results", None))


@pytest.fixture(scope="session")
def winnow_config(pytestconfig: pytest.Config) -> Config:
    """The project's [tool.winnow], which may be below pytest's root directory, or above it."""
    try:
        return Config.near(_starts(pytestconfig))
    except WinnowError as error:
        pytest.fail(str(error), pytrace=False)


def _starts(config: pytest.Config) -> Iterator[Path]:
    """Yield folders that may be in the project: the current one, those of the arguments, and the root."""
    yield config.invocation_params.dir
    for argument in config.args:
        path = config.invocation_params.dir / argument.partition("::")[0]
        yield path if path.is_dir() else path.parent
    yield config.rootpath


@pytest.fixture
def app(winnow_config: Config) -> Any:
    """The application that [tool.winnow] names; override this fixture to test another one.

    If ``app`` names a function that creates applications, each test gets a new one.
    """
    from winnow.transports.application import NoApplication, NoAttribute, application

    module, _, attribute = winnow_config.app.partition(":")
    try:
        return application(module, attribute)
    except NoAttribute:
        problem = say("plugin.no_app", app=winnow_config.app, module=module, attribute=attribute)
    except NoApplication as error:
        problem = say("plugin.not_an_app", app=winnow_config.app, error=error)
    pytest.fail(problem, pytrace=False)


@pytest.fixture
def winnow_transport(request: pytest.FixtureRequest) -> str:
    """The transport of this test; if pytest cannot repeat the test, the first one that its marker names."""
    name: str = getattr(request, "param", None) or _transports(request.node)[0]
    return name


@pytest.fixture
def winnow_served(
    app: Any, winnow_transport: str, winnow_servers: "Callable[[str], Server]"
) -> "Iterator[Connect]":
    """Serve ``app`` over this test's transport."""
    with winnow_servers(winnow_transport).serve(app) as connect:
        yield connect


@pytest.fixture(scope="session")
def winnow_servers(winnow_config: Config) -> "Iterator[Callable[[str], Server]]":
    """Return the one server of a transport; the first call starts it."""
    servers: dict[str, Server] = {}

    def get(transport: str) -> "Server":
        if transport not in servers:
            servers[transport] = _server(transport, winnow_config.timeout)
            servers[transport].start()
        return servers[transport]

    yield get
    for server in servers.values():
        server.stop()
    for server in servers.values():
        server.join()


@pytest.fixture
def transport(winnow_transport: str) -> str:
    """The name of the transport that this test runs on."""
    return winnow_transport


@pytest.fixture
def connect(winnow_served: "Connect") -> "Connect":
    """Open sessions with ``app`` over ``transport``: see ``winnow.transports``."""
    return winnow_served


@pytest.fixture
def http(winnow_served: "Connect") -> "Iterator[httpx2.Client]":
    """An HTTP client of ``app``, over the same transport and on the same event loop as ``connect``."""
    with winnow_served.http() as client:
        yield client


@pytest.fixture(scope="session")
def server(winnow_servers: "Callable[[str], Server]") -> "Callable[[str], Server]":
    """Return the one server of a transport: see ``winnow.transports.Server``."""
    return winnow_servers


def _server(transport: str, timeout: float) -> "Server":
    from winnow.transports import IN_PROCESS, LIVE

    if transport == IN_PROCESS:
        from winnow.transports.in_process import InProcessServer

        return InProcessServer(timeout)
    from winnow.transports.live import LiveServer

    return LiveServer(LIVE[transport], timeout)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Under coverage, record what this test runs, fixtures included, under its name."""
    with context(item.nodeid):
        return (yield)
