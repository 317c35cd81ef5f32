"""The project's files: how they are written, how a change is noticed, and the reports folder before a run."""

import hashlib
import json
import shutil
import tokenize
from collections.abc import Iterator
from pathlib import Path

from winnow.config import Config
from winnow.errors import WinnowError

CACHE = ".winnow_cache"  # what is kept from one run to the next, beside pyproject.toml
MATRIX = "matrix.json"  # what `winnow faults` found; kept until the files that it is about change
MUTATION = "mutation.json"  # the same, for other viewers
FINDINGS = {MATRIX, MUTATION}
KEPT = {"README.md", ".gitignore"} | FINDINGS
WRITTEN = {"index.html", "pytest.html", "coverage", "data"}
MARK = ".winnow"  # in the data folder: everything in the reports folder may be deleted
LEFT_OUT = {
    *(".git", ".hg", ".svn", "node_modules", "__pycache__", ".venv", "venv", ".tox", ".nox"),
    *(".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis", ".winnow_cache", "htmlcov"),
}
ROOM = 8 * 1024 * 1024  # bytes that a run may need


def write(path: Path, text: str) -> None:
    """Write a text as UTF-8; create its folder if needed.

    Raises  WinnowError where it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", errors="backslashreplace")  # a lone surrogate is not UTF-8
    except OSError as error:
        raise WinnowError("cannot-write", file=path.name, reason=error.strerror) from None


def read_source(path: Path) -> str:
    """Return a file's text; of Python code in the encoding that it names, without a byte-order mark.

    Raises  OSError where it cannot be read, ValueError where it is not in that encoding.
    """
    data = path.read_bytes()
    text = data.decode(encoding(path)).replace("\r\n", "\n").replace("\r", "\n")
    return text.removeprefix("\ufeff")


def encoding(path: Path) -> str:
    """Return the encoding of a file: of Python code the one that it names, else UTF-8.

    Raises  ValueError where it names none that there is.
    """
    if path.suffix != ".py":
        return "utf-8"
    try:
        with path.open("rb") as file:
            return tokenize.detect_encoding(file.readline)[0]
    except SyntaxError as error:
        raise ValueError(str(error)) from None


def fingerprint(config: Config) -> str:
    """Return a digest of the service, the suites and the variants; it changes when any of them does."""
    digest = hashlib.sha256()
    for folder in (config.service, *config.suites, *config.slow_suites, config.variants):
        for path in files(folder):
            if not path.is_relative_to(config.reports):
                digest.update(config.shown(path).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def files(folder: Path) -> Iterator[Path]:
    """Yield the files of the project in this folder, or this one file, in a fixed order."""
    if folder.is_file():
        yield folder
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.is_dir():
            if not is_left_out(path) and not path.is_symlink():
                yield from files(path)
        elif path.is_file():
            yield path


def is_left_out(folder: Path) -> bool:
    """Tell whether a folder is no part of a project: version control, an environment, a cache."""
    return folder.name in LEFT_OUT or (folder / "pyvenv.cfg").exists()


def clean(config: Config) -> None:
    """Delete what the last run wrote, and check that there is room for the next.

    Raises  WinnowError where the folder cannot be written, or the disk is full.
    """
    probe = config.data / "probe"
    try:
        config.reports.mkdir(parents=True, exist_ok=True)
        _check_that_it_is_ours(config)
        kept = KEPT if _up_to_date(config) else KEPT - FINDINGS
        for path in config.reports.iterdir():
            if path.name not in kept:
                _remove(path)
        config.data.mkdir()
        (config.data / MARK).touch()
        probe.write_bytes(bytes(ROOM))
        probe.unlink()
    except OSError as error:
        folder = config.shown(config.reports)
        raise WinnowError("reports-not-writable", folder=folder, reason=error.strerror) from None


def clean_cache(config: Config) -> None:
    """Delete the verdict store.

    Raises  WinnowError where it cannot be deleted.
    """
    try:
        shutil.rmtree(config.root / CACHE)
    except FileNotFoundError:
        return
    except OSError as error:
        raise WinnowError("cannot-write", file=CACHE, reason=error.strerror) from None


def _check_that_it_is_ours(config: Config) -> None:
    """Raise WinnowError where the folder contains files that Winnow did not write."""
    others = {path.name for path in config.reports.iterdir()} - KEPT - WRITTEN
    if others and not (config.data / MARK).exists():
        raise WinnowError("foreign-files", folder=config.shown(config.reports), name=min(others))


def _up_to_date(config: Config) -> bool:
    """Tell whether the service, the suites and the variants are the same as when the matrix was made."""
    try:
        matrix = json.loads((config.reports / MATRIX).read_text(encoding="utf-8"))
        return bool(matrix["fingerprint"] == fingerprint(config))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
