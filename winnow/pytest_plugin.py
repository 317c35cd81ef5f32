"""Winnow's pytest fixtures, for any project that has the package installed.

``connect`` opens WebSocket sessions with ``app``, once for each transport; a module or a
test selects transports with ``@pytest.mark.transports("in-process")``. With ``--winnow-results``
the outcomes are saved for the report, and under coverage each test is a context of its own.
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
from winnow.i18n import say
from winnow.runs.contexts import context

if TYPE_CHECKING:  # the transports are imported when a test asks for one
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
    if "connect" not in metafunc.fixturenames or _is_parametrized(metafunc.definition):
        return
    from winnow.transports import TRANSPORTS

    marker = metafunc.definition.get_closest_marker("transports")
    names = marker.args if marker else TRANSPORTS
    if not names or any(name not in TRANSPORTS for name in names):
        known, wrong = ", ".join(TRANSPORTS), ", ".join(map(repr, names)) or "-"
        raise pytest.Collector.CollectError(say("plugin.transports", known=known, names=wrong))
    metafunc.parametrize("transport", names, indirect=True)


def _is_parametrized(test: pytest.Item) -> bool:
    """Tell whether the test itself is parametrized with transports."""
    return any("transport" in str(mark.args[0]) for mark in test.iter_markers("parametrize"))


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Pause the garbage collector during imports and collection: nothing can be freed there."""
    gc.disable()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Resume it, without the objects that exist so far: they live as long as the session."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def winnow_config(pytestconfig: pytest.Config) -> Config:
    """The project's [tool.winnow], which may lie below pytest's root directory, or above it."""
    try:
        return Config.near(_starts(pytestconfig))
    except WinnowError as error:
        pytest.fail(str(error), pytrace=False)


def _starts(config: pytest.Config) -> Iterator[Path]:
    """Yield where the project may be: where pytest was started, what it was given, and its root directory."""
    yield config.invocation_params.dir
    for argument in config.args:
        path = config.invocation_params.dir / argument.partition("::")[0]
        yield path if path.is_dir() else path.parent
    yield config.rootpath


@pytest.fixture
def app(winnow_config: Config) -> Any:
    """The application that [tool.winnow] names; override this fixture to test another one.

    If ``app`` names a function that makes applications, each test gets a new one.
    """
    module, _, attribute = winnow_config.app.partition(":")
    named = getattr(import_module(module), attribute, None)
    if named is None:
        problem = say("plugin.no_app", app=winnow_config.app, module=module, attribute=attribute)
        pytest.fail(problem, pytrace=False)
    return named() if isfunction(named) and not iscoroutinefunction(named) else named


@pytest.fixture
def transport(request: pytest.FixtureRequest) -> str:
    """The name of the transport that this test runs on."""
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
    """Under coverage, record what this test runs, fixtures included, under its name."""
    with context(item.nodeid):
        return (yield)
