"""Tools that make mutants of their own, each on a copy of the service with the same twelve tests."""

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.trials import SUITE, counts
from bench.trials.counts import Counts
from bench.trials.running import Run, run

LIMIT = 240.0  # seconds that a tool may take
VENVS = Path(sys.prefix) / "peers"  # one for each tool, kept from run to run
SETTINGS = Path(__file__).parent / "peers.toml"  # what each of them is told
NEEDS = ("pytest", "pytest-timeout")  # at the versions in constraints.txt, like all that the service needs


@dataclass(frozen=True)
class Peer:
    """A tool: what to install, the command that judges the suite, and how to read what it found."""

    needs: tuple[str, ...]
    command: str
    count: Callable[[Path], Counts]
    remark: str = ""

    @property
    def name(self) -> str:
        """Its package and version."""
        return self.needs[0].replace("==", " ")


@dataclass(frozen=True)
class Judged:
    """How it went; ``problem`` says why there are no counts, or not all of them."""

    peer: Peer
    run: Run
    counts: Counts | None
    problem: str


PEERS = (
    Peer(("mutmut==3.8.1",), "mutmut run --max-children 2", counts.mutmut, "from a fork server"),
    Peer(
        ("fermut==0.6.1", "ty==0.0.105", "pytest-cov==7.1.0"),
        "fermut --quiet run service --tests tests --jobs 2 --timeout 10 --sample 0.1 --max-time 210"
        " --no-coverage --no-cache --no-history --no-fail --json result.json --python $VIRTUAL_ENV",
        counts.fermut,
        "a tenth of its mutants",
    ),
    Peer(
        ("cosmic-ray==8.7.0",),
        "cosmic-ray init pyproject.toml session.sqlite && cosmic-ray exec pyproject.toml session.sqlite",
        counts.cosmic_ray,
        "one at a time",
    ),
    Peer(
        ("pytest-gremlins==1.12.2",),
        "python -m pytest --quiet --gremlins --gremlin-targets=service --gremlin-workers=2"
        " --gremlin-mutant-timeout=10 --gremlin-report=json",
        counts.gremlins,
    ),
    Peer(
        ("fest-mutate==0.1.3", "pytest-cov==7.1.0"),
        "fest run --output json --progress quiet > result.json",
        counts.fest,
        "subprocess mode",
    ),
)


def try_peer(peer: Peer, tree: Path, folder: Path) -> Judged:
    """Install a tool, run it on a copy of this tree's service, and read what it says."""
    place = folder / peer.name.replace(" ", "-")
    _copy(tree, place)
    installed = _install(peer, tree, place)
    if installed.code != 0:
        return Judged(peer, installed, None, f"cannot be installed: {_last_line(installed.output)}")
    venv = VENVS / place.name
    path = os.pathsep.join([str(venv / "bin"), os.environ["PATH"]])
    judged = run(["sh", "-c", peer.command], place, LIMIT, PATH=path, VIRTUAL_ENV=str(venv))
    problem = f"ended after {LIMIT:g} s" if judged.code is None else ""
    try:
        return Judged(peer, judged, peer.count(place), problem)
    except (OSError, ValueError, LookupError, TypeError) as error:
        said = _last_line(judged.output)
        return Judged(peer, judged, None, problem or f"no result ({type(error).__name__}): {said}")


def _copy(tree: Path, place: Path) -> None:
    """Lay out the smallest project: the service, the suite, and the settings."""
    shutil.copytree(tree / "service", place / "service")
    (place / "tests").mkdir()
    shutil.copy(tree / SUITE, place / "tests")
    shutil.copy(SETTINGS, place / "pyproject.toml")


def _install(peer: Peer, tree: Path, place: Path) -> Run:
    """Give a tool an environment of its own, beside what the service needs."""
    venv = VENVS / place.name
    uv = [sys.executable, "-m", "uv", "--quiet"]
    made = run([*uv, "venv", "--allow-existing", "--python", sys.executable, str(venv)], place, LIMIT)
    if made.code != 0:
        return made
    group = ["--group", f"{tree / 'pyproject.toml'}:service", "-c", str(tree / "constraints.txt")]
    return run([*uv, "pip", "install", "--python", str(venv), *group, *peer.needs, *NEEDS], place, LIMIT)


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["it said nothing"])[-1].strip()[:200]
