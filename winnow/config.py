"""``[tool.winnow]`` in ``pyproject.toml``, read and checked."""

import math
import os
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self

from winnow.errors import WinnowError

DEFAULTS: dict[str, Any] = {
    "service": "service",  # the folder of the package under test
    "app": "service.main:app",  # the ASGI application in it, or a function that makes one
    "gate": "service/endpoint.py",  # the module held at 100 %
    "suites": ["tests"],
    "plugins": [],  # of pytest, that trials load: anyio.pytest_plugin, say
    "slow_suites": [],  # tried on correct variants, and on the faults that name them
    "reports": "reports",  # where results and pages go
    "variants": "variants",  # correct and faulty variants of the service
    "timeout": 2.0,  # seconds that one receive may take
    "trial_timeout": 60.0,  # seconds that the suite may take on the service as it stands
}


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

    @classmethod
    def load(cls, start: Path | None = None) -> Self:
        """Read the configuration of the project that this folder is in.

        Raises  WinnowError where there is none, it is no TOML, or a key or value is wrong.
        """
        path = _find(start or Path.cwd())
        table = _read(path).get("tool", {}).get("winnow")
        if not isinstance(table, dict):
            raise WinnowError(
                f"{path.name} has no [tool.winnow] table", f"add one; its keys are {', '.join(DEFAULTS)}"
            )
        config = cls(path.parent, **_checked(DEFAULTS | table | _overridden(), path.parent))
        _see_that_reports_are_apart(config)
        return config


def _see_that_reports_are_apart(config: Config) -> None:
    """The reports folder is emptied before a run: nothing that is needed may be in it, or it in that."""
    for path in (config.service, config.gate, config.variants, *config.suites, *config.slow_suites):
        if path.is_relative_to(config.reports) or config.reports.is_relative_to(path):
            raise WinnowError(
                f"[tool.winnow] reports is {config.reports.relative_to(config.root).as_posix()!r}, "
                f"where {path.relative_to(config.root).as_posix()!r} is",
                "name a folder of its own: it is emptied before each run",
            )


def _overridden() -> dict[str, Any]:
    """Read ``WINNOW_TIMEOUT``, with which a trial shortens the time-out of each receive."""
    text = os.environ.get("WINNOW_TIMEOUT")
    try:
        return {"timeout": float(text)} if text else {}
    except ValueError:
        raise WinnowError(f"WINNOW_TIMEOUT is {text!r}", "write seconds, or unset it") from None


def _find(start: Path) -> Path:
    for folder in (start, *start.parents):
        if (folder / "pyproject.toml").is_file():
            return folder / "pyproject.toml"
    raise WinnowError(f"no pyproject.toml in {start} or above it", "go to your project's folder first")


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise WinnowError(
            f"pyproject.toml is not valid TOML: {error}", "mend that line, then run again"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise WinnowError(f"pyproject.toml cannot be read: {error}", "save it as UTF-8 text") from None


def _checked(table: dict[str, Any], root: Path) -> dict[str, Any]:
    """Return the table with every value in its type."""
    kinds = {field.name: field.type for field in fields(Config) if field.name != "root"}
    unknown = sorted(table.keys() - kinds.keys())
    if unknown:
        raise WinnowError(
            f"[tool.winnow] has an unknown key '{unknown[0]}'", f"the keys are {', '.join(kinds)}"
        )
    return {key: _value(key, value, kinds[key], root) for key, value in table.items()}


def _value(key: str, value: Any, kind: Any, root: Path) -> Any:
    texts = value if isinstance(value, list) and all(isinstance(v, str) for v in value) else None
    if kind is Path and isinstance(value, str):
        return _below(root, key, value)
    if kind == tuple[Path, ...] and texts is not None:
        return tuple(_below(root, key, text) for text in texts)
    if kind == tuple[str, ...] and texts is not None:
        return tuple(texts)
    if kind is float and type(value) in (int, float) and 0 < value < math.inf:
        return float(value)
    if kind is str and isinstance(value, str) and ":" in value:
        return value
    expected = {Path: "a path", float: "seconds above 0", str: "'module:attribute'"}.get(
        kind, "a list of names" if kind == tuple[str, ...] else "a list of paths"
    )
    raise WinnowError(f"[tool.winnow] {key} is {value!r}", f"write {expected}")


def _below(root: Path, key: str, text: str) -> Path:
    """Return the path, which is inside the project and not the project itself."""
    path = Path(os.path.normpath(root / text))
    if path == root or not path.is_relative_to(root):
        raise WinnowError(f"[tool.winnow] {key} is {text!r}", "write a path inside the project")
    return path
