"""``[tool.winnow]`` in ``pyproject.toml``, read and checked."""

import math
import os
import tomllib
from collections.abc import Callable, Iterable
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
    env: tuple[str, ...]
    env_file: Path | None
    slow_suites: tuple[Path, ...]
    reports: Path
    variants: Path
    timeout: float
    trial_timeout: float

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
        path, table = _find(start or Path.cwd())
        config = cls(path.parent, **_checked(table | _from_environment(), path.parent))
        _check_that_reports_are_apart(config)
        return config

    @classmethod
    def near(cls, starts: Iterable[Path]) -> Self:
        """Read the configuration of the first of these folders that is in a project.

        Raises  WinnowError where none is, or what is found is invalid.
        """
        first: WinnowError | None = None
        for start in starts:
            try:
                return cls.load(start)
            except WinnowError as error:
                if error.slug not in ("no-project", "no-table"):
                    raise
                first = first or error
        raise first or WinnowError("no-project", folder=Path())


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


def _find(start: Path) -> tuple[Path, dict[str, Any]]:
    """Return the nearest pyproject.toml with a table for Winnow, in this folder or above it."""
    found = [folder / "pyproject.toml" for folder in (start, *start.parents)]
    for path in filter(Path.is_file, found):
        table = _read(path).get("tool", {}).get("winnow")
        if isinstance(table, dict):
            return path, table
    if any(path.is_file() for path in found):
        raise WinnowError("no-table", file="pyproject.toml", keys=", ".join(KEYS))
    raise WinnowError("no-project", folder=start)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
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
    except ValueError as expected:
        raise WinnowError("wrong-value", key=key, value=value, expected=say(f"expected.{expected}")) from None


# A reader returns a value in its type, or raises ValueError with the name of what it expected.


def _path(value: Any, root: Path) -> Path:
    if not isinstance(value, str):
        raise ValueError("path")
    path = Path(os.path.normpath(root / value))
    if path == root or not path.is_relative_to(root):
        raise ValueError("inside")
    return path


def _service(value: Any, root: Path) -> Path:
    """Read what variants may change: a package, a folder, one file, or "." for the whole project."""
    return root if value in (".", "") else _path(value, root)


def _variables(value: Any, _root: Path) -> tuple[str, ...]:
    if not _are_texts(value) or any(not text.partition("=")[0].isidentifier() for text in value):
        raise ValueError("variables")
    return tuple(value)


def _optional_path(value: Any, root: Path) -> Path | None:
    return None if value is None else _path(value, root)


def _paths(value: Any, root: Path) -> tuple[Path, ...]:
    if not _are_texts(value):
        raise ValueError("paths")
    return tuple(_path(text, root) for text in value)


def _names(value: Any, _root: Path) -> tuple[str, ...]:
    if not _are_texts(value):
        raise ValueError("names")
    return tuple(value)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def _app(value: Any, _root: Path) -> str:
    if not isinstance(value, str) or ":" not in value:
        raise ValueError("app")
    return value


def _seconds(value: Any, _root: Path) -> float:
    if type(value) not in (int, float) or not 0 < value < math.inf:
        raise ValueError("seconds")
    return float(value)


KEYS: dict[str, tuple[Callable[[Any, Path], Any], Any]] = {  # each key with its reader and its default
    "service": (_service, "service"),  # what variants may change: a package, a folder, a file, or "."
    "app": (_app, "service.main:app"),  # the ASGI application, or a function that makes one
    "gate": (_path, "service/endpoint.py"),  # the module that must be covered completely
    "suites": (_paths, ["tests"]),
    "plugins": (_names, []),  # pytest plugins that trials load: anyio.pytest_plugin, for example
    "env": (_variables, []),  # variables that a trial has: NAME is passed on, NAME=value is set
    "env_file": (_optional_path, None),  # a file of lines NAME=value that a trial has too
    "slow_suites": (_paths, []),  # run against correct variants, and the faults that name them
    "reports": (_path, "reports"),  # where results and pages go
    "variants": (_path, "variants"),  # correct and faulty variants of the service
    "timeout": (_seconds, 2.0),  # seconds that one receive may take
    "trial_timeout": (_seconds, 60.0),  # seconds that the suite may take on the unchanged service
}


def _check_that_reports_are_apart(config: Config) -> None:
    """The reports folder is emptied before a run, so it must not overlap what the project needs."""
    service = () if config.service == config.root else (config.service,)
    for path in (*service, config.gate, config.variants, *config.suites, *config.slow_suites):
        if path.is_relative_to(config.reports) or config.reports.is_relative_to(path):
            raise WinnowError(
                "reports-overlap", reports=config.shown(config.reports), path=config.shown(path)
            )
