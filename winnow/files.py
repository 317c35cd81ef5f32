"""Files that one command leaves for another, or for a reader."""

from pathlib import Path

from winnow.errors import WinnowError


def write(path: Path, text: str) -> None:
    """Write a text as UTF-8, and its folder if it is not there.

    Raises  WinnowError where it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise WinnowError(
            f"cannot write {path.name}: {error.strerror}", "free it or make room, then run again"
        ) from None
