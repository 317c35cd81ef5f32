"""Variants of a service: rewrites that keep every promise, and faults that break one.

A variant is a TOML file. It says which promise it is about, and how the service's files
change: by edits whose ``find`` stands in its file exactly once, or by whole modules.
"""

import os
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from winnow.errors import WinnowError
from winnow.i18n import Text

CORRECT, FAULTY = "correct", "faulty"
KEYS = ("promise", "misconception", "lesson", "shows", "needs", "suite", "hint", "edit", "module")
EXAMPLE = "docs/your-project.md of Winnow shows a whole variant"
SHOWS = ("in-process", "live", "concurrent", "unit", "workers")


@dataclass(frozen=True)
class Misconception:
    """What learners believe who miss a fault, and why it is not so."""

    belief: Text
    why: Text


@dataclass(frozen=True)
class Edit:
    """``find`` stands in the file exactly once, and becomes ``replace``."""

    file: str
    find: str
    replace: str


@dataclass(frozen=True)
class Variant:
    """One rewrite of the service.

    ``modules`` are whole files; ``hints`` go from a nudge to the answer; ``needs`` is a program
    without which no test can see the difference; ``suite`` is the slow suite that can see it.
    """

    name: str
    kind: str
    promise: Text
    misconception: str = ""
    lesson: str = ""
    shows: str = "in-process"
    needs: str = ""
    suite: str = ""
    hints: tuple[Text, ...] = ()
    edits: tuple[Edit, ...] = ()
    modules: tuple[tuple[str, str], ...] = ()

    @classmethod
    def load(cls, path: Path, kind: str) -> Self:
        """Read one file.

        Raises  WinnowError where it is no TOML, or misses what a variant needs.
        """
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
            if unknown := sorted(table.keys() - KEYS):
                raise ValueError(f"'{unknown[0]}' is none of its keys: {', '.join(KEYS)}")
            return cls(
                name=path.stem,
                kind=kind,
                promise=Text.of(table["promise"]),
                misconception=table.get("misconception", ""),
                lesson=table.get("lesson", ""),
                shows=_one_of(SHOWS, table.get("shows", "in-process")),
                needs=table.get("needs", ""),
                suite=table.get("suite", ""),
                hints=tuple(map(Text.of, table.get("hint", ()))),
                edits=tuple(Edit(**edit) for edit in table.get("edit", ())),
                modules=tuple((module["file"], module["content"]) for module in table.get("module", ())),
            )
        except KeyError as error:
            raise WinnowError(f"variant {path} has no {error}", EXAMPLE) from None
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise WinnowError(f"variant {path} cannot be read: {error}", EXAMPLE) from None

    def files(self, root: Path) -> dict[str, str]:
        """Return the changed files' new texts by path, below this root.

        Raises  WinnowError where an edit does not fit, or nothing would change.
        """
        texts = dict(self.modules)
        for edit in self.edits:
            text = texts.get(edit.file) or _source(root / edit.file, self)
            if text.count(edit.find) != 1:
                raise WinnowError(
                    f"{self.kind} variant '{self.name}' needs exactly one {edit.find.strip()!r} "
                    f"in {edit.file}, but found {text.count(edit.find)}",
                    f"the service changed: update `find` in variants/{self.kind}/{self.name}.toml",
                )
            texts[edit.file] = text.replace(edit.find, edit.replace)
        if all(text == _source(root / file, self) for file, text in texts.items()):
            raise WinnowError(
                f"{self.kind} variant '{self.name}' changes nothing",
                "give it an edit that differs, or delete it",
            )
        return texts


def load_variants(folder: Path, root: Path, service: Path) -> tuple[Variant, ...]:
    """Read every variant, the correct ones first, and see that each fits the service below ``root``.

    It may change files of the service and no others, and what it writes is Python.

    Raises  WinnowError that lists all those that do not.
    """
    variants, problems = [], []
    for kind in (CORRECT, FAULTY):
        for path in sorted((folder / kind).glob("*.toml")):
            try:
                variant = Variant.load(path, kind)
                _see_that_it_stays_inside(variant, root, service)
                _see_that_it_is_python(variant, root)
                variants.append(variant)
            except WinnowError as error:
                problems.append(error)
    if problems:
        raise _all_at_once(problems)
    if not variants:
        raise WinnowError(
            f"there are no variants in {folder}", f"[tool.winnow] variants names their folder; {EXAMPLE}"
        )
    return tuple(variants)


def load_misconceptions(folder: Path) -> dict[str, Misconception]:
    """Read the misconceptions, by the names that variants use; none is no error.

    Raises  WinnowError where the file cannot be read.
    """
    path = folder / "misconceptions.toml"
    if not path.exists():
        return {}
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        return {name: Misconception(Text.of(entry), Text.of(entry["why"])) for name, entry in table.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise WinnowError(
            f"{path} cannot be read: {error!r}", "compare its entries with each other"
        ) from None


def _see_that_it_stays_inside(variant: Variant, root: Path, service: Path) -> None:
    for file in [edit.file for edit in variant.edits] + [file for file, _ in variant.modules]:
        if Path(file).is_absolute() or not Path(os.path.normpath(root / file)).is_relative_to(service):
            raise WinnowError(
                f"{variant.kind} variant '{variant.name}' changes {file}, which is no file of the service",
                f"write a path that begins with {service.relative_to(root).as_posix()}/",
            )


def _see_that_it_is_python(variant: Variant, root: Path) -> None:
    for file, text in variant.files(root).items():
        try:
            if file.endswith(".py"):
                compile(text, file, "exec", dont_inherit=True)
        except (SyntaxError, ValueError) as error:
            raise WinnowError(
                f"{variant.kind} variant '{variant.name}' is no Python: {error}",
                f"mend variants/{variant.kind}/{variant.name}.toml: any test would notice that",
            ) from None


def _all_at_once(problems: Iterable[WinnowError]) -> WinnowError:
    problems = list(problems)
    return WinnowError("\n".join(p.problem for p in problems), "\n        ".join(p.hint for p in problems))


def _source(path: Path, variant: Variant) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        if any(path.as_posix().endswith(file) for file, _ in variant.modules):
            return ""  # a whole module that is new
        raise WinnowError(
            f"{variant.kind} variant '{variant.name}' edits {path.name}, which is not there",
            f"update `file` in variants/{variant.kind}/{variant.name}.toml",
        ) from None


def _one_of(allowed: tuple[str, ...], value: str) -> str:
    if value not in allowed:
        raise ValueError(f"'{value}' is none of {', '.join(allowed)}")
    return value
