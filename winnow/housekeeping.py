"""The reports folder, before a run."""

import shutil
from pathlib import Path

from winnow.config import Config
from winnow.errors import WinnowError

KEPT = {"README.md", ".gitignore"}
ROOM = 8 * 1024 * 1024  # bytes that a run may need


def clean(config: Config) -> None:
    """Remove what the last run wrote, and prove that there is room for the next.

    Raises  WinnowError where the folder cannot be written, or its disk is full.
    """
    probe = config.data / "probe"
    try:
        config.reports.mkdir(parents=True, exist_ok=True)
        for path in config.reports.iterdir():
            _remove(path)
        config.data.mkdir()
        probe.write_bytes(bytes(ROOM))
        probe.unlink()
    except OSError as error:
        folder = config.reports.relative_to(config.root)
        raise WinnowError(
            f"{folder}/ cannot be written: {error.strerror}",
            f"make room or give yourself the right to write (`ls -ld {folder}`, `df -h {folder}`)",
        ) from None


def _remove(path: Path) -> None:
    if path.name in KEPT:
        return
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
