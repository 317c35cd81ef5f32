"""The environment variables of a trial."""

import pytest

from winnow.config import Config
from winnow.trials.environment import environment

FILE = """\ufeff# a comment
export HOST = localhost  # the usual one
URL=redis://127.0.0.1:6379/0#fragment
QUOTED="two words # no comment"  # a comment
SINGLE='a "quoted" word'
EMPTY=
NOTHING= # a comment

not a variable
"""


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_file_of_variables(course, ending):
    """Comments and quotes are read as programs that read .env files do."""
    course.write("pyproject.toml", "[tool.winnow]\nenv_file = '.env'\n")
    (course.folder / ".env").write_bytes(FILE.replace("\n", ending).encode())
    course.written.add(".env")

    found = environment(Config.load(course.folder))

    assert {name: found[name] for name in ("HOST", "URL", "QUOTED", "SINGLE", "EMPTY", "NOTHING")} == {
        "HOST": "localhost",
        "URL": "redis://127.0.0.1:6379/0#fragment",
        "QUOTED": "two words # no comment",
        "SINGLE": 'a "quoted" word',
        "EMPTY": "",
        "NOTHING": "",
    }
    assert "not a variable" not in found
