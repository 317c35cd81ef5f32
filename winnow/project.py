"""The project's files: writes them, detects changes, and empties the reports folder before a run."""

import hashlib
import io
import json
import os
import shutil
import tokenize
from collections.abc import Iterator
from pathlib import Path

from winnow.config import Config
from winnow.errors import WinnowError

CACHE = ".winnow_cache"  # the folder of the verdict store, beside pyproject.toml
MATRIX = "matrix.json"  # the result of `winnow faults`; kept until the files that it depends on change
MUTATION = "mutation.json"  # the same, for other viewers
FINDINGS = {MATRIX, MUTATION}
KEPT = {"README.md", ".gitignore"} | FINDINGS
WRITTEN = {"index.html", "pytest.html", "coverage", "data"}
MARK = ".winnow"  # in the data folder: everything in the reports folder may be deleted
LEFT_OUT = {
    *(".git", ".hg", ".svn", "node_modules", "__pycache__", ".venv", "venv", ".tox", ".nox"),
    *(".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis", ".winnow_cache", "htmlcov"),
}
ROOM = 8 * 1024 * 1024  # free bytes that a run may need


def write(path: Path, text: str) -> None:
    """Write a text as UTF-8; create its folder if needed.

    Raises  WinnowError if it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", errors="backslashreplace")  # a lone surrogate is not UTF-8
    except OSError as error:
        raise WinnowError("cannot-write", file=path.name, reason=error.strerror) from None


def read_source(path: Path) -> str:
    """Return a file's text without a byte-order mark; Python code is read in the encoding that it declares.

    Raises  OSError if it cannot be read, ValueError if it is not in that encoding.
    """
    data = path.read_bytes()
    text = data.decode(_encoding(path, data)).replace("\r\n", "\n").replace("\r", "\n")
    return text.removeprefix("\ufeff")


def source_bytes(path: Path, text: str) -> bytes:
    """Return a file's text as bytes; Python code is written in the encoding that it declares.

    Raises  ValueError if the encoding is unknown, or cannot represent the text.
    """
    return text.encode(_encoding(path, text.encode("utf-8", "backslashreplace")))


def _encoding(path: Path, data: bytes) -> str:
    """Return the encoding of a file: the one that Python code declares, otherwise UTF-8."""
    if path.suffix != ".py":
        return "utf-8"
    try:
        return tokenize.detect_encoding(io.BytesIO(data.replace(b"\r", b"\n")).readline)[0]
    except SyntaxError as error:
        raise ValueError(str(error)) from None


def fingerprint(config: Config) -> str:
    """Return a digest of the service, the suites and the variants; it changes when any of them does."""
    digest = hashlib.sha256()
    for folder in (config.service, *config.suites, *config.slow_suites, config.variants):
        for path in files(folder):
            if not path.is_relative_to(config.reports):
                digest.update(os.fsencode(config.shown(path)) + b"\0" + path.read_bytes())
    return digest.hexdigest()


def files(folder: Path) -> Iterator[Path]:
    """Yield the readable files of the project in this folder, or this one file, in a fixed order."""
    if folder.is_file() and os.access(folder, os.R_OK):
        yield folder
    if not folder.is_dir() or not os.access(folder, os.R_OK | os.X_OK):
        return
    for path in sorted(folder.iterdir()):
        if not path.is_dir() or not (path.is_symlink() or _is_closed_or_left_out(path)):
            yield from files(path)


def _is_closed_or_left_out(folder: Path) -> bool:
    return not os.access(folder, os.X_OK) or is_left_out(folder)


def is_left_out(folder: Path) -> bool:
    """Return whether a folder is left out: version control, a virtual environment or a cache."""
    return folder.name in LEFT_OUT or (folder / "pyvenv.cfg").exists()


def clean(config: Config) -> None:
    """Delete the files of the last run, and check that there is disk space for the next one.

    Raises  WinnowError if the folder cannot be written, or the disk is full.
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

    Raises  WinnowError if it cannot be deleted.
    """
    try:
        shutil.rmtree(config.root / CACHE)
    except FileNotFoundError:
        return
    except OSError as error:
        raise WinnowError("cannot-write", file=CACHE, reason=error.strerror) from None


def _check_that_it_is_ours(config: Config) -> None:
    """Raise WinnowError if the folder contains files that Winnow did not write."""
    others = {path.name for path in config.reports.iterdir()} - KEPT - WRITTEN
    if others and not (config.data / MARK).exists():
        raise WinnowError("foreign-files", folder=config.shown(config.reports), name=min(others))


def _up_to_date(config: Config) -> bool:
    """Return whether the service, the suites and the variants are unchanged since the matrix was saved."""
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
