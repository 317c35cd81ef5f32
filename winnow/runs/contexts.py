"""Coverage contexts: which test ran which line."""

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def context(name: str) -> Iterator[None]:
    """Record what runs in this block under ``name``, if coverage is measuring.

    If coverage sets contexts by itself (``dynamic_context``), it warns and keeps its own contexts.
    """
    coverage = sys.modules.get("coverage")
    measuring = coverage.Coverage.current() if coverage else None
    _switch(measuring, name)
    try:
        yield
    finally:
        _switch(measuring, "")


def _switch(measuring: Any, name: str) -> None:
    if measuring is not None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            measuring.switch_context(name)
