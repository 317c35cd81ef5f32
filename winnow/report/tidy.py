"""Keeps the machine that made the page out of the page."""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path


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
