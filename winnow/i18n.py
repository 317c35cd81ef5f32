"""The texts of Winnow in English and Chinese, and the language of this terminal.

The texts are in ``texts/*.toml``; a key is the path to one: ``say("gate.passes", path="app.py")``.
"""

import os
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Self

LANGUAGES = ("en", "zh")
LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")


@dataclass(frozen=True)
class Text:
    """A text of a project in both languages, such as the promise of a variant or a hint."""

    en: str
    zh: str

    @classmethod
    def of(cls, table: Any) -> Self:
        """Read ``{en = …, zh = …}``, or one text for both languages."""
        if isinstance(table, str):
            return cls(table.strip(), table.strip())
        return cls(table["en"].strip(), table["zh"].strip())

    @property
    def here(self) -> str:
        """The text in the language of this terminal."""
        return self.zh if language() == "zh" else self.en


def language() -> str:
    """Return ``en`` or ``zh``: the value of WINNOW_LANG, otherwise the language of the locale."""
    chosen = os.environ.get("WINNOW_LANG", "")
    if chosen in LANGUAGES:
        return chosen
    locale = next(filter(None, map(os.environ.get, LOCALE)), "")
    return "zh" if locale.startswith("zh") else "en"


def say(key: str, /, **values: Any) -> str:
    """Return this text in the language of this terminal, with the values filled in."""
    return say_in(language(), key, **values)


def say_in(language: str, key: str, /, **values: Any) -> str:
    """Return this text in one language, with the values filled in."""
    return pattern(key, language, values.get("n")).format(**values)


def pattern(key: str, language: str, n: object = None) -> str:
    """Return a text before its values are filled in; English has another form for n = 1."""
    entry = catalogue()[key]
    return entry["one"] if language == "en" and n == 1 and "one" in entry else entry[language]


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Return all texts by key, each with its languages."""
    paths = sorted(Path(__file__).with_name("texts").glob("*.toml"))
    tables = (tomllib.loads(path.read_text(encoding="utf-8")) for path in paths)
    return {key: entry for table in tables for key, entry in _entries(table, "")}


def _entries(table: dict[str, Any], prefix: str) -> Iterator[tuple[str, dict[str, str]]]:
    for name, part in table.items():
        if all(isinstance(value, str) for value in part.values()):
            yield f"{prefix}{name}", part
        else:
            yield from _entries(part, f"{prefix}{name}.")
