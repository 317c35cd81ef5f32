"""Finds the functions in a Python file, and the lines of each.

coverage reports functions only since version 7.6. This module gives the same result with every version.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Span:
    """One function or method: the line of its ``def``, and the lines of its body."""

    name: str
    start: int
    lines: frozenset[int]


def spans(tree: ast.AST, outer: str = "") -> Iterator[Span]:
    """Yield each function; the body of an inner function belongs only to the inner function."""
    for node in ast.iter_child_nodes(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from spans(node, outer)
            continue
        name = outer + node.name
        inner = list(spans(node, f"{name}."))
        if not isinstance(node, ast.ClassDef):
            last = node.body[-1]
            body = set(range(node.body[0].lineno, (last.end_lineno or last.lineno) + 1))
            yield Span(name, node.lineno, frozenset(body.difference(*(span.lines for span in inner))))
        yield from inner
