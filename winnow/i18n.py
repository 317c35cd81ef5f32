"""Texts in English and in Chinese, and which of them this terminal shows."""

import os
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True)
class Text:
    """The same words in both languages."""

    en: str
    zh: str

    @classmethod
    def of(cls, table: Any) -> Self:
        """Read ``{en = …, zh = …}``, or one text for both."""
        if isinstance(table, str):
            return cls(table.strip(), table.strip())
        return cls(table["en"].strip(), table["zh"].strip())

    @property
    def here(self) -> str:
        """The words in the language of this terminal, as its environment names it."""
        named = filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG")))
        return self.zh if next(named, "").startswith("zh") else self.en
