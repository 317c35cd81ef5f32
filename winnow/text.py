"""Text for readers: one line of it, and none that names this machine."""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path


def one_line(text: str, root: Path | None = None) -> str:
    """Return the first line that says something, with paths below ``root`` made relative."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return line.replace(f"{root}/", "") if root else line


def tidier(root: Path) -> Callable[[str], str]:
    """Return what shortens the paths of this machine: the project's to relative ones, others to ``…/``."""
    elsewhere = (Path(tempfile.gettempdir()), Path(sys.prefix), Path(sys.base_prefix), Path.home())
    short = {f"{root}/": "", f"{root}\\": ""}
    for folder in sorted(elsewhere, key=lambda folder: -len(folder.parts)):
        if len(folder.parts) > 1:
            short |= {f"{folder}/": "…/", f"{folder}\\": "…/"}

    def tidy(text: str) -> str:
        for long, replacement in short.items():
            text = text.replace(long, replacement)
        return text

    return tidy


def shorten(text: str, most: int = 1000) -> str:
    """Return at most so many characters of a text, with its beginning and its end."""
    if len(text) <= most:
        return text
    half = (most - 3) // 2
    return f"{text[:half]} … {text[-half:]}"
