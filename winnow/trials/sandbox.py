"""The copies of the project that trials run in: one master copy, and for each trial the changes of a variant.

A copy contains the whole project, hidden files included. It does not contain version control, virtual
environments, caches, reports, or the variants, which tests must not see.
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
from winnow.project import is_left_out, source_bytes
from winnow.trials.containment import Place
from winnow.variants import Variant

BIG = 1024 * 1024  # bytes: a larger file is not copied for each trial
OUTSIDE = "winnow-suites"  # the folder for suites outside the project
ROOT_FILES = (  # pytest may find configuration beside the outermost of these
    *("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "tox.ini", "setup.cfg"),
    *("pyproject.toml", "conftest.py", ".git"),
)


class Sandboxes:
    """Makes a sandbox for each trial from one master copy; all are deleted when the block ends.

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
        self._outside: dict[str, Path] = {}  # suites outside the project, by their paths in the copy
        self.paths = [self._place(suite) for suite in suites]

    def copy(self) -> None:
        """Copy the project, and the suites outside it."""
        _copy(self.root, self.master, self._unseen, self.root, self.root / self._service)
        for place, path in self._outside.items():
            target = self.master / place
            target.parent.mkdir(exist_ok=True)
            _copy(path, target, set(), path, path) if path.is_dir() else shutil.copy(path, target)

    def make(self, variant: Variant | None) -> Place:
        """Return a new sandbox with this variant of the service, or with the unchanged service."""
        box = self.folder / f"box-{next(self._numbers)}"
        box.mkdir()
        if self.overlay:
            project = box / self.root.name
            project.mkdir()
        else:
            project = _links_above(self.root, box)
            shutil.copytree(self.master, project, symlinks=True, copy_function=_copy_small)
        for file, text in (variant.files(self.master) if variant else {}).items():
            before = (self.master / file).resolve()  # a link inside the project leads to the file
            _write(project / before.relative_to(self.master.resolve()), text, before)
        return Place(str(self.root), str(self.master), str(box), str(project), self.overlay)

    def imported(self, place: Place) -> bool:
        """Return whether a process of this trial imported the service, and so wrote its compiled files."""
        service = Path(place.project) / self._service
        single = service.suffix == ".py"
        folder, names = (service.parent, f"{service.stem}.*.pyc") if single else (service, "*.pyc")
        return any(path.parent.name == "__pycache__" for path in folder.rglob(names))

    def discard(self, place: Place) -> None:
        """Delete a sandbox in which nothing ran."""
        _remove(Path(place.box))

    def remove(self, place: Place) -> None:
        """Delete a sandbox; keep the compiled files of the first one for all later ones."""
        project = Path(place.project)
        if not self._compiled:
            self._compiled = True
            for cache in project.rglob("__pycache__"):
                shutil.copytree(cache, self.master / cache.relative_to(project), dirs_exist_ok=True)
        _remove(Path(place.box))

    def _place(self, suite: Path) -> str:
        """Return the path of a suite in the copy."""
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
    """Make sandboxes for these suites in a temporary folder."""
    folder = Path(tempfile.mkdtemp(prefix="winnow-")).resolve()
    try:
        yield Sandboxes(config, suites, folder)
    finally:
        _remove(folder)


def _no_suite(suite: Path) -> WinnowError:
    """Return the error for a suite that does not exist, with a similar name if there is one."""
    near = [path.name for path in suite.parent.glob("*")] if suite.parent.is_dir() else []
    close = difflib.get_close_matches(suite.name, near, n=1)
    if close:
        return WinnowError("misspelt-suite", suite=suite, close=close[0])
    return WinnowError("unknown-suite", suite=suite)


def _links_above(root: Path, box: Path) -> Path:
    """Make links to everything beside and above the project; return the path for its copy."""
    above = [folder for folder in root.parents if any((folder / name).exists() for name in ROOT_FILES)]
    outermost = above[-1] if above else root
    folders = [root, *root.parents]
    for folder in reversed(folders[1 : folders.index(outermost) + 1]):
        box /= folder.name or "root"
        box.mkdir()
        for path in set(folder.iterdir()) - set(folders):
            (box / path.name).symlink_to(path)
    return box / root.name


def _copy(source: Path, target: Path, left_out: set[Path], top: Path, service: Path) -> None:
    """Copy a folder: links as links, without pipes, sockets and unreadable files.

    If a link of the service leads to code outside the project, that code is copied: variants may change it.
    """
    target.mkdir()
    for entry in os.scandir(source):
        path = Path(entry.path)
        if path in left_out:
            continue
        with suppress(PermissionError):
            if entry.is_symlink() and not _is_code_outside(path, top, service):
                (target / entry.name).symlink_to(_link(path, top))
            elif entry.is_dir():
                if not is_left_out(path):
                    _copy(path, target / entry.name, left_out, top, service)
            elif stat.S_ISREG(entry.stat().st_mode):
                shutil.copy2(path, target / entry.name)


def _is_code_outside(link: Path, top: Path, service: Path) -> bool:
    """Return whether a link of the service leads to Python code outside the project."""
    goes = Path(os.path.realpath(link))
    if not (link.is_relative_to(service) or service.is_relative_to(link)) or goes.is_relative_to(top):
        return False
    if goes.is_dir():
        return not link.parent.resolve().is_relative_to(goes) and any(goes.glob("*.py"))
    return goes.suffix == ".py" and goes.is_file()


def _copy_small(source: str, target: str) -> None:
    """Copy a file for one trial; a big file becomes a link to the copy that all trials share."""
    if Path(source).stat().st_size > BIG and not source.endswith(".py"):
        Path(target).symlink_to(source)
    else:
        shutil.copy2(source, target)


def _write(path: Path, text: str, before: Path) -> None:
    """Write a changed file with another time than the original, so that no compiled file matches it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(source_bytes(path, text))
    if before.exists():
        later = before.stat().st_mtime + 1
        os.utime(path, (later, later))


def _link(path: Path, top: Path) -> str:
    """Return the target of a link in the copy: a target inside the project is replaced by its copy."""
    folder = path.parent.resolve()
    goes = os.path.normpath(folder / path.readlink())
    return os.path.relpath(goes, folder) if Path(goes).is_relative_to(top) else goes


def _remove(folder: Path) -> None:
    """Delete a folder, even if a suite removed the permissions of folders in it."""
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        for path, _, _ in os.walk(folder):
            with suppress(OSError):
                Path(path).chmod(stat.S_IRWXU)
        shutil.rmtree(folder, ignore_errors=True)
