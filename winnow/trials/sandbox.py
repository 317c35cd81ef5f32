"""The copy of the project that trials run in: made once, and for each trial changed by one variant.

Everything that the project has is in it, hidden files too, but for what only weighs: version control,
virtual environments, caches, reports; and but for the variants, which no test is to see.
"""

import difflib
import itertools
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from winnow.config import Config
from winnow.errors import WinnowError
from winnow.project import encoding, is_left_out
from winnow.trials.containment import Place
from winnow.variants import Variant

BIG = 1024 * 1024  # bytes: a larger file is not copied for each trial
OUTSIDE = "winnow-suites"  # the folder for suites that lie outside the project
PYTEST_FILES = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "tox.ini", "setup.cfg")


class Sandboxes:
    """Makes boxes, one for each trial, from one master copy; all are gone when the block ends.

    ``paths`` are the suites as a trial names them: relative to the project's folder.
    """

    def __init__(self, config: Config, suites: Sequence[Path], folder: Path) -> None:
        self.folder = folder
        self.overlay = False
        self.root = config.root.resolve()
        self._service = config.service.relative_to(config.root)
        self._numbers = itertools.count()
        self._compiled = False
        self.master = folder / "master"
        self._unseen = {self.root / config.shown(path) for path in (config.reports, config.variants)}
        self._outside: dict[str, Path] = {}  # suites that lie elsewhere, by where they are in the copy
        self.paths = [self._place(suite) for suite in suites]

    def copy(self) -> None:
        """Copy the project, and the suites that lie outside it."""
        _copy(self.root, self.master, self._unseen)
        for place, path in self._outside.items():
            target = self.master / place
            target.parent.mkdir(exist_ok=True)
            _copy(path, target, set()) if path.is_dir() else shutil.copy(path, target)

    def make(self, variant: Variant | None) -> Place:
        """Return a new place in which the service is this variant, or as it stands."""
        box = self.folder / f"box-{next(self._numbers)}"
        project = box / self.root.name
        box.mkdir()
        if self.overlay:
            project.mkdir()
        else:
            shutil.copytree(self.master, project, symlinks=True, copy_function=_copy_small)
            for path in _options_above(self.root):
                shutil.copy(path, box)
        for file, text in (variant.files(self.master) if variant else {}).items():
            _write(project / file, text, self.master / file)
        return Place(str(self.root), str(self.master), str(box), str(project), self.overlay)

    def imported(self, place: Place) -> bool:
        """Tell whether some process of this trial imported the service: Python has compiled it there."""
        service = Path(place.project) / self._service
        single = service.suffix == ".py"
        folder, names = (service.parent, f"{service.stem}.*.pyc") if single else (service, "*.pyc")
        return any(path.parent.name == "__pycache__" for path in folder.rglob(names))

    def discard(self, place: Place) -> None:
        """Delete a box in which nothing was run."""
        _remove(Path(place.box))

    def remove(self, place: Place) -> None:
        """Delete a box; what the first one has compiled is kept for all that follow."""
        project = Path(place.project)
        if not self._compiled:
            self._compiled = True
            for cache in project.rglob("__pycache__"):
                shutil.copytree(cache, self.master / cache.relative_to(project), dirs_exist_ok=True)
        _remove(Path(place.box))

    def _place(self, suite: Path) -> str:
        """Return where a suite is in the copy."""
        if not suite.exists():
            raise _no_suite(suite)
        path = suite.resolve()
        if path.is_relative_to(self.root):
            return path.relative_to(self.root).as_posix()
        place = f"{OUTSIDE}/{suite.name}"
        self._outside[place] = path
        return place


@contextmanager
def sandboxes(config: Config, suites: Sequence[Path]) -> Iterator[Sandboxes]:
    """Make boxes for these suites in a temporary folder."""
    folder = Path(tempfile.mkdtemp(prefix="winnow-")).resolve()
    try:
        yield Sandboxes(config, suites, folder)
    finally:
        _remove(folder)


def _no_suite(suite: Path) -> WinnowError:
    """Return the error for a suite that is not there, with the name that was meant if one is near."""
    near = [path.name for path in suite.parent.glob("*")] if suite.parent.is_dir() else []
    close = difflib.get_close_matches(suite.name, near, n=1)
    if close:
        return WinnowError("misspelt-suite", suite=suite, close=close[0])
    return WinnowError("unknown-suite", suite=suite)


def _options_above(root: Path) -> list[Path]:
    """Return pytest's configuration in the folder above the project, which pytest would find from within."""
    return [root.parent / name for name in PYTEST_FILES if (root.parent / name).is_file()]


def _copy(source: Path, target: Path, left_out: set[Path], top: Path | None = None) -> None:
    """Copy a folder: links as links, and neither pipes, sockets, nor what cannot be read."""
    top = top or source
    target.mkdir()
    for entry in os.scandir(source):
        path = Path(entry.path)
        if path in left_out:
            continue
        with suppress(PermissionError):
            if entry.is_symlink():
                (target / entry.name).symlink_to(_link(path, top))
            elif entry.is_dir():
                if not is_left_out(path):
                    _copy(path, target / entry.name, left_out, top)
            elif stat.S_ISREG(entry.stat().st_mode):
                shutil.copy2(path, target / entry.name)


def _copy_small(source: str, target: str) -> None:
    """Copy a file for one trial; a big one is a link to the copy that all trials share."""
    if Path(source).stat().st_size > BIG and not source.endswith(".py"):
        Path(target).symlink_to(source)
    else:
        shutil.copy2(source, target)


def _write(path: Path, text: str, before: Path) -> None:
    """Write a changed file; its time differs from the original's, so that no compiled file fits it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding=encoding(before) if before.exists() else "utf-8")
    if before.exists():
        later = before.stat().st_mtime + 1
        os.utime(path, (later, later))


def _link(path: Path, top: Path) -> str:
    """Return where a link of the copy goes: to the copy of what lies in the project, else where it went."""
    goes = os.path.normpath(path.parent / path.readlink())
    return os.path.relpath(goes, path.parent) if Path(goes).is_relative_to(top) else goes


def _remove(folder: Path) -> None:
    """Delete a folder, in which a suite may have locked others."""
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        for path, _, _ in os.walk(folder):
            with suppress(OSError):
                Path(path).chmod(stat.S_IRWXU)
        shutil.rmtree(folder, ignore_errors=True)
