"""Run a command, take its time, and leave nothing of it running."""

import os
import resource
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MARK = "WINNOW_BENCH"  # an environment variable that all our processes carry
DROPPED = ("ECHO_", "PYTEST_", "COVERAGE_", "PYTHONDONTWRITEBYTECODE", "WINNOW_")
PATIENCE = 10.0  # seconds that a command has for tidying up after Ctrl-C


@dataclass(frozen=True)
class Run:
    """How a command went: ``code`` is None where the time limit ended it."""

    seconds: float  # by the clock
    cpu: float  # of its own and of the processes that it waited for
    elsewhere: float  # cores that the rest of the machine kept busy meanwhile
    code: int | None
    output: str
    left: int  # processes that it left running; they were ended


def run(command: Sequence[str], folder: Path, limit: float, **environment: str) -> Run:
    """Run a command in a folder, for so many seconds at most; its temporary files stay below that folder."""
    temporary = folder / "tmp"
    temporary.mkdir(exist_ok=True)
    variables = {name: value for name, value in os.environ.items() if not name.startswith(DROPPED)}
    variables |= {MARK: str(folder), "TMPDIR": str(temporary)} | environment
    log = folder / "output.txt"
    cpu, busy, began = _cpu(), busy_seconds(), time.perf_counter()
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        code = _wait(process, limit)
    seconds, cpu, busy = time.perf_counter() - began, _cpu() - cpu, busy_seconds() - busy
    left = end_marked(folder)
    elsewhere = max(0.0, busy - cpu) / seconds
    return Run(seconds, cpu, elsewhere, code, log.read_text(encoding="utf-8", errors="replace"), left)


def end_marked(folder: Path) -> int:
    """End every process that was started for this folder (where the system tells: Linux); count them."""
    mark = f"{MARK}={folder}\0".encode()
    ended = 0
    for place in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if mark in place.read_bytes():
                os.kill(int(place.parent.name), signal.SIGKILL)
                ended += 1
    return ended


def _wait(process: "subprocess.Popen[bytes]", limit: float) -> int | None:
    """Wait for the end; ask a command to stop when its time is up, or when we are asked ourselves."""
    try:
        return process.wait(limit)
    except subprocess.TimeoutExpired:
        return None
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(PATIENCE)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _cpu() -> float:
    """Seconds of processor time that our ended children have used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def busy_seconds() -> float:
    """Seconds of processor time that the whole machine has used, or 0 where it does not tell."""
    with suppress(OSError):
        user, nice, system, _idle, _wait, *rest = Path("/proc/stat").read_text().split("\n")[0].split()[1:]
        return sum(map(int, (user, nice, system, *rest[:3]))) / os.sysconf("SC_CLK_TCK")
    return 0.0
