"""The messages that a child writes to its pipe."""

import pytest

from winnow.trials.messages import (
    Finished,
    Outcome,
    Started,
    Stopped,
    Told,
    Uncollected,
    decode,
    encode,
)

SAID = [
    Started("test_a.py::test"),
    Outcome("test_a.py::test[消息]", "assertion", 0.5, "1 != 2"),
    Uncollected("test_b.py", "line 3: no", skipped=True),
    Stopped("no docker here"),
    Finished(1, "sandbox"),
]


@pytest.mark.parametrize("message", SAID, ids=lambda message: type(message).__name__)
def test_a_message_comes_back_as_it_was_sent(message):
    """Each message is one line, and reading that line gives the same message."""
    line = encode(message)

    assert line.count(b"\n") == 1
    assert decode(line.rstrip()) == message


def test_what_no_terminal_can_show_is_escaped():
    """Half of a surrogate pair, a NUL byte and colours of a terminal become visible; a line feed stays."""
    said = Outcome("test.py::test", "error", 0.5, "\ud83d \x00 \x1b[31m 消息\n\u202e")

    assert decode(encode(said)).message == r"\ud83d \x00 \x1b[31m 消息" + "\n" + r"\u202e"


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}",
        b"[1, 2]",
        b'["Outcome", {}]',
        b'["Other", {}]',
        b"\xff",
        b'["Started", {"test": 1, "x": 2}]',
    ],
    ids=repr,
)
def test_any_other_line_is_refused(line):
    """A line that no child of ours wrote is a ValueError, whatever is in it."""
    with pytest.raises(ValueError):  # noqa: PT011 -- of json or of ours
        decode(line)


def test_what_was_said_adds_up():
    """Outcomes, open tests and the end are kept apart; a foreign line is remembered."""
    told = Told()
    for message in (*SAID, Started("test_a.py::test_open")):
        told.hear(encode(message).rstrip())

    assert [outcome.kind for outcome in told.outcomes] == ["assertion"]
    assert told.unfinished == ["test_a.py::test", "test_a.py::test_open"]
    assert told.finished == Finished(1, "sandbox")
    assert (told.stopped, told.foreign) == ("no docker here", False)
    assert told.hear(b"{no json}") is None
    assert told.foreign
