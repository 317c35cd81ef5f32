"""Mutation testing tools, each on a copy of the service with the same twelve tests."""

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.trials import SUITE, mutant_counts
from bench.trials.commands import Run, run
from bench.trials.mutant_counts import Counts

LIMIT = 240.0  # seconds for one tool
VENVS = Path(sys.prefix) / "other-tools"  # one for each tool, reused by the next run
SETTINGS = Path(__file__).parent / "other_tools.toml"  # the configuration of all tools
NEEDS = ("pytest", "pytest-timeout")  # in the versions of constraints.txt, as the dependencies of the service


@dataclass(frozen=True)
class Tool:
    """A tool: the packages to install, the command to run, and the function that reads its results."""

    needs: tuple[str, ...]
    command: str
    count: Callable[[Path], Counts]
    remark: str = ""

    @property
    def name(self) -> str:
        """The package and its version."""
        return self.needs[0].replace("==", " ")


@dataclass(frozen=True)
class Judged:
    """The results of a tool; ``problem`` says why counts are missing."""

    tool: Tool
    run: Run
    counts: Counts | None
    problem: str


TOOLS = (
    Tool(("mutmut==3.8.1",), "mutmut run --max-children 2", mutant_counts.mutmut, "from a fork server"),
    Tool(
        ("fermut==0.6.1", "ty==0.0.105", "pytest-cov==7.1.0"),
        "fermut --quiet run service --tests tests --jobs 2 --timeout 10 --sample 0.1 --max-time 210"
        " --no-coverage --no-cache --no-history --no-fail --json result.json --python $VIRTUAL_ENV",
        mutant_counts.fermut,
        "a tenth of its mutants",
    ),
    Tool(
        ("cosmic-ray==8.7.0",),
        "cosmic-ray init pyproject.toml session.sqlite && cosmic-ray exec pyproject.toml session.sqlite",
        mutant_counts.cosmic_ray,
        "one at a time",
    ),
    Tool(
        ("pytest-gremlins==1.12.2",),
        "python -m pytest --quiet --gremlins --gremlin-targets=service --gremlin-workers=2"
        " --gremlin-mutant-timeout=10 --gremlin-report=json",
        mutant_counts.gremlins,
    ),
    Tool(
        ("fest-mutate==0.1.3", "pytest-cov==7.1.0"),
        "fest run --output json --progress quiet > result.json",
        mutant_counts.fest,
        "subprocess mode",
    ),
)


def run_tool(tool: Tool, tree: Path, folder: Path) -> Judged:
    """Install a tool, run it on a copy of the service, and read its results."""
    place = folder / tool.name.replace(" ", "-")
    _copy(tree, place)
    installed = _install(tool, tree, place)
    if installed.code != 0:
        return Judged(tool, installed, None, f"cannot be installed: {_last_line(installed.output)}")
    venv = VENVS / place.name
    path = os.pathsep.join([str(venv / "bin"), os.environ["PATH"]])
    judged = run(["sh", "-c", tool.command], place, LIMIT, PATH=path, VIRTUAL_ENV=str(venv))
    problem = f"time-out after {LIMIT:g} s" if judged.code is None else ""
    try:
        return Judged(tool, judged, tool.count(place), problem)
    except (OSError, ValueError, LookupError, TypeError) as error:
        line = _last_line(judged.output)
        return Judged(tool, judged, None, problem or f"no result ({type(error).__name__}): {line}")


def _copy(tree: Path, place: Path) -> None:
    """Create a small project: the service, the suite, and the configuration."""
    shutil.copytree(tree / "service", place / "service")
    (place / "tests").mkdir()
    shutil.copy(tree / SUITE, place / "tests")
    shutil.copy(SETTINGS, place / "pyproject.toml")


def _install(tool: Tool, tree: Path, place: Path) -> Run:
    """Create an environment with the tool and the service's dependencies."""
    venv = VENVS / place.name
    uv = [sys.executable, "-m", "uv", "--quiet"]
    made = run([*uv, "venv", "--allow-existing", "--python", sys.executable, str(venv)], place, LIMIT)
    if made.code != 0:
        return made
    group = ["--group", f"{tree / 'pyproject.toml'}:service", "-c", str(tree / "constraints.txt")]
    return run([*uv, "pip", "install", "--python", str(venv), *group, *tool.needs, *NEEDS], place, LIMIT)


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no output"])[-1].strip()[:200]
