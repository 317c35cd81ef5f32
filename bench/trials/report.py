"""The results as tables and as JSON."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from statistics import mean, median
from typing import Any

from rich.table import Table

from bench.trials.commands import Run
from bench.trials.comparison import HALF, ONE, QUARTER, TWO, Matrix, Round
from bench.trials.mutant_counts import KILLED, NOT_RUN, OTHER, SURVIVED, TIMED_OUT
from bench.trials.other_tools import Judged

READING = """\
How to read it
  A round runs each method once. A ratio row shows the median, the minimum and the maximum of all rounds.
  A ratio between 0.8 and 1.25 is a tie. Seconds are wall time, and include the start of Python.
  "Other load" is the number of cores that other programs used. If it is above 0.3, use the processor
  time, or measure again on a quiet machine.
  Winnow runs every test on every variant. The other tools stop at the first failing test, and make their
  own mutants, mostly of single operators: compare seconds, not counts. "In echo" is the number of mutants
  in the function that handles a WebSocket. A time-out does not count as killed."""

Value = Callable[[Round], float]


def ratios(rounds: Sequence[Round]) -> Table:
    """The ratios between the methods."""
    table = make_table("Ratios", "what", "median", "min", "max", "target")
    for what, value, target in (
        ("Winnow: 1 worker ÷ 2 workers", lambda r: r.ours[ONE].each / r.ours[TWO].each, "near 2"),
        ("fresh pytest ÷ Winnow, 1 worker", lambda r: r.fresh_each / r.ours[ONE].each, ""),
        ("fresh pytest ÷ Winnow, 2 workers", lambda r: r.fresh_each / r.ours[TWO].each, ""),
        ("the same, in processor time", lambda r: _fresh_cpu(r) / _cpu(r.ours[TWO]), ""),
        ("Winnow, a variant: half of the variants ÷ all", lambda r: _linear(r, HALF), "near 1"),
        ("Winnow, a variant: a quarter of the variants ÷ all", lambda r: _linear(r, QUARTER), "near 1"),
    ):
        values = [value(r) for r in rounds]
        table.add_row(what, *(f"{f(values):.2f}" for f in (median, min, max)), target)
    return table


def seconds(rounds: Sequence[Round], reference: Run | None) -> Table:
    """The seconds of each method: the median and the minimum of the rounds."""
    columns = ("variants", "wall", "per variant", "min", "CPU per variant", "other load")
    table = make_table("Seconds", "what", *columns)
    for name in (ONE, TWO, HALF, QUARTER):
        taken = [r.ours[name] for r in rounds]
        label = f"Winnow, {name}" if name in (ONE, TWO) else f"Winnow, 2 workers, {name} of the variants"
        elsewhere = mean(m.run.elsewhere for m in taken)
        _row(table, label, taken[0].size, [m.each for m in taken], median(map(_cpu, taken)), elsewhere)
    elsewhere = mean(f.run.elsewhere for r in rounds for f in r.fresh)
    each, cpu = [r.fresh_each for r in rounds], median(map(_fresh_cpu, rounds))
    _row(table, "fresh pytest for each variant", len(rounds[0].fresh), each, cpu, elsewhere)
    if reference:
        size, run = rounds[0].ours[ONE].size, reference
        _row(
            table,
            "winnow faults, 2 workers",
            size,
            [run.seconds / size],
            run.cpu / size,
            run.elsewhere,
        )
    else:
        table.add_row("winnow faults, 2 workers", "failed")
    return table


def other_tools(judged: Sequence[Judged], rounds: Sequence[Round]) -> Table:
    """The other tools: seconds for each mutant on which the suite ran."""
    verdicts = (KILLED, SURVIVED, TIMED_OUT, OTHER, NOT_RUN)
    ours = median(r.ours[TWO].each for r in rounds), median(_cpu(r.ours[TWO]) for r in rounds)
    times = ("s per mutant", "÷ Winnow", "CPU per mutant", "÷ Winnow", "wall")
    columns = (*times, "made", *verdicts, "in echo", "left running")
    table = make_table("Other tools on the same service and tests", "tool", *columns, "remark")
    for one in judged:
        remark = "; ".join(filter(None, (one.problem, one.tool.remark)))
        wall = f"{one.run.seconds:.0f}"
        if one.counts is None:
            table.add_row(one.tool.name, *["–"] * 4, wall, *["–"] * 7, str(one.run.left), remark)
            continue
        each = [used / max(1, one.counts.run) for used in (one.run.seconds, one.run.cpu)]
        cells = [f"{each[0]:.2f}", f"{each[0] / ours[0]:.1f}", f"{each[1]:.2f}", f"{each[1] / ours[1]:.1f}"]
        numbers = (one.counts.made, *(one.counts.by_verdict[v] for v in verdicts), one.counts.in_handler)
        table.add_row(one.tool.name, *cells, wall, *map(str, (*numbers, one.run.left)), remark)
    return table


def as_data(rounds: Sequence[Round], reference: Run | None, judged: Sequence[Judged]) -> dict[str, Any]:
    """Return all results as JSON."""
    return {
        "rounds": [
            {
                "ours": {name: _run(m.run) | m.data for name, m in r.ours.items()},
                "fresh": {f.name: _run(f.run) | {"caught": f.caught} for f in r.fresh},
                "disagreements": r.disagreements,
            }
            for r in rounds
        ],
        "reference": reference and _run(reference),
        "other tools": {
            one.tool.name: _run(one.run)
            | {"problem": one.problem, "counts": one.counts and one.counts.as_data()}
            for one in judged
        },
    }


def notes(rounds: Sequence[Round]) -> str:
    """Say whether a fresh pytest and Winnow agree, and whether the sample is typical."""
    differ = sorted({name for r in rounds for name in r.disagreements})
    trials = {n: t["seconds"] for n, t in rounds[0].ours[ONE].data["trials"].items()}
    likeness = mean(trials[f.name] for f in rounds[0].fresh) / mean(trials.values())
    verdicts = f"disagree on {', '.join(differ)}" if differ else "agree on all of them"
    return (
        f"A fresh pytest ran on {len(rounds[0].fresh)} sampled variants. Winnow and fresh pytest {verdicts}."
        f" A trial of the sample takes {likeness:.2f} × the average."
    )


def _cpu(matrix: Matrix) -> float:
    return matrix.run.cpu / matrix.size


def _fresh_cpu(taken: Round) -> float:
    return mean(fresh.run.cpu for fresh in taken.fresh)


def _linear(taken: Round, name: str) -> float:
    return taken.ours[name].each_after_start / taken.ours[TWO].each_after_start


def _run(run: Run) -> dict[str, Any]:
    return {name: value for name, value in asdict(run).items() if name != "output"}


def make_table(title: str, first: str, *columns: str) -> Table:
    """Return an empty table; numbers are aligned to the right."""
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    table.add_column(first, no_wrap=True)
    for column in columns:
        table.add_column(column, justify="left" if column in ("target", "remark") else "right")
    return table


def _row(table: Table, what: str, size: int, each: Sequence[float], cpu: float, elsewhere: float) -> None:
    middle = median(each)
    numbers = (f"{middle * size:.1f}", f"{middle:.3f}", f"{min(each):.3f}", f"{cpu:.3f}", f"{elsewhere:.1f}")
    table.add_row(what, str(size), *numbers)
