"""Variants of a service: correct ones, which keep every promise, and faulty ones, which break one.

A variant is a TOML file. It contains a promise and the changes to the service's files: edits, whose
``find`` occurs in its file exactly once, or whole modules.
"""

import os
import textwrap
import tomllib
from dataclasses import dataclass
from pathlib import Path
from posixpath import normpath
from typing import Any, Self

from winnow.errors import WinnowError
from winnow.i18n import Text, say
from winnow.project import read_source, source_bytes
from winnow.text import GUIDE, document, from_here

CORRECT, FAULTY = "correct", "faulty"
KEYS = ("promise", "misconception", "lesson", "shows", "needs", "suite", "hint", "edit", "module")
SHOWS = ("in-process", "live", "concurrent", "unit", "workers")


@dataclass(frozen=True)
class Misconception:
    """A wrong belief that makes learners miss a fault, and why it is wrong."""

    belief: Text
    why: Text


@dataclass(frozen=True)
class Edit:
    """``find`` occurs in the file exactly once and is replaced by ``replace``."""

    file: str
    find: str
    replace: str


@dataclass(frozen=True)
class Variant:
    """One changed version of the service.

    ``path`` is the variant's own file. ``modules`` are whole files of the service. ``hints`` begin general
    and end with the answer. ``needs`` is a program without which no test can see the difference;
    ``suite`` is the slow suite that can see it.
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
    path: Path = Path()

    @classmethod
    def load(cls, path: Path, kind: str) -> Self:
        """Read one file.

        Raises  WinnowError if it is invalid TOML, or has a wrong key or value.
        """
        shown = from_here(path)
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
            if unknown := sorted(table.keys() - KEYS):
                raise WinnowError("variant-unknown-key", path=shown, key=unknown[0], keys=", ".join(KEYS))
            shows = table.get("shows", SHOWS[0])
            if shows not in SHOWS:
                raise WinnowError("variant-shows", path=shown, value=shows, values=", ".join(SHOWS))
            return cls(
                name=path.stem,
                kind=kind,
                promise=Text.of(table["promise"]),
                misconception=table.get("misconception", ""),
                lesson=table.get("lesson", ""),
                shows=shows,
                needs=table.get("needs", ""),
                suite=table.get("suite", ""),
                hints=tuple(map(Text.of, table.get("hint", ()))),
                edits=tuple(
                    Edit(**edit | {"file": normpath(edit["file"])}) for edit in table.get("edit", ())
                ),
                modules=tuple((normpath(m["file"]), m["content"]) for m in table.get("module", ())),
                path=path,
            )
        except KeyError as error:
            guide = document(GUIDE)
            raise WinnowError("variant-incomplete", path=shown, key=error, document=guide) from None
        except (OSError, ValueError, TypeError, AttributeError) as error:
            guide = document(GUIDE)
            raise WinnowError("variant-unreadable", path=shown, error=error, document=guide) from None

    def files(self, root: Path) -> dict[str, str]:
        """Return the changed files' new texts by path, below this root.

        Raises  WinnowError if an edit does not fit, or nothing would change.
        """
        texts = dict(self.modules)
        for edit in self.edits:
            text = texts.get(edit.file) or _source(self, root, edit.file)
            if (count := text.count(edit.find)) != 1:
                find = edit.find.strip()
                raise self.unfit("variant-misfit", find=find, file=edit.file, count=count)
            texts[edit.file] = text.replace(edit.find, edit.replace)
        if all(text == _source(self, root, file) for file, text in texts.items()):
            raise self.unfit("variant-unchanged")
        return texts

    def unfit(self, slug: str, /, **values: Any) -> WinnowError:
        """Return an error that names this variant and its file."""
        variant = say(f"kind.{self.kind}", name=self.name)
        return WinnowError(slug, variant=variant, path=from_here(self.path), **values)


def load_variants(folder: Path, root: Path, service: Path) -> tuple[Variant, ...]:
    """Read every variant, the correct ones first, and check that each fits the service below ``root``.

    A variant may change only files of the service, and the result must be valid Python.

    Raises  WinnowError that lists all variants that do not fit.
    """
    variants, problems = [], []
    for kind in (CORRECT, FAULTY):
        for path in sorted((folder / kind).glob("*.toml")):
            try:
                variant = Variant.load(path, kind)
                _check_that_it_stays_inside(variant, root, service)
                _check_that_it_is_python(variant, root)
                variants.append(variant)
            except WinnowError as error:
                problems.append(error)
    if problems:
        raise problems[0] if len(problems) == 1 else _together(problems)
    if not variants:
        raise WinnowError("no-variants", folder=from_here(folder), document=document(GUIDE))
    return tuple(variants)


def load_misconceptions(folder: Path) -> dict[str, Misconception]:
    """Read the misconceptions by name; a project may have none.

    Raises  WinnowError if the file cannot be read.
    """
    path = folder / "misconceptions.toml"
    if not path.exists():
        return {}
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        return {name: Misconception(Text.of(entry), Text.of(entry["why"])) for name, entry in table.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise WinnowError("misconceptions", path=from_here(path), error=error) from None


def _check_that_it_stays_inside(variant: Variant, root: Path, service: Path) -> None:
    for file in [edit.file for edit in variant.edits] + [file for file, _ in variant.modules]:
        if Path(file).is_absolute() or not Path(os.path.normpath(root / file)).is_relative_to(service):
            folder = service.relative_to(root).as_posix()
            raise variant.unfit("variant-outside", file=file, folder=folder)


def _check_that_it_is_python(variant: Variant, root: Path) -> None:
    for file, text in variant.files(root).items():
        try:
            if file.endswith(".py"):
                source_bytes(Path(file), text)
                compile(text, file, "exec", dont_inherit=True)
        except (SyntaxError, ValueError) as error:
            raise variant.unfit("variant-not-python", error=error) from None


def _together(problems: list[WinnowError]) -> WinnowError:
    """Return one error that lists several errors."""
    listed = textwrap.indent("\n".join(map(str, problems)), "  ")
    return WinnowError("unfit-variants", number=len(problems), problems=listed)


def _source(variant: Variant, root: Path, file: str) -> str:
    """Return a file of the unchanged service; it may be empty, because a variant may add a module."""
    path = root / file
    if not path.exists() and file in dict(variant.modules):
        return ""
    try:
        return read_source(path)
    except OSError:
        raise variant.unfit("variant-no-file", file=file) from None
    except ValueError as error:
        raise variant.unfit("variant-undecodable", file=file, error=error) from None
