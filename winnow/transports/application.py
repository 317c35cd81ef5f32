"""Finds or creates the application that a project names."""

import asyncio
import inspect
from importlib import import_module
from operator import attrgetter
from typing import Any


class NoAttribute(Exception):
    """The module of the application has no such attribute."""


class NoApplication(Exception):
    """The attribute is not an ASGI application, and does not create one."""


def application(module: str, attribute: str) -> Any:
    """Return the ASGI application at ``module:attribute``; the attribute may have dots.

    A function without arguments is called to create the application; it may be a coroutine function.

    Raises  NoAttribute, NoApplication, or any exception of the project's own code.
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
    """Return whether this creates applications; an application itself takes scope, receive and send."""
    if _takes(named, 3):
        return inspect.isfunction(named) and not inspect.iscoroutinefunction(named) and _takes(named, 0)
    return _takes(named, 0)


def _takes(named: Any, count: int) -> bool:
    try:
        inspect.signature(named).bind(*[None] * count)
    except (TypeError, ValueError):
        return False
    return True
