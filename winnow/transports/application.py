"""Finds the application that a project names, or has it made."""

import asyncio
import inspect
from importlib import import_module
from operator import attrgetter
from typing import Any


class NoAttribute(Exception):
    """The module that should hold the application has no such attribute."""


class NoApplication(Exception):
    """What was found is no ASGI application, and makes none."""


def application(module: str, attribute: str) -> Any:
    """Return the ASGI application at ``module:attribute``; the attribute may have dots.

    What can be called without arguments, a coroutine function included, makes applications: it is called.

    Raises  NoAttribute, NoApplication, or whatever the project's own code raises.
    """
    imported = import_module(module)
    try:
        named = attrgetter(attribute)(imported)
    except AttributeError as error:
        raise NoAttribute(attribute) from error
    made = named() if _makes(named) else named
    if inspect.iscoroutine(made):
        made = asyncio.run(made)
    if not callable(made):
        raise NoApplication(repr(made))
    return made


def _makes(named: Any) -> bool:
    """Tell a maker from an application: the latter takes scope, receive and send."""
    if _takes(named, 3):
        return inspect.isfunction(named) and not inspect.iscoroutinefunction(named) and _takes(named, 0)
    return _takes(named, 0)


def _takes(named: Any, count: int) -> bool:
    try:
        inspect.signature(named).bind(*[None] * count)
    except (TypeError, ValueError):
        return False
    return True
