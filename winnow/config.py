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
    """The configuration of a project; paths are absolute, times in seconds."""

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
        """The folder for results that one command writes and another one reads."""
        return self.reports / "data"

    def shown(self, path: Path) -> str:
        """Return a path as messages show it: relative to the project, if it is inside, with slashes."""
        return (path.relative_to(self.root) if path.is_relative_to(self.root) else path).as_posix()

    @classmethod
    def load(cls, start: Path | None = None) -> Self:
        """Read the configuration of the project that this folder is in.

        Raises  WinnowError if there is no configuration, or it or an environment variable is invalid.
        """
        try:
            file, table = _find(start or Path.cwd())
        except FileNotFoundError:
            raise WinnowError("no-folder") from None
        config = cls(file.parent, **_checked(table | _from_environment(), file.parent))
        _check_that_reports_are_apart(config)
        return config

    @classmethod
    def near(cls, starts: Iterable[Path]) -> Self:
        """Read the configuration of the first of these folders that is inside a project.

        Raises  WinnowError if no folder is in a project, or the configuration is invalid.
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
    """Read WINNOW_TIMEOUT, which a trial sets to limit each receive; check WINNOW_LANG."""
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
    for file in filter(Path.is_file, found):
        table = _read(file).get("tool", {}).get("winnow")
        if isinstance(table, dict):
            return file, table
    if any(file.is_file() for file in found):
        raise WinnowError("no-table", file="pyproject.toml", keys=", ".join(KEYS))
    raise WinnowError("no-project", folder=start)


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise WinnowError("invalid-toml", error=error) from None
    except (OSError, UnicodeDecodeError) as error:
        raise WinnowError("unreadable-toml", error=error) from None


def _checked(table: dict[str, Any], root: Path) -> dict[str, Any]:
    """Return a value for every key: from the table, otherwise the default."""
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


def service(value: Any, root: Path) -> Path:
    """Read what variants may change: a package, a folder, one file, or "." for the whole project."""
    return root if value in (".", "") else path(value, root)


def variables(value: Any, root: Path) -> tuple[str, ...]:
    """Read a list of environment variables: NAME, or NAME=value."""
    if any(not text.partition("=")[0].isidentifier() for text in names(value, root)):
        raise ValueError
    return tuple(value)


def optional_path(value: Any, root: Path) -> Path | None:
    """Read a path inside the project, or none."""
    return None if value is None else path(value, root)


def paths(value: Any, root: Path) -> tuple[Path, ...]:
    """Read a list of paths inside the project."""
    return tuple(path(text, root) for text in names(value, root))


def names(value: Any, _root: Path) -> tuple[str, ...]:
    """Read a list of names."""
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise ValueError
    return tuple(value)


def app(value: Any, _root: Path) -> str:
    """Read ``module:attribute``, which names an application."""
    if not isinstance(value, str) or ":" not in value:
        raise ValueError
    return value


def seconds(value: Any, _root: Path) -> float:
    """Read a time."""
    if type(value) not in (int, float) or not 0 < value < math.inf:
        raise ValueError
    return float(value)


KEYS: dict[str, tuple[Callable[[Any, Path], Any], Any]] = {  # each key with its reader and its default
    "service": (service, "service"),  # what variants may change: a package, a folder, a file, or "."
    "app": (app, "service.main:app"),  # the ASGI application, or a function that creates one
    "gate": (path, "service/endpoint.py"),  # the module that must be covered completely
    "suites": (paths, ["tests"]),
    "plugins": (names, []),  # pytest plugins that trials load in addition to the installed ones
    "env": (variables, []),  # environment variables for trials: NAME is passed on, NAME=value is set
    "env_file": (optional_path, None),  # a file with lines NAME=value, which set variables for trials
    "slow_suites": (paths, []),  # run only on correct variants, and on faults that name them
    "reports": (path, "reports"),  # the folder for results and pages
    "variants": (path, "variants"),  # correct and faulty variants of the service
    "timeout": (seconds, 2.0),  # seconds that one receive may take
    "trial_timeout": (seconds, 60.0),  # seconds that the suite may take on the unchanged service
}


def _check_that_reports_are_apart(config: Config) -> None:
    """Check that the reports folder overlaps no other path: it is emptied before a run."""
    service = () if config.service == config.root else (config.service,)
    for path in (*service, config.gate, config.variants, *config.suites, *config.slow_suites):
        if path.is_relative_to(config.reports) or config.reports.is_relative_to(path):
            raise WinnowError(
                "reports-overlap", reports=config.shown(config.reports), path=config.shown(path)
            )
