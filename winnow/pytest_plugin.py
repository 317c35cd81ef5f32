"""Winnow's fixtures, for any project that has the package installed.

``connect`` opens WebSocket sessions with ``app``, once for each transport; a module or a
test names fewer with ``@pytest.mark.transports("in-process")``. With ``--winnow-results``
the outcomes are kept for the report, and under coverage each test is a context of its own.
"""

import gc
from collections.abc import Callable, Iterator
from importlib import import_module
from inspect import iscoroutinefunction, isfunction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from winnow.config import Config
from winnow.errors import WinnowError
from winnow.runs.contexts import context

if TYPE_CHECKING:  # the transports are imported when a test asks for one
    from winnow.transports import Connect, Server


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--winnow-results``."""
    parser.getgroup("winnow").addoption(
        "--winnow-results", type=Path, metavar="PATH", help="keep the outcomes for `winnow report`"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Name the marker; keep a record of this run if it was asked for."""
    config.addinivalue_line("markers", "transports(*names): the transports this conversation is held over")
    path: Path | None = config.getoption("winnow_results")
    if path:
        if config.getoption("numprocesses", None):
            raise pytest.UsageError("--winnow-results sees nothing of pytest-xdist's workers: leave out -n")
        from winnow.runs.recorder import Recorder

        config.pluginmanager.register(Recorder(path, config.invocation_params.args), "winnow-recorder")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Hold each conversation over every transport, or over those that it names."""
    if "connect" not in metafunc.fixturenames or _names_its_own(metafunc.definition):
        return
    from winnow.transports import TRANSPORTS

    marker = metafunc.definition.get_closest_marker("transports")
    names = marker.args if marker else TRANSPORTS
    if not names or any(name not in TRANSPORTS for name in names):
        wrong = ", ".join(map(repr, names)) or "none"
        raise pytest.Collector.CollectError(f"transports are {', '.join(TRANSPORTS)}; named were {wrong}")
    metafunc.parametrize("transport", names, indirect=True)


def _names_its_own(test: pytest.Item) -> bool:
    """Tell whether a test is parametrized with transports already."""
    return any("transport" in str(mark.args[0]) for mark in test.iter_markers("parametrize"))


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Look for no garbage while modules are imported and tests are collected: all of it stays."""
    gc.disable()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Begin to look for garbage, but not among what has stayed so far."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def winnow_config(pytestconfig: pytest.Config) -> Config:
    """The project's [tool.winnow]."""
    try:
        return Config.load(pytestconfig.rootpath)
    except WinnowError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture
def app(winnow_config: Config) -> Any:
    """The application under test, as [tool.winnow] names it; override it to test another.

    Where a function that makes one is named, each test has an application of its own.
    """
    module, _, attribute = winnow_config.app.partition(":")
    named = getattr(import_module(module), attribute, None)
    if named is None:
        pytest.fail(f"[tool.winnow] app is '{winnow_config.app}', and {module} has none", pytrace=False)
    return named() if isfunction(named) and not iscoroutinefunction(named) else named


@pytest.fixture
def transport(request: pytest.FixtureRequest) -> str:
    """The name of the transport that carries this test's conversations."""
    name: str = request.param
    return name


@pytest.fixture
def connect(app: Any, transport: str, server: "Callable[[str], Server]") -> "Iterator[Connect]":
    """Open sessions with ``app`` over ``transport``: see ``winnow.transports``."""
    with server(transport).serve(app) as connect:
        yield connect


@pytest.fixture(scope="session")
def server(winnow_config: Config) -> "Iterator[Callable[[str], Server]]":
    """Return the one server of a transport, started when it is first asked for."""
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


def _server(transport: str, timeout: float) -> "Server":
    from winnow.transports import IN_PROCESS, LIVE

    if transport == IN_PROCESS:
        from winnow.transports.in_process import InProcessServer

        return InProcessServer(timeout)
    from winnow.transports.live import LiveServer

    return LiveServer(LIVE[transport], timeout)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Under coverage, credit what this test runs, fixtures included, to this test."""
    with context(item.nodeid):
        return (yield)
