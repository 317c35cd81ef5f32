"""The verdict store: saves the results of each test file on each variant, so that they are computed once.

A row contains the outcomes of one test file. Its key is a hash of everything that can change them: the
file itself, every other file of the project except the other test files, the changes of the variant, the
environment, Winnow itself, Python and the installed packages. The store can be deleted at any time.
"""

import hashlib
import json
import re
import sqlite3
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from functools import cache
from importlib.metadata import distributions
from pathlib import Path

from winnow.config import Config
from winnow.errors import WinnowError
from winnow.project import CACHE, files, write
from winnow.trials.messages import Outcome
from winnow.variants import Variant

MOST_ROWS = 200_000
TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# This folder is a cache of Winnow: it can be deleted.\n"
PATTERNS = ("test_*.py", "*_test.py")  # pytest's defaults; if a project sets others, a suite is one unit
OTHER_PATTERNS = re.compile(r"python_files|doctest")
IMPORTS = re.compile(
    rb"^[ \t]*(?:from|import)\b(?:[^\n(]*\([^)]*\)|[^\n]*)|[\"'][\w.]+\.\w+[\"']", re.MULTILINE
)
WORDS = re.compile(rb"\w+")
NOT_COUNTED = re.compile(r"\.coverage(\..*)?|\.DS_Store|.*\.pyc")
SETTINGS = (
    "pyproject.toml",
    "pytest.toml",
    ".pytest.toml",
    "pytest.ini",
    ".pytest.ini",
    "tox.ini",
    "setup.cfg",
)


class Store:
    """Rows in ``.winnow_cache/verdicts.sqlite``.

    A damaged file is renamed, and ``damaged`` names it. A ``fresh`` store is written, but never read.

    Raises  WinnowError if the folder cannot be written.
    """

    def __init__(self, root: Path, *, fresh: bool = False) -> None:
        self._fresh = fresh
        self.damaged: Path | None = None
        folder = root / CACHE
        write(folder / ".gitignore", "*\n")
        write(folder / "CACHEDIR.TAG", TAG)
        self._path = folder / "verdicts.sqlite"
        try:
            self._rows = _open(self._path)
        except sqlite3.DatabaseError as error:
            if "locked" in str(error):  # another run is writing, for longer than we wait
                raise WinnowError("cannot-write", file=self._path.name, reason=error) from None
            self.damaged = self._path.rename(self._path.with_suffix(".damaged"))
            self._rows = _open(self._path)

    def get(self, key: str) -> tuple[Outcome, ...] | None:
        """Return the outcomes with this key, or None."""
        if self._fresh:
            return None
        row = self._rows.execute("SELECT outcomes FROM verdicts WHERE key = ?", (key,)).fetchone()
        with suppress(TypeError, ValueError):
            return tuple(Outcome(*fields) for fields in json.loads(row[0]))
        return None

    def put(self, rows: Mapping[str, Sequence[Outcome]]) -> None:
        """Save these outcomes, all or none of them."""
        told = [(key, json.dumps([list(asdict(o).values()) for o in found])) for key, found in rows.items()]
        with suppress(sqlite3.OperationalError), self._rows:  # a full disk, or another run: nothing is lost
            self._rows.executemany(
                "INSERT OR REPLACE INTO verdicts VALUES (?, ?, ?)",
                [(key, outcomes, time.time()) for key, outcomes in told],
            )

    def close(self) -> None:
        """Delete the oldest rows beyond the limit, and close the file."""
        with suppress(sqlite3.OperationalError), self._rows:
            newest = "SELECT key FROM verdicts ORDER BY written DESC LIMIT ?"
            self._rows.execute(f"DELETE FROM verdicts WHERE key NOT IN ({newest})", (MOST_ROWS,))  # noqa: S608
        self._rows.close()


def _open(path: Path) -> sqlite3.Connection:
    rows = sqlite3.connect(path, timeout=10, isolation_level="IMMEDIATE")
    rows.execute("PRAGMA synchronous = OFF")
    rows.execute("CREATE TABLE IF NOT EXISTS verdicts (key TEXT PRIMARY KEY, outcomes TEXT, written REAL)")
    rows.execute("SELECT key, outcomes, written FROM verdicts LIMIT 1").fetchone()
    return rows


class Keys:
    """The keys of one project, of which ``root`` is a copy; ``units`` are the test files, or whole suites."""

    def __init__(
        self, config: Config, root: Path, suites: Sequence[str], environment: Mapping[str, str]
    ) -> None:
        digests, texts = {}, {}
        for path in files(root):
            if not NOT_COUNTED.fullmatch(path.name):
                data = _read(path)
                name = path.relative_to(root).as_posix()
                digests[name] = hashlib.sha256(data).hexdigest()
                texts[name] = data if path.suffix == ".py" or name in SETTINGS else b""
        self.units = _units(suites, texts)
        self._files = {unit: digests.pop(unit, "") for unit in self.units}
        self._base = _digest(
            [_engine(), config.plugins, sorted(environment.items()), sorted(digests.items())]
        )

    @property
    def digest(self) -> str:
        """A digest of everything that the keys depend on, except the variants."""
        return _digest([self._base, sorted(self._files.items())])

    def key(self, unit: str, variant: Variant | None, root: Path) -> str:
        """Return the key of one unit on this variant."""
        changes = sorted(variant.files(root).items()) if variant else []
        return _digest([self._base, unit, self._files[unit], changes])


def _read(path: Path) -> bytes:
    """Return a file's bytes; none of one that cannot be read, for a trial does not have it either."""
    with suppress(OSError):
        return path.read_bytes()
    return b""


def _units(suites: Iterable[str], texts: Mapping[str, bytes]) -> list[str]:
    """Return the test files below these suites; of one where a test file is imported, the suite itself."""
    if any(OTHER_PATTERNS.search(texts.get(name, b"").decode(errors="replace")) for name in SETTINGS):
        return list(suites)
    found: list[str] = []
    statements = (part for text in texts.values() for part in IMPORTS.findall(text))
    imported = {word for statement in statements for word in WORDS.findall(statement)}
    for suite in suites:
        inside = [name for name in texts if name == suite or name.startswith(f"{suite}/")]
        mine = [name for name in inside if any(Path(name).match(pattern) for pattern in PATTERNS)]
        alone = [name for name in mine if Path(name).stem.encode() not in imported]
        found += alone if len(alone) == len(mine) else [suite]
    return found


@cache
def _engine() -> str:
    """Return a digest of Winnow itself, Python and the installed packages."""
    sources = sorted(Path(__file__).parents[1].rglob("*.py"))
    packages = sorted(f"{d.name}=={d.version}" for d in distributions())
    return _digest([sys.version, packages, [hashlib.sha256(p.read_bytes()).hexdigest() for p in sources]])


def _digest(facts: object) -> str:
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()
