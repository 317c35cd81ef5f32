"""Texts on the page. The page contains both languages, and CSS shows the reader's own."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

from markupsafe import Markup, escape

from winnow.grading.text import reason
from winnow.i18n import LANGUAGES, Text, pattern
from winnow.trials.messages import Broken

TAGS = {"en": "en", "zh": "zh-CN"}  # of each language, in HTML


def t(key: str, /, **values: Any) -> Markup:
    """Return a text of the catalogue, as one span for each language."""
    return _spans({language: _say(key, language, values) for language in LANGUAGES})


def plain(key: str, language: str, /, **values: Any) -> str:
    """Return a text of the catalogue in one language, without markup: for titles and attributes."""
    return _say(key, language, values).striptags()


def both(text: Text) -> Markup:
    """Return a text that the project wrote, as one span for each language."""
    return _spans({"en": _with_code(text.en), "zh": _with_code(text.zh)})


def why(broken: Broken) -> Markup:
    """Return why a trial has no result, as one span for each language."""
    return _spans({language: escape(reason(broken, language)) for language in LANGUAGES})


def minute(moment: str) -> str:
    """Return a time in ISO 8601 to the minute, in UTC."""
    return datetime.fromisoformat(moment).astimezone(UTC).strftime("%Y-%m-%d %H:%M")


def _say(key: str, language: str, values: dict[str, Any]) -> Markup:
    return _with_code(pattern(key, language, values.get("n"))).format(**values)


def _spans(texts: dict[str, Markup]) -> Markup:
    span = Markup('<span lang="{}">{}</span>')
    return Markup("").join(span.format(TAGS[language], text) for language, text in texts.items())


@cache
def _with_code(text: str) -> Markup:
    """Escape a text; text in backticks becomes code."""
    return Markup("").join(
        Markup('<code class="say">{}</code>').format(piece) if odd % 2 else escape(piece)
        for odd, piece in enumerate(text.split("`"))
    )
