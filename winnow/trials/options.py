"""How a trial runs pytest: as the project does, except for options and plugins that would harm a trial.

pytest finds its own configuration, conftest files and plugins. This module lists what a trial disables.
"""

from collections.abc import Sequence, Set
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import Any

import pytest

# Disabled plugins, by the names of their entry points: they measure, report, run tests in parallel, or
# shuffle them. Their options, settings, hooks and fixtures are accepted, but have no effect.
QUIET = (
    *("pytest_cov", "xdist", "xdist.looponfail", "testmon", "watcher"),
    *("html", "json_report", "reportlog", "sugar", "instafail", "pretty"),
    *("randomly", "random_order"),
)
MARKS = (  # of disabled plugins; a project may use them under --strict-markers
    "xdist_group(name): known, and without effect in a trial",
    "random_order(disabled): known, and without effect in a trial",
)
# Options of pytest itself that stop early, select tests by an earlier run, or wait for input.
SWITCHED_OFF: dict[str, Any] = {
    "maxfail": 0,
    "stepwise": False,
    "stepwise_skip": False,
    "lf": False,
    "failedfirst": False,
    "newfirst": False,
    "usepdb": False,
    "trace": False,
    "xmlpath": None,
    "numprocesses": None,
    "dist": "no",
    "tx": [],
    "pastebin": None,
    "tbstyle": "native",  # a trial does not use tracebacks, and formatting one takes longer than most tests
}
OURS = ("-s", "-o", "cache_dir=.pytest_cache", "-o", "required_plugins=", "-p", "winnow.pytest_plugin")


@cache
def installed() -> tuple[tuple[str, Any], ...]:
    """Return the plugins that the project has installed, by the names of their entry points.

    For a plugin that cannot be imported, its ImportError is returned; each trial reports it.
    """
    found = sorted(entry_points(group="pytest11"), key=lambda point: point.name)
    wanted = (point for point in found if point.module != "winnow.pytest_plugin")
    return tuple((point.name, _loaded(point)) for point in wanted)


def _loaded(point: EntryPoint) -> Any:
    try:
        plugin = point.load()
    except Exception as error:
        return ImportError(f"the plugin {point.name} cannot be imported: {error}")
    return quiet(plugin) if point.name in QUIET else plugin


def quiet(plugin: Any) -> ModuleType:
    """Return a plugin without effect that defines the options, settings, hooks and fixtures of this one."""
    silent = ModuleType(plugin.__name__)
    for name, value in vars(plugin).items():
        if name in ("pytest_addoption", "pytest_addhooks") or _is_fixture(value):
            setattr(silent, name, value)
    return silent


def _is_fixture(value: Any) -> bool:
    return hasattr(value, "_pytestfixturefunction") or type(value).__name__ == "FixtureFunctionDefinition"


class Installed:
    """A pytest plugin that registers the installed plugins, and disables those that would harm a trial.

    pytest itself loads the modules that are ``named`` on the command line.
    """

    def __init__(self, named: Sequence[str] = ()) -> None:
        self._named = named

    def pytest_addoption(self, pluginmanager: pytest.PytestPluginManager) -> None:
        """Register the installed plugins, as pytest itself does when it starts.

        Raises  UsageError if one of them cannot be imported.
        """
        modules = set()
        for name, plugin in installed():
            if isinstance(plugin, ImportError):
                raise pytest.UsageError(str(plugin))
            module = getattr(plugin, "__name__", name)
            known = pluginmanager.has_plugin(name)  # pytest itself has a plugin of this name
            if not known and not {name, module} & set(self._named):
                pluginmanager.register(plugin, name=f"quiet-{name}" if name in QUIET else name)
                modules |= {name, module} if name in QUIET else set()
        _leave_out(pluginmanager, modules)

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Disable options that would end a trial early, and register the marks of disabled plugins."""
        for name, value in SWITCHED_OFF.items():
            if hasattr(config.option, name):
                setattr(config.option, name, value)
        for mark in MARKS:
            config.addinivalue_line("markers", mark)


def _leave_out(pluginmanager: pytest.PytestPluginManager, modules: Set[str]) -> None:
    """Prevent ``-p`` and ``pytest_plugins`` from loading a disabled plugin."""
    load = pluginmanager.import_plugin

    def import_plugin(modname: str, consider_entry_points: bool = False) -> None:
        if modname not in modules:
            load(modname, consider_entry_points)

    pluginmanager.import_plugin = import_plugin  # type: ignore[method-assign]
