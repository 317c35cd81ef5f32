"""The gated module, line by line: highlighted, with each line's state, tests and faults."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup, escape
from pygments.lexers import PythonLexer  # type: ignore[import-untyped]
from pygments.token import Comment, Keyword, Name, Number, Operator, String  # type: ignore[import-untyped]

from winnow.report.faults import Fault
from winnow.runs.coverage import Line, Module

FaultsByLine = Mapping[int, Sequence[Fault]]
AT_IMPORT = ""  # coverage's context for code that runs before any test
KINDS = {
    Comment: "c",
    String: "s",
    Keyword: "k",
    Operator.Word: "k",
    Number: "m",
    Name.Function: "f",
    Name.Class: "f",
    Name.Decorator: "d",
}


@dataclass(frozen=True)
class Row:
    """One line. ``tests`` has ranges of indexes into ``Source.who``. On the first of several lines in
    the same state, ``block`` is their number, else 0. ``faults`` change this line.
    """

    number: int
    state: str
    code: Markup
    count: int
    tests: str
    at_import: bool
    block: int
    untaken: tuple[int, ...]
    faults: tuple[Fault, ...]


@dataclass(frozen=True)
class Source:
    """The module's lines, and the tests that ran them: name, promise, parameters."""

    rows: tuple[Row, ...]
    who: tuple[tuple[str, str, tuple[str, ...]], ...]

    @classmethod
    def of(cls, module: Module, promises: Mapping[str, str], faults_by_line: FaultsByLine) -> "Source":
        """Annotate a module; ``promises`` has the promise of each test by its id."""
        names = sorted({name for line in module.lines for name in line.tests} - {AT_IMPORT}, key=_parts)
        index = {name: position for position, name in enumerate(names)}
        codes = highlight("\n".join(line.text for line in module.lines))
        blocks = dict(_blocks(module.lines))
        rows = (
            _row(line, code, index, blocks.get(line.number, 0), faults_by_line)
            for line, code in zip(module.lines, codes, strict=False)
        )
        return cls(tuple(rows), tuple(_grouped(names, promises)))

    @property
    def states(self) -> tuple[tuple[str, int], ...]:
        """How many lines are in each state, for the legend."""
        found = [row.state for row in self.rows]
        return tuple((state, found.count(state)) for state in ("missed", "partial", "excluded", "covered"))


def highlight(source: str) -> list[Markup]:
    """Return the source's lines as HTML."""
    lines = [Markup("")]
    for token, text in PythonLexer(stripnl=False).get_tokens(source):
        kind = next((css for base, css in KINDS.items() if token in base), None)
        for number, piece in enumerate(text.split("\n")):
            if number:
                lines.append(Markup(""))
            lines[-1] += _token(kind, piece)
    return lines


def _token(kind: str | None, text: str) -> Markup:
    return Markup('<i class="{}">{}</i>').format(kind, text) if kind and text else escape(text)


def ranges(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield ranges of consecutive numbers as (first, last): 1, 2, 3, 7 become (1, 3) and (7, 7)."""
    for _, run in groupby(enumerate(sorted(numbers)), key=lambda pair: pair[1] - pair[0]):
        found = [number for _, number in run]
        yield found[0], found[-1]


def _row(line: Line, code: Markup, index: Mapping[str, int], block: int, faults_by_line: FaultsByLine) -> Row:
    ran = [index[name] for name in line.tests if name != AT_IMPORT]
    spans = (f"{first}-{last}" if last > first else f"{first}" for first, last in ranges(ran))
    at_import = AT_IMPORT in line.tests
    faults = tuple(faults_by_line.get(line.number, ()))
    return Row(
        line.number, line.state, code, len(ran), " ".join(spans), at_import, block, line.untaken, faults
    )


def _blocks(lines: Iterable[Line]) -> Iterator[tuple[int, int]]:
    """Yield the first line and the length of each block in one state; blank lines do not end a block."""
    for _, stretch in groupby((line for line in lines if line.state != "blank"), key=lambda line: line.state):
        found = list(stretch)
        yield found[0].number, len(found)


def _parts(name: str) -> tuple[str, str]:
    base, _, parameters = name.partition("[")
    return base, parameters.removesuffix("]")


def _grouped(names: Iterable[str], promises: Mapping[str, str]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for base, group in groupby(names, key=lambda name: _parts(name)[0]):
        found = list(group)
        yield base, promises.get(found[0], ""), tuple(_parts(name)[1] for name in found)
