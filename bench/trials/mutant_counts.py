"""The number of mutants that a tool made, by verdict, read from its output files."""

import ast
import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ENDPOINT = "service/endpoint.py"
HANDLER = "echo"  # the function that handles each WebSocket
KILLED, SURVIVED, TIMED_OUT, OTHER, NOT_RUN = "killed", "survived", "time-out", "other", "not run"
WORDS = {  # the verdicts of the tools, in lower case
    "killed": KILLED,
    "zapped": KILLED,
    "survived": SURVIVED,
    "timeout": TIMED_OUT,
    "timedout": TIMED_OUT,
    "timed_out": TIMED_OUT,
    "skipped": NOT_RUN,
    "nocoverage": NOT_RUN,
    "equivalent": NOT_RUN,
}
MUTMUT = {0: SURVIVED, 1: KILLED, 3: KILLED, 5: NOT_RUN, 33: NOT_RUN, 34: NOT_RUN, None: NOT_RUN}
MUTMUT |= {24: TIMED_OUT, -24: TIMED_OUT, 36: TIMED_OUT, 152: TIMED_OUT, 255: TIMED_OUT}


@dataclass(frozen=True)
class Counts:
    """The mutants of a tool by verdict, and how many are in the handler."""

    by_verdict: Counter[str]
    in_handler: int

    @property
    def made(self) -> int:
        """The number of all mutants."""
        return self.by_verdict.total()

    def as_data(self) -> dict[str, int]:
        """Return the numbers as JSON."""
        return {**self.by_verdict, "in the handler": self.in_handler}

    @property
    def run(self) -> int:
        """The number of mutants on which the suite ran."""
        return self.made - self.by_verdict[NOT_RUN]


Mutant = tuple[str, bool]  # its verdict, and whether it is in the handler


def mutmut(folder: Path) -> Counts:
    """Read the exit codes that mutmut writes beside each mutated module."""
    codes: dict[str, int | None] = {}
    for path in (folder / "mutants/service").glob("*.meta"):
        codes |= json.loads(path.read_text())["exit_code_by_key"]
    return _counted((MUTMUT.get(code, OTHER), f".x_{HANDLER}__" in name) for name, code in codes.items())


def fermut(folder: Path) -> Counts:
    """Read fermut's report, without the mutants of disabled operators."""
    outcomes = json.loads((folder / "result.json").read_text())["outcomes"]
    off = ("parity", "experimental", "profile")
    wanted = [outcome for outcome in outcomes if outcome.get("filter") not in off]
    inside = _handler(folder)
    return _counted((_verdict(o["status"]), inside(o["mutant"]["file"], o["mutant"]["line"])) for o in wanted)


def cosmic_ray(folder: Path) -> Counts:
    """Read cosmic-ray's database; it counts a time-out as killed, so the output decides."""
    query = (
        "select module_path, start_pos_row, test_outcome, output from mutation_specs left join work_results"
        " on mutation_specs.job_id = work_results.job_id"
    )
    with closing(sqlite3.connect(folder / "session.sqlite")) as session:
        rows = session.execute(query).fetchall()
    inside = _handler(folder)
    return _counted(
        (TIMED_OUT if output == "timeout" else _verdict(outcome or "skipped"), inside(file, line))
        for file, line, outcome, output in rows
    )


def gremlins(folder: Path) -> Counts:
    """Read the report of pytest-gremlins."""
    results = json.loads((folder / "coverage/gremlins/gremlins.json").read_text())["results"]
    inside = _handler(folder)
    return _counted((_verdict(r["status"]), inside(r["file_path"], r["line_number"])) for r in results)


def fest(folder: Path) -> Counts:
    """Read the report of fest."""
    results = json.loads((folder / "result.json").read_text())["results"]
    inside = _handler(folder)
    return _counted(
        (_verdict(r["status"]), inside(r["mutant"]["file_path"], r["mutant"]["line"])) for r in results
    )


def _counted(mutants: Iterable[Mutant]) -> Counts:
    mutants = list(mutants)
    if not mutants:
        raise ValueError("no mutants")
    return Counts(Counter(verdict for verdict, _ in mutants), sum(inside for _, inside in mutants))


def _verdict(word: Any) -> str:
    """Return our name for a tool's verdict; a verdict with details is an object, and counts as other."""
    return WORDS.get(word.lower(), OTHER) if isinstance(word, str) else OTHER


def _handler(folder: Path) -> Callable[[str, int], bool]:
    """Return a function that tells whether a line of a file is in the handler."""
    tree = ast.parse((folder / ENDPOINT).read_text(encoding="utf-8"))
    found = next(n for n in tree.body if isinstance(n, ast.AsyncFunctionDef) and n.name == HANDLER)
    lines = range(found.lineno, (found.end_lineno or found.lineno) + 1)
    return lambda file, line: file.endswith(ENDPOINT) and line in lines
