"""Coverage contexts: which test ran which line."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def context(name: str) -> Iterator[None]:
    """Record what runs in this block under ``name``, if coverage is measuring."""
    coverage = sys.modules.get("coverage")
    measuring = coverage.Coverage.current() if coverage else None
    if measuring is None:
        yield
        return
    measuring.switch_context(name)
    try:
        yield
    finally:
        measuring.switch_context("")
