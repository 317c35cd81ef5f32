"""The reason of a failed test, complete and in one line."""

import pytest
from pydantic import BaseModel, ValidationError

from winnow.transports import Closed, TimedOut
from winnow.trials.reporter import why


class Room(BaseModel):
    """A model with two fields that can be wrong."""

    name: str
    size: int


def raised(error, cause=None):
    """Return an exception as a test sees it, raised from its cause."""
    with pytest.raises(type(error)) as caught:
        raise error from cause
    return caught.value


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (AssertionError("assert 1 == 2"), "assert 1 == 2"),
        (KeyError("text"), "KeyError: 'text'"),
        (ValueError(), "ValueError"),
        (TimedOut("the service sent nothing within 1 s"), "the service sent nothing within 1 s"),
        (
            ExceptionGroup("two", [KeyError("a"), ExceptionGroup("x", [ValueError("b")])]),
            "KeyError: 'a'; ValueError: b",
        ),
        (
            ExceptionGroup("many", [ValueError(str(n)) for n in range(5)]),
            "ValueError: 0; ValueError: 1; ValueError: 2 (and 2 more)",
        ),
        (RuntimeError("\n\nsecond line first\nmore"), "RuntimeError: second line first"),
    ],
)
def test_an_exception_in_one_line(error, said):
    """The type stands before the message where the message alone would not be understood."""
    assert why(raised(error)) == said


def test_the_service_s_own_exception_stands_beside_a_1006():
    """A connection that broke says why, where the transport knows."""
    said = why(raised(Closed(1006), KeyError("text")))

    assert "1006" in said
    assert said.endswith("(because of KeyError: 'text')")


def test_every_field_of_a_validation_is_told():
    """Which setting is missing stands in the line, and no line of pydantic's heading."""
    with pytest.raises(ValidationError) as caught:
        Room(size="big")

    said = why(caught.value)

    assert "name: Field required" in said
    assert "size: Input should be a valid integer" in said


def test_a_long_message_is_cut():
    """Two megabytes of text become about a thousand characters, with the beginning and the end."""
    said = why(raised(AssertionError(f"begin{'x' * 2_000_000}end")))

    assert len(said) <= 1000
    assert said.startswith("begin")
    assert said.endswith("end")


def test_a_cause_is_told():
    """What an exception was raised from stands behind it, for that is often the reason."""
    assert (
        why(raised(RuntimeError("no room"), KeyError("id")))
        == "RuntimeError: no room (because of KeyError: 'id')"
    )


def test_an_exception_that_cannot_speak():
    """One whose ``__str__`` and ``__repr__`` raise is told by its type."""

    class Mute(Exception):
        def __str__(self):
            raise KeyError("no words")

        __repr__ = __str__

    assert why(raised(Mute())) == "Mute"


def test_an_exception_that_only_looks_like_a_validation():
    """A module of that name, and an ``errors`` that is something else, do no harm."""
    other = type("Other", (ValueError,), {"__module__": "pydantic_like", "errors": lambda *_: 1})

    assert why(raised(other("no"))) in ("Other", "Other: no")
