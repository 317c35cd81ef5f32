"""The child process of a trial: it runs one suite against one variant.

The trial server forks it. The child enters its isolated environment, imports the service there, runs the
suites, and sends each outcome over a pipe at once. So the outcomes before a kill are not lost.
"""

import io
import os
import resource
import signal
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, NoReturn

import pytest

from winnow.text import one_line
from winnow.transports.testclient import end_deadlocks
from winnow.trials import containment
from winnow.trials.messages import Finished, Request, Stopped
from winnow.trials.options import OURS, Installed
from winnow.trials.reporter import Reporter, why

MEMORY = 2 * 1024**3  # bytes of address space that a trial may use
LAST = 4096  # characters of standard error that are kept
FILE = 256 * 1024**2  # bytes that a file it writes may have


def run_trial(request: Request, out: BinaryIO) -> NoReturn:
    """Run the suites in this child process, and never return."""
    status, reporter = 1, Reporter(out, request.limits.test)
    try:
        project = _confine(request)
        service = project / request.suite.service
        sys.path[:0] = [str(project), str(service.parent)]
        os.environ["PYTHONPATH"] = _joined(*sys.path[:2], os.environ.get("PYTHONPATH", ""))
        end_deadlocks(request.limits.test, reporter.note)
        named = [option for name in request.suite.plugins for option in ("-p", name)]
        named += [f"--ignore={path}" for path in request.suite.ignored]
        plugins = [Installed(request.suite.plugins), reporter]
        sys.stderr = last = LastWords()
        exit_code = pytest.main([*OURS, *named, *request.suite.paths], plugins=plugins)
        if exit_code in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR):
            reporter.tell(Stopped(last.line))
        reporter.tell(Finished(int(exit_code), _origin(service, project)))
        status = 0
    except Exception as error:
        reporter.tell(Stopped(why(error)))
        reporter.tell(Finished(int(pytest.ExitCode.INTERNAL_ERROR), "none"))
        status = 0
    finally:
        os._exit(status)


class LastWords(io.TextIOWrapper):
    """The standard error of a trial; its last line may say why pytest ended."""

    def __init__(self) -> None:
        super().__init__(io.FileIO(os.devnull, "w"), encoding="utf-8", errors="replace")
        self._kept = ""

    def write(self, text: str) -> int:
        """Keep only the end of the text."""
        self._kept = (self._kept + text)[-LAST:]
        return len(text)

    @property
    def line(self) -> str:
        """The last line that names an error, otherwise the last line that is not blank."""
        lines = self._kept.splitlines()[::-1]
        return one_line("\n".join([*(line for line in lines if "error: " in line), *lines]))


def _confine(request: Request) -> Path:
    """Replace the server's folder, environment, signals and output; return the project's folder."""
    place, box = request.place, Path(request.place.box)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    scratch = box / "scratch"
    if request.contained:
        containment.enter(place)
        scratch = containment.TMP / "scratch"
    project = Path(place.root if request.contained else place.project)
    scratch.mkdir()
    os.chdir(project)
    os.environ.clear()
    os.environ.update(request.suite.environment, HOME=str(scratch), TMPDIR=str(scratch), PWD=str(project))
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    os.environ["WINNOW_TRIAL"] = "1"
    os.environ["WINNOW_TIMEOUT"] = str(request.limits.receive)
    tempfile.tempdir = None  # the server knows another
    _limit(resource.RLIMIT_AS, MEMORY)
    _limit(resource.RLIMIT_FSIZE, FILE)
    _limit(resource.RLIMIT_CORE, 0)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    return project


def _limit(kind: int, most: int) -> None:
    """Lower a limit of this process if the system supports it: macOS does not limit the address space."""
    hard = resource.getrlimit(kind)[1]
    least = most if hard == resource.RLIM_INFINITY else min(most, hard)
    with suppress(ValueError, OSError):
        resource.setrlimit(kind, (least, least))


def _joined(*parts: str) -> str:
    return os.pathsep.join(filter(None, parts))


def _origin(service: Path, project: Path) -> str:
    """Return which service this process imported: ``sandbox``, ``elsewhere`` or ``none``.

    ``elsewhere`` is a module outside the project with the name and the path of a module of the service.
    """
    files = {name: getattr(module, "__file__", None) or "" for name, module in list(sys.modules.items())}
    inside = f"{service}{os.sep}"
    if any(file.startswith(inside) or file == str(service) for file in files.values()):
        return "sandbox"
    tails = {path.relative_to(service.parent) for path in _sources(service)}
    outside = [
        name
        for name, file in files.items()
        if file and not file.startswith(f"{project}{os.sep}") and _tail(name, file) in tails
    ]
    return "elsewhere" if outside else "none"


def _sources(service: Path) -> list[Path]:
    return [service] if service.suffix == ".py" else list(service.rglob("*.py"))


def _tail(name: str, file: str) -> Path | None:
    """Return the part of a module's path that matches its name: shop/api.py for shop.api."""
    parts = Path(*name.split("."))
    for tail in (parts.with_suffix(".py"), parts / "__init__.py"):
        if Path(file).match(str(tail)):
            return tail
    return None
