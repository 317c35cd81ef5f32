"""The lines that ``winnow report`` and ``winnow gate`` print."""

from collections.abc import Iterator

from winnow.i18n import say
from winnow.runs.gate import FAILS, Gap, Gate
from winnow.runs.results import Run


def suite_line(run: Run) -> str:
    """Return the outcome of one suite."""
    line = say("suite.line", runner=run.runner, state=say(f"state.{run.state}"), n=len(run.results))
    if run.bad:
        line += say("suite.bad", n=len(run.bad))
    if run.deselected:
        line += say("suite.deselected", n=run.deselected)
    return line


def gate_lines(gate: Gate) -> Iterator[str]:
    """Yield why the gate passes or fails, the line of each gap, and the next step."""
    yield say("gate.says", state=say(f"state.{gate.state}"), cause=say(f"gate.{gate.cause}", path=gate.path))
    if gate.state != FAILS:
        return
    if gate.tally:
        yield say("gate.percent", percent=gate.tally.percent_shown)
    for gap in sorted(gate.gaps, key=lambda gap: gap.line):
        yield _gap(gate.path, gap)
    worst = f"gap.do_{gate.by_kind[0][0]}" if gate.gaps else f"gate.do_{gate.cause}"
    yield say("gate.next", step=say(worst))


def _gap(path: str, gap: Gap) -> str:
    where = say("gap.in", name=gap.function) if gap.function else say("gap.module")
    place = f"{path}:{gap.line}"
    return say("gap.terminal", place=place, where=where, what=_what(gap), code=gap.code)


def _what(gap: Gap) -> str:
    if gap.target > 0:
        return say("gap.to_line", target=say("gap.line", n=gap.target))
    if gap.target < 0:
        return say("gap.to_end" if gap.function else "gap.to_end_module")
    return say(f"gap.is_{gap.kind}")
