"""A folder for each trial: a copy of the service with one variant in it, and of the suites beside it."""

import compileall
import difflib
import itertools
import shutil
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import cache_from_source
from pathlib import Path

from winnow.config import Config
from winnow.errors import WinnowError
from winnow.variants import Variant

IGNORED = shutil.ignore_patterns("__pycache__", ".*")
# What a trial takes of the project's options for pytest, if they are in pyproject.toml.
OPTIONS = (
    *("python_files", "python_classes", "python_functions", "pythonpath", "markers"),
    *("asyncio_mode", "asyncio_default_fixture_loop_scope", "anyio_mode"),
)


class Sandboxes:
    """Makes such folders from one master copy; all are gone when the block ends."""

    def __init__(self, config: Config, suites: Sequence[Path], folder: Path) -> None:
        self.folder = folder
        self._numbers = itertools.count()
        self._compiled = False
        self._master = folder / "master"
        self.paths = [self._add(config, suite) for suite in suites]  # of the suites, in each sandbox
        service = self._master / config.service.relative_to(config.root)
        _copy(config.service, service)
        compileall.compile_dir(service, quiet=2)  # once, not in every trial
        shutil.copy(config.root / "pyproject.toml", self._master)
        (self._master / "pytest.ini").write_text(_pytest_ini(config.root), encoding="utf-8")

    def make(self, variant: Variant | None) -> Path:
        """Return a new folder in which the service is this variant, or as it stands."""
        sandbox = self.folder / f"trial-{next(self._numbers)}"
        shutil.copytree(self._master, sandbox)
        for file, text in (variant.files(self._master) if variant else {}).items():
            (sandbox / file).parent.mkdir(parents=True, exist_ok=True)
            (sandbox / file).write_text(text, encoding="utf-8")
            Path(cache_from_source(sandbox / file)).unlink(missing_ok=True)  # it is of another text
        return sandbox

    def remove(self, sandbox: Path) -> None:
        """Delete a sandbox; what the first one has compiled of the suites is kept for all that follow."""
        if not self._compiled:
            self._compiled = True
            for path in self.paths:
                for cache in (sandbox / path).parent.rglob("__pycache__"):
                    shutil.copytree(cache, self._master / cache.relative_to(sandbox), dirs_exist_ok=True)
        shutil.rmtree(sandbox, ignore_errors=True)  # a suite may have locked a folder of its own

    def _add(self, config: Config, suite: Path) -> str:
        """Copy a suite, with the packages that it is in and what a conftest.py gives it; return where it is.

        A file's neighbours come along, unless they are the whole project.
        """
        if not suite.exists():
            near = [path.name for path in suite.parent.glob("*")] if suite.parent.is_dir() else []
            close = difflib.get_close_matches(suite.name, near, n=1)
            if close:
                raise WinnowError("misspelt-suite", suite=suite, close=close[0])
            raise WinnowError("unknown-suite", suite=suite)
        inside = suite.resolve().is_relative_to(config.root)
        place = suite.resolve().relative_to(config.root) if inside else Path("suite") / suite.name
        alone = suite.is_dir() or not inside or place.parent == Path()
        _copy(*((suite, self._master / place) if alone else (suite.parent, self._master / place.parent)))
        for parent in place.parents if inside else ():
            for name in ("__init__.py", "conftest.py"):
                if (config.root / parent / name).is_file() and (parent != Path() or name == "conftest.py"):
                    shutil.copy(config.root / parent / name, self._master / parent)
        return place.as_posix()


@contextmanager
def sandboxes(config: Config, suites: Sequence[Path]) -> Iterator[Sandboxes]:
    """Make sandboxes for these suites in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="winnow-", ignore_cleanup_errors=True) as folder:
        yield Sandboxes(config, suites, Path(folder).resolve())


def _pytest_ini(root: Path) -> str:
    """Return the options of a trial."""
    table = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8")).get("tool", {})
    pytest = table.get("pytest", {})
    options = {**pytest.get("ini_options", {}), **pytest}
    lines = (
        f"{name} = " + "\n    ".join(map(str, value if isinstance(value, list) else [value]))
        for name, value in options.items()
        if name in OPTIONS
    )
    return "\n".join(["[pytest]", *lines, ""])


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=IGNORED, dirs_exist_ok=True)
    else:
        shutil.copy(source, target)
