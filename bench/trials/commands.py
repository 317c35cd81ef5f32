"""Run a command, measure its time, and end every process that it leaves."""

import os
import resource
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.support.server_process import clean_environment

MARK = "WINNOW_BENCH"  # an environment variable that all processes of the benchmark have
CLEAN_UP = 10.0  # seconds that a command has after Ctrl-C


@dataclass(frozen=True)
class Run:
    """The result of a command; ``code`` is None if it reached the time limit."""

    seconds: float  # wall time
    cpu: float  # processor time, with that of the processes that it waited for
    elsewhere: float  # cores that other programs used at the same time
    code: int | None
    output: str
    left: int  # processes that it left running, and that were ended then


def run(command: Sequence[str], folder: Path, limit: float, **environment: str) -> Run:
    """Run a command in a folder with a time limit; its temporary files stay in that folder."""
    temporary = folder / "tmp"
    temporary.mkdir(exist_ok=True)
    variables = clean_environment() | {MARK: str(folder), "TMPDIR": str(temporary)} | environment
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
    """End every process that was started for this folder (only on Linux), and count them."""
    mark = f"{MARK}={folder}\0".encode()
    ended = 0
    for path in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if mark in path.read_bytes():
                os.kill(int(path.parent.name), signal.SIGKILL)
                ended += 1
    return ended


def _wait(process: "subprocess.Popen[bytes]", limit: float) -> int | None:
    """Wait for the end; interrupt the command at its time limit, or when we are interrupted."""
    try:
        return process.wait(limit)
    except subprocess.TimeoutExpired:
        return None
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(CLEAN_UP)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _cpu() -> float:
    """Processor time of all child processes that have ended, in seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def busy_seconds() -> float:
    """Processor time of the whole machine in seconds, or 0 if the system does not tell."""
    with suppress(OSError):
        user, nice, system, _idle, _wait, *rest = Path("/proc/stat").read_text().split("\n")[0].split()[1:]
        return sum(map(int, (user, nice, system, *rest[:3]))) / os.sysconf("SC_CLK_TCK")
    return 0.0
