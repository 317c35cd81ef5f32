"""``[tool.winnow]`` in ``pyproject.toml``, read and checked."""

import math
import os
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from winnow.errors import WinnowError
from winnow.i18n import LANGUAGES, say


@dataclass(frozen=True)
class Config:
    """What Winnow knows of a project; paths are absolute, times in seconds."""

    root: Path
    service: Path
    app: str
    gate: Path
    suites: tuple[Path, ...]
    plugins: tuple[str, ...]
    slow_suites: tuple[Path, ...]
    reports: Path
    variants: Path
    timeout: float
    trial_timeout: float

    @property
    def package(self) -> str:
        """The name under which the service is imported."""
        return self.app.partition(":")[0].partition(".")[0]

    @property
    def data(self) -> Path:
        """The folder in which one command leaves results for another."""
        return self.reports / "data"

    def shown(self, path: Path) -> str:
        """Return a path as messages show it: relative to the project, with slashes."""
        return path.relative_to(self.root).as_posix()

    @classmethod
    def load(cls, start: Path | None = None) -> Self:
        """Read the configuration of the project that this folder is in.

        Raises  WinnowError where there is none, it is invalid, or a variable of the environment is.
        """
        file = _find(start or Path.cwd())
        table = _read(file).get("tool", {}).get("winnow")
        if not isinstance(table, dict):
            raise WinnowError("no-table", file=file.name, keys=", ".join(KEYS))
        config = cls(file.parent, **_checked(table | _from_environment(), file.parent))
        _check_that_reports_are_apart(config)
        return config


def _from_environment() -> dict[str, Any]:
    """Read WINNOW_TIMEOUT, with which a trial shortens each receive; check WINNOW_LANG."""
    language = os.environ.get("WINNOW_LANG")
    if language and language not in LANGUAGES:
        raise WinnowError("wrong-language", value=language)
    text = os.environ.get("WINNOW_TIMEOUT")
    try:
        return {"timeout": float(text)} if text else {}
    except ValueError:
        raise WinnowError("wrong-timeout", value=text) from None


def _find(start: Path) -> Path:
    for folder in (start, *start.parents):
        if (folder / "pyproject.toml").is_file():
            return folder / "pyproject.toml"
    raise WinnowError("no-project", folder=start)


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise WinnowError("invalid-toml", error=error) from None
    except (OSError, UnicodeDecodeError) as error:
        raise WinnowError("unreadable-toml", error=error) from None


def _checked(table: dict[str, Any], root: Path) -> dict[str, Any]:
    """Return a value for every key: the table's, else the default."""
    if unknown := sorted(table.keys() - KEYS):
        raise WinnowError("unknown-key", key=unknown[0], keys=", ".join(KEYS))
    return {key: _value(key, table.get(key, default), root) for key, (_, default) in KEYS.items()}


def _value(key: str, value: Any, root: Path) -> Any:
    read, _ = KEYS[key]
    try:
        return read(value, root)
    except ValueError:
        expected = say(f"expected.{read.__name__}")
        raise WinnowError("wrong-value", key=key, value=value, expected=expected) from None


# Readers of values: each returns the value in its type, or raises ValueError.


def path(value: Any, root: Path) -> Path:
    """Read a path inside the project."""
    found = Path(os.path.normpath(root / value)) if isinstance(value, str) else root
    if found == root or not found.is_relative_to(root):
        raise ValueError
    return found


def paths(value: Any, root: Path) -> tuple[Path, ...]:
    """Read a list of paths inside the project."""
    return tuple(path(text, root) for text in names(value, root))


def names(value: Any, _root: Path) -> tuple[str, ...]:
    """Read a list of names."""
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise ValueError
    return tuple(value)


def app(value: Any, _root: Path) -> str:
    """Read the place of an application."""
    if not isinstance(value, str) or ":" not in value:
        raise ValueError
    return value


def seconds(value: Any, _root: Path) -> float:
    """Read a time."""
    if type(value) not in (int, float) or not 0 < value < math.inf:
        raise ValueError
    return float(value)


KEYS: dict[str, tuple[Callable[[Any, Path], Any], Any]] = {  # each key with its reader and its default
    "service": (path, "service"),  # the folder of the package under test
    "app": (app, "service.main:app"),  # the ASGI application in it, or a function that makes one
    "gate": (path, "service/endpoint.py"),  # the module that must be covered completely
    "suites": (paths, ["tests"]),
    "plugins": (names, []),  # pytest plugins that trials load: anyio.pytest_plugin, for example
    "slow_suites": (paths, []),  # run against correct variants, and the faults that name them
    "reports": (path, "reports"),  # where results and pages go
    "variants": (path, "variants"),  # correct and faulty variants of the service
    "timeout": (seconds, 2.0),  # seconds that one receive may take
    "trial_timeout": (seconds, 60.0),  # seconds that the suite may take on the unchanged service
}


def _check_that_reports_are_apart(config: Config) -> None:
    """The reports folder is emptied before a run, so it must not overlap what the project needs."""
    for path in (config.service, config.gate, config.variants, *config.suites, *config.slow_suites):
        if path.is_relative_to(config.reports) or config.reports.is_relative_to(path):
            raise WinnowError(
                "reports-overlap", reports=config.shown(config.reports), path=config.shown(path)
            )
