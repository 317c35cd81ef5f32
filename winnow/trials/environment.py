"""The environment of a trial: only what Python and programs need, and what the project names."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from winnow.config import Config
from winnow.errors import WinnowError
from winnow.project import files

KEPT = (
    *("PATH", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "LC_MESSAGES", "WINNOW_LANG", "TZ"),
    *("VIRTUAL_ENV", "PYTHONPATH", "SYSTEMROOT", "PYTEST_ADDOPTS", "PYTEST_PLUGINS"),
)
GIVEN = ("HOME", "PWD", "TMPDIR")  # a trial has its own
NAME = re.compile(r"\b[A-Za-z_][A-Za-z0-9_]{2,}\b")


def environment(config: Config) -> dict[str, str]:
    """Return the variables of a trial.

    Raises  WinnowError if ``env_file`` cannot be read.
    """
    found = {name: os.environ[name] for name in KEPT if name in os.environ}
    for line in (*_lines(config), *config.env):
        name, given, value = line.partition("=")
        if given:
            found[name] = value
        elif name in os.environ:
            found[name] = os.environ[name]
    return found


def withheld(config: Config, message: str) -> list[str]:
    """Return the variables that a trial may need but does not have: from this message or from the sources."""
    lacking = os.environ.keys() - environment(config).keys() - set(GIVEN)
    if named := lacking & set(NAME.findall(message)):
        return sorted(named)
    folders = (config.service, *config.suites)
    sources = [path for folder in folders for path in files(folder) if path.suffix == ".py"]
    words = {word for path in sources for word in NAME.findall(path.read_text("utf-8", errors="replace"))}
    return sorted(name for name in lacking & words if name.isupper())


def _lines(config: Config) -> Iterator[str]:
    """Yield the variables of ``env_file``, without comments, quotes and ``export``."""
    if config.env_file is None:
        return
    try:
        text = config.env_file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        path = config.shown(Path(config.env_file))
        raise WinnowError("unreadable-env-file", path=path, error=error) from None
    for line in text.splitlines():
        name, given, value = line.strip().removeprefix("export ").partition("=")
        if given and not name.startswith("#"):
            yield f"{name.strip()}={_value(value.strip())}"


def _value(text: str) -> str:
    """Return a value without its quotes; in a value without quotes, a space and # begin a comment."""
    if quoted := re.match(r"""(["'])(.*?)\1""", text):
        return quoted[2]
    return "" if text.startswith("#") else re.split(r"\s#", text)[0].rstrip()
