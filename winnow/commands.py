"""The commands that messages and the page tell a reader to run.

A project whose noxfile or Makefile has sessions with these names sets ``WINNOW_COMMAND``, for example to
``nox -s``. Without this variable, messages name the commands themselves.
"""

import os

COMMANDS = {  # the command itself, and the session that runs it
    "tests": ("pytest --winnow-results={data}/pytest.json", "tests"),
    "coverage": (
        "coverage run -m pytest --winnow-results={data}/pytest.json && coverage json",
        "coverage",
    ),
    "page": ("winnow report", "coverage"),
    "open": ("winnow open", "report"),
    "faults": ("winnow faults", "faults"),
    "grade": ("winnow grade", "grade"),
}


def command(name: str, *arguments: str, data: str = "") -> str:
    """Return a command as the reader would type it; ``data`` is the folder of the results."""
    itself, session = COMMANDS[name]
    runner = os.environ.get("WINNOW_COMMAND")
    if runner:
        return " ".join([runner, session, *(["--"] if arguments else []), *arguments])
    return " ".join([itself.format(data=data), *arguments])
