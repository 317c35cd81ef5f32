"""How a trial runs pytest: as the project does, but for the few things that would harm a trial.

pytest finds its own configuration, conftest files and plugins. All that is taken out stands here.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import pytest

# Plugins that are not loaded, by the names of their entry points: they measure, report, spread tests over
# processes, or shuffle them. Each comes with its options, which are taken out of `addopts`; a number says
# how many words an option takes when its value is not joined to it by "=".
NOT_LOADED: dict[str, dict[str, int]] = {
    "pytest_cov": {
        **dict.fromkeys(("--cov-report", "--cov-config", "--cov-fail-under", "--cov-context"), 1),
        **dict.fromkeys(("--no-cov", "--no-cov-on-fail", "--cov-append", "--cov-branch", "--cov-reset"), 0),
        "--cov": 0,
        "--cov-precision": 1,
    },
    "xdist": {
        **dict.fromkeys(("-n", "--numprocesses", "--maxprocesses", "--max-worker-restart"), 1),
        **dict.fromkeys(("--dist", "--tx", "--px", "--rsyncdir", "--rsyncignore", "--testrunuid"), 1),
        **dict.fromkeys(("-d", "--no-loadscope-reorder", "--loadscope-reorder"), 0),
    },
    "xdist.looponfail": {"-f": 0, "--looponfail": 0},
    "html": {"--html": 1, "--css": 1, "--self-contained-html": 0},
    "metadata": {"--metadata": 2, "--metadata-from-json": 1, "--metadata-from-json-file": 1},
    "json_report": {
        **dict.fromkeys(("--json-report-file", "--json-report-omit", "--json-report-indent"), 1),
        **dict.fromkeys(("--json-report", "--json-report-summary", "--json-report-verbosity"), 0),
    },
    "reportlog": {"--report-log": 1, "--report-log-exclude-logs-on-passed-tests": 0},
    "randomly": {"--randomly-seed": 1, "--randomly-dont-reset-seed": 0, "--randomly-dont-reorganize": 0},
    "random_order": {
        **dict.fromkeys(("--random-order-bucket", "--random-order-seed"), 1),
        **dict.fromkeys(("--random-order", "--random-order-class-marker"), 0),
    },
    "sugar": {"--old-summary": 0, "--force-sugar": 0},
    "instafail": {"--instafail": 0},
    "pretty": {"--pretty": 0},
    "testmon": {"--testmon": 0, "--testmon-forceselect": 0, "--testmon-noselect": 0},
    "watcher": {},
}
# Options of pytest itself that end a run early, choose by an earlier run, or wait for a person.
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
    "pastebin": None,
    "tbstyle": "native",  # nobody reads tracebacks of trials, and laying one out takes longer than most tests
}
OURS = ("-s", "-o", "cache_dir=.pytest_cache", "-o", "required_plugins=", "-p", "winnow.pytest_plugin")


@cache
def installed() -> tuple[tuple[str, Any], ...]:
    """Return the plugins that the project has installed, by the names of their entry points.

    One that cannot be imported is an ImportError in its place, told when a trial begins.
    """
    found = sorted(entry_points(group="pytest11"), key=lambda point: point.name)
    wanted = (p for p in found if p.name not in NOT_LOADED and p.module != "winnow.pytest_plugin")
    return tuple((point.name, _loaded(point)) for point in wanted)


def _loaded(point: EntryPoint) -> Any:
    try:
        return point.load()
    except Exception as error:
        return ImportError(f"the plugin {point.name} cannot be imported: {error}")


class Installed:
    """A pytest plugin that brings those which the project has installed, and takes out what harms.

    Modules that are ``named`` on the command line are left to pytest itself.
    """

    def __init__(self, named: Sequence[str] = ()) -> None:
        self._named = named

    def pytest_addoption(self, pluginmanager: pytest.PytestPluginManager) -> None:
        """Register the installed plugins, as pytest itself does when it starts.

        Raises  UsageError where one of them cannot be imported.
        """
        for name, plugin in installed():
            if isinstance(plugin, ImportError):
                raise pytest.UsageError(str(plugin))
            if name not in self._named and getattr(plugin, "__name__", "") not in self._named:
                pluginmanager.register(plugin, name=name)

    @pytest.hookimpl(tryfirst=True)
    def pytest_load_initial_conftests(self, args: list[str]) -> None:
        """Take the options of plugins that are not loaded out of the command line."""
        args[:] = without_harmful(args)

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Switch off what would end a trial early; let marks and settings of plugins left out be known."""
        for name, value in SWITCHED_OFF.items():
            if hasattr(config.option, name):
                setattr(config.option, name, value)
        config.addinivalue_line("markers", "xdist_group(name): known, and without effect in a trial")
        config.addinivalue_line("markers", "no_cover: known, and without effect in a trial")


def without_harmful(arguments: Iterable[str]) -> list[str]:
    """Return pytest's arguments without the options of plugins that are not loaded in a trial."""
    return list(_kept(iter(arguments)))


def _kept(arguments: Iterator[str]) -> Iterator[str]:
    values = {name: number for options in NOT_LOADED.values() for name, number in options.items()}
    for argument in arguments:
        name, joined, _ = argument.partition("=")
        if name == "-p" and not joined:
            plugin = next(arguments, "")
            if plugin.removeprefix("pytest_").partition(".")[0] not in _left_out_modules():
                yield from (argument, plugin)
        elif name in values:
            for _ in range(0 if joined else values[name]):
                next(arguments, None)
        elif not _short(argument, values):
            yield argument


def _short(argument: str, values: dict[str, int]) -> bool:
    """Tell whether this is a short option with its value joined to it, such as ``-n4``."""
    return len(argument) > 2 and argument[:2] in values and argument[1] != "-" and argument[2:].isalnum()


def _left_out_modules() -> set[str]:
    return {name.removeprefix("pytest_").partition(".")[0] for name in NOT_LOADED}
