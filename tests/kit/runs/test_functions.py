"""The lines of each function in a file."""

import ast

import pytest

from winnow.runs.functions import spans

SOURCE = '''\
import functools

def plain():
    """A docstring belongs to the body."""
    return [
        1,
    ]

class Shelf:
    size = 3

    @functools.cache
    def method(self):
        return 1

    class Box:
        async def inner(self): return 2

if functools:
    def outer():
        before = 1
        @functools.cache
        def nested():
            return before
        return nested
'''


@pytest.mark.parametrize(
    ("name", "start", "lines"),
    [
        ("plain", 3, {4, 5, 6, 7}),
        ("Shelf.method", 13, {14}),
        ("Shelf.Box.inner", 17, {17}),
        ("outer", 20, {21, 22, 23, 25}),
        ("outer.nested", 23, {24}),
    ],
)
def test_a_body_belongs_to_the_innermost_function(name, start, lines):
    """A decorator and a ``def`` belong to what is around them; the lines of a class to no function."""
    found = {span.name: span for span in spans(ast.parse(SOURCE))}

    assert (found[name].start, found[name].lines) == (start, lines)


def test_nothing_else_is_a_function():
    """Every function is found once, in the order of the file."""
    names = [span.name for span in spans(ast.parse(SOURCE))]

    assert names == ["plain", "Shelf.method", "Shelf.Box.inner", "outer", "outer.nested"]
