"""Shortens messages, and shows paths relative to the project."""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from winnow.i18n import language

PACKAGE = Path(__file__).parent
GUIDE = "your-project"  # the document that shows a complete project, variants included


def one_line(text: str, root: Path | None = None) -> str:
    """Return the first line that is not blank, with paths below ``root`` made relative."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return line.replace(f"{root}/", "") if root else line


def from_here(path: Path) -> str:
    """Return a path as a message shows it: relative to the current folder if it is inside."""
    return path.relative_to(Path.cwd()).as_posix() if path.is_relative_to(Path.cwd()) else str(path)


def document(name: str) -> str:
    """Return the path of a document in the language of this terminal, from the package or a checkout."""
    file = f"docs/{name}.zh-CN.md" if language() == "zh" else f"docs/{name}.md"
    return from_here(next(path / file for path in (PACKAGE, PACKAGE.parent) if (path / file).exists()))


def path_shortener(root: Path) -> Callable[[str], str]:
    """Return a function that makes paths in the project relative, and shortens others with ``…/``."""
    elsewhere = (Path(tempfile.gettempdir()), Path(sys.prefix), Path(sys.base_prefix), Path.home())
    short = {f"{root}/": "", f"{root}\\": ""}
    for folder in sorted(elsewhere, key=lambda folder: -len(folder.parts)):
        if len(folder.parts) > 1:
            short |= {f"{folder}/": "…/", f"{folder}\\": "…/"}

    def shorten_paths(text: str) -> str:
        for long, replacement in short.items():
            text = text.replace(long, replacement)
        return text

    return shorten_paths


def shorten(text: str, most: int = 1000) -> str:
    """Return at most this many characters of a text: its beginning and its end."""
    if len(text) <= most:
        return text
    half = (most - 3) // 2
    return f"{text[:half]} … {text[-half:]}"


def visible(text: str) -> str:
    """Return a text that every terminal and file can show: escape lone surrogates and control characters."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else ascii(c)[1:-1] for c in text)
