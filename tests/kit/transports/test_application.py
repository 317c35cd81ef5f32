"""The application that a project names or creates."""

import pytest

from tests.kit.transports import makers
from winnow.transports.application import NoApplication, NoAttribute, application

MODULE = makers.__name__


@pytest.mark.parametrize("name", ["app", "instance", "partly"])
def test_an_application(name):
    """A function, an object, a partial function: what takes scope, receive and send is one."""
    assert application(MODULE, name) is getattr(makers, name)


@pytest.mark.parametrize(
    "name", ["make", "later", "wrapped", "cached", "bound", "called", "Factory.made", "Factory.of"]
)
def test_a_maker(name):
    """Whatever can be called without arguments makes one, a coroutine function too."""
    assert application(MODULE, name) is makers.app


def test_a_class():
    """It makes an object, which is the application: a new one each time."""
    first, second = application(MODULE, "Application"), application(MODULE, "Application")

    assert (type(first), first is second) == (makers.Application, False)


@pytest.mark.parametrize("name", ["nobody", "Factory.nobody", "nobody.app"])
def test_no_such_attribute(name):
    """It is told apart from an error in the project's own code."""
    with pytest.raises(NoAttribute):
        application(MODULE, name)


@pytest.mark.parametrize(("name", "found"), [("text", "'no application'"), ("none", "None")])
def test_no_application(name, found):
    """What was found instead is shown."""
    with pytest.raises(NoApplication, match=found):
        application(MODULE, name)


def test_a_maker_that_raises():
    """Its own exception is told."""
    with pytest.raises(KeyError, match="SHOP_KEY"):
        application(MODULE, "raises")
