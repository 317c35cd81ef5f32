"""What was measured, for people and as data: ratios first."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from statistics import mean, median
from typing import Any

from rich.table import Table

from bench.trials.counts import KILLED, NOT_RUN, OTHER, SURVIVED, TIMED_OUT
from bench.trials.peers import Judged
from bench.trials.rounds import HALF, ONE, QUARTER, TWO, Matrix, Round
from bench.trials.running import Run

READING = """\
How to read it
  A ratio is the median of the rounds, with the least and the greatest; between 0.8 and 1.25 is a tie.
  Seconds are by the clock, the start of Python included. "Busy elsewhere" is how many cores other programs
  kept busy meanwhile: with more than a few tenths, trust the processor time, or wait until it is quiet.
  Ours runs every test on every variant. The other tools stop at the first test that fails, and make mutants
  of their own, mostly of single operators: compare seconds, not counts. "In echo" counts the mutants in the
  function that answers. A time-out is no kill: nobody knows what it shows."""

Value = Callable[[Round], float]


def ratios(rounds: Sequence[Round]) -> Table:
    """Ratios of one round each."""
    table = make_table("Ratios", "what", "median", "least", "greatest", "aim")
    for what, value, aim in (
        ("1 worker ÷ 2 workers", lambda r: r.ours[ONE].each / r.ours[TWO].each, "near 2"),
        ("a fresh pytest ÷ ours, 1 worker", lambda r: r.fresh_each / r.ours[ONE].each, ""),
        ("a fresh pytest ÷ ours, 2 workers", lambda r: r.fresh_each / r.ours[TWO].each, ""),
        ("the same, in processor time", lambda r: _fresh_cpu(r) / _cpu(r.ours[TWO]), ""),
        ("a variant in half of them ÷ in all", lambda r: _linear(r, HALF), "near 1"),
        ("a variant in a quarter ÷ in all", lambda r: _linear(r, QUARTER), "near 1"),
    ):
        values = [value(r) for r in rounds]
        table.add_row(what, *(f"{f(values):.2f}" for f in (median, min, max)), aim)
    return table


def seconds(rounds: Sequence[Round], reference: Run | None) -> Table:
    """Seconds of each way: the medians of the rounds, and the least."""
    columns = ("variants", "wall", "a variant", "least", "CPU a variant", "busy elsewhere")
    table = make_table("Seconds", "what", *columns)
    for name in (ONE, TWO, HALF, QUARTER):
        taken = [r.ours[name] for r in rounds]
        label = f"ours, {name}" if name in (ONE, TWO) else f"ours, 2 workers, {name}"
        elsewhere = mean(m.run.elsewhere for m in taken)
        _row(table, label, taken[0].size, [m.each for m in taken], median(map(_cpu, taken)), elsewhere)
    elsewhere = mean(f.run.elsewhere for r in rounds for f in r.fresh)
    each, cpu = [r.fresh_each for r in rounds], median(map(_fresh_cpu, rounds))
    _row(table, "a fresh pytest for each", len(rounds[0].fresh), each, cpu, elsewhere)
    if reference:
        size, run = rounds[0].ours[ONE].size, reference
        _row(table, "winnow faults, 2 workers", size, [run.seconds / size], run.cpu / size, run.elsewhere)
    else:
        table.add_row("winnow faults, 2 workers", "failed")
    return table


def peers(judged: Sequence[Judged], rounds: Sequence[Round]) -> Table:
    """Other tools: seconds for each mutant that the suite was run on."""
    verdicts = (KILLED, SURVIVED, TIMED_OUT, OTHER, NOT_RUN)
    ours = median(r.ours[TWO].each for r in rounds), median(_cpu(r.ours[TWO]) for r in rounds)
    times = ("s a mutant", "÷ ours", "CPU a mutant", "÷ ours", "wall")
    columns = (*times, "made", *verdicts, "in echo", "left running")
    table = make_table("Other tools, the same service and tests", "tool", *columns, "remark")
    for one in judged:
        remark = "; ".join(filter(None, (one.problem, one.peer.remark)))
        wall = f"{one.run.seconds:.0f}"
        if one.counts is None:
            table.add_row(one.peer.name, *["–"] * 4, wall, *["–"] * 7, str(one.run.left), remark)
            continue
        each = [used / max(1, one.counts.run) for used in (one.run.seconds, one.run.cpu)]
        cells = [f"{each[0]:.2f}", f"{each[0] / ours[0]:.1f}", f"{each[1]:.2f}", f"{each[1] / ours[1]:.1f}"]
        numbers = (one.counts.made, *(one.counts.by_verdict[v] for v in verdicts), one.counts.in_handler)
        table.add_row(one.peer.name, *cells, wall, *map(str, (*numbers, one.run.left)), remark)
    return table


def as_data(rounds: Sequence[Round], reference: Run | None, judged: Sequence[Judged]) -> dict[str, Any]:
    """All that was measured."""
    return {
        "rounds": [
            {
                "ours": {name: _run(m.run) | m.told for name, m in r.ours.items()},
                "fresh": {f.name: _run(f.run) | {"noticed": f.noticed} for f in r.fresh},
                "disagreements": r.disagreements,
            }
            for r in rounds
        ],
        "reference": reference and _run(reference),
        "peers": {
            one.peer.name: _run(one.run)
            | {"problem": one.problem, "counts": one.counts and one.counts.as_data()}
            for one in judged
        },
    }


def notes(rounds: Sequence[Round]) -> str:
    """Say whether the naive way agrees, and whether its sample is like the rest."""
    differ = sorted({name for r in rounds for name in r.disagreements})
    trials = {n: t["seconds"] for n, t in rounds[0].ours[ONE].told["trials"].items()}
    likeness = mean(trials[f.name] for f in rounds[0].fresh) / mean(trials.values())
    agreed = f"but of {', '.join(differ)}" if differ else "of every one"
    return (
        f"Ours and a fresh pytest say the same {agreed} of the {len(rounds[0].fresh)} variants sampled, "
        f"whose trials cost {likeness:.2f} × the average."
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
    """Return an empty table whose numbers stand to the right."""
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    table.add_column(first, no_wrap=True)
    for column in columns:
        table.add_column(column, justify="left" if column in ("aim", "remark") else "right")
    return table


def _row(table: Table, what: str, size: int, each: Sequence[float], cpu: float, elsewhere: float) -> None:
    middle = median(each)
    numbers = (f"{middle * size:.1f}", f"{middle:.3f}", f"{min(each):.3f}", f"{cpu:.3f}", f"{elsewhere:.1f}")
    table.add_row(what, str(size), *numbers)
