"""Whether a finding is still about the files as they are."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from winnow.config import Config


def fingerprint(config: Config) -> str:
    """Return a digest of the service, the suites and the variants; it changes when any of them does."""
    digest = hashlib.sha256()
    for folder in (config.service, *config.suites, *config.slow_suites, config.variants):
        for path in _files(folder):
            digest.update(path.relative_to(config.root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    paths = sorted(folder.rglob("*")) if folder.is_dir() else [folder]
    return (path for path in paths if path.is_file() and "__pycache__" not in path.parts)
