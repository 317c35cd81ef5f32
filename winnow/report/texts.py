"""Every visible string, in English and Chinese: see ``texts.toml``."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Self

from markupsafe import Markup, escape

from winnow.i18n import Text

LANGUAGES = {"en": "en", "zh": "zh-CN"}  # the key in texts.toml, and the tag in HTML


def both(text: Text) -> Markup:
    """Return a text that others wrote as one span for each language; the page shows the reader's own."""
    return _both({tag: _with_code(getattr(text, language)) for language, tag in LANGUAGES.items()})


class Texts:
    """``t("tests.count", n=3)`` is the text in both languages; CSS shows the reader's own."""

    def __init__(self, table: dict[str, dict[str, str]]) -> None:
        self._table = table
        self._unfilled = cache(self._both)

    @classmethod
    def load(cls) -> Self:
        """Read the table that lies beside this file."""
        text = Path(__file__).with_name("texts.toml").read_text(encoding="utf-8")
        sections = tomllib.loads(text)
        return cls({f"{a}.{b}": entry for a, section in sections.items() for b, entry in section.items()})

    def __call__(self, key: str, **values: Any) -> Markup:
        """Return one span for each language."""
        return self._both(key, **values) if values else self._unfilled(key)

    def say(self, key: str, language: str, **values: Any) -> Markup:
        """Return the text in one language; what stands in backticks becomes code."""
        entry = self._table[key]
        singular = language == "en" and values.get("n") == 1
        pattern = entry.get("one", entry["en"]) if singular else entry[language]
        return _with_code(pattern).format(**values)

    def plain(self, key: str, language: str, **values: Any) -> str:
        """Return the text in one language, without markup: for titles and attributes."""
        return self.say(key, language, **values).striptags()

    def _both(self, key: str, **values: Any) -> Markup:
        return _both({tag: self.say(key, language, **values) for language, tag in LANGUAGES.items()})


def _both(said: dict[str, Markup]) -> Markup:
    span = Markup('<span lang="{}">{}</span>')
    return Markup("").join(span.format(tag, text) for tag, text in said.items())


def _with_code(pattern: str) -> Markup:
    pieces = pattern.split("`")
    return Markup("").join(
        Markup('<code class="say">{}</code>').format(piece) if odd % 2 else escape(piece)
        for odd, piece in enumerate(pieces)
    )
