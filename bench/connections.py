"""The cost of a connection: opening one beside 5,000 others, and the memory of an idle one (1 minute).

``--quick`` takes fewer rounds (20 s). The results go to ``reports/data/bench-connections.json``.
"""

import asyncio
import resource
import time
from contextlib import ExitStack
from typing import Any

from bench.serving.report import Bench, Row, run
from bench.serving.server import ARTICLE, PLAIN, serving
from tests.support.async_client import AsyncClient, abort, close, connect, connect_all
from tests.support.frames import ECHO
from tests.support.server_process import ServerProcess

OTHER_FILES = 200  # open files that are not connections
OTHERS = 5000  # connections beside which another one is opened
REPEATS, TURNS = 50, 6  # connections in a turn, and turns in a round
FIRST, IDLE = 200, 2000  # connections before and after memory is measured
SETTLE = 0.5  # seconds
Cost = tuple[float, float]  # seconds of processor time, and of wall time


async def measure(bench: Bench) -> None:
    """Measure the time to open and close a connection, and the memory of an idle one."""
    others = allow_connections()
    if others < OTHERS:
        bench.notes.append(f"This system allows only {others} connections.")
    rounds = 5 if bench.quick else 21
    ours = await compare_beside_many(bench, None, others, rounds)
    article = await compare_beside_many(bench, ARTICLE, others, rounds)
    memory = [await compare_memory(bench) for _ in range(1 if bench.quick else 3)]
    ratio = f"connect and close beside {others} connections ÷ alone"
    bench.add(
        Row(f"service: {ratio}", *ours, most=1.1),
        Row(f"the article's list: {ratio}", *article),
        Row("memory of an idle connection: service ÷ plain endpoint", [o / p for o, p in memory], most=1.1),
        Row("memory of an idle connection: service", [o for o, _ in memory], unit="KB"),
        Row("memory of an idle connection: plain endpoint", [p for _, p in memory], unit="KB"),
    )


def allow_connections() -> int:
    """Raise the limit of open files, for the servers too; return how many connections it allows."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return OTHERS if hard == resource.RLIM_INFINITY else min(OTHERS, hard - OTHER_FILES)


async def compare_beside_many(
    bench: Bench, app: dict[str, Any] | None, others: int, rounds: int
) -> tuple[list[float], list[float]]:
    """Return the ratios "beside many ÷ alone" of each round: of processor time, and of wall time."""
    with ExitStack() as stack:
        full, empty = (stack.enter_context(serving(app)) for _ in range(2))
        clients = await connect_many(full, others)
        await connect_and_close(empty)
        bench.say(f"{others} connections are open, {rounds} rounds follow")
        ratios = [await take_round(full, empty) for _ in range(rounds)]
        await abort(*clients)
    cpu, wall = ([ratio[kind] for ratio in ratios] for kind in (0, 1))
    return cpu, wall


async def take_round(full: ServerProcess, empty: ServerProcess) -> Cost:
    """Return the ratios of processor time and of wall time; the servers take turns."""
    costs: dict[ServerProcess, list[Cost]] = {full: [], empty: []}
    for number in range(TURNS):
        for server in (full, empty) if number % 2 == 0 else (empty, full):
            costs[server].append(await connect_and_close(server))
    beside, alone = ([sum(kind) for kind in zip(*turns, strict=True)] for turns in costs.values())
    return beside[0] / alone[0], beside[1] / alone[1]


async def connect_and_close(server: ServerProcess) -> Cost:
    """Return the cost of some connections that are opened and closed one after the other."""
    cpu, wall = server.cpu(), time.perf_counter()
    for _ in range(REPEATS):
        await close(await connect(server.port, ECHO))
    return server.cpu() - cpu, time.perf_counter() - wall


async def compare_memory(bench: Bench) -> tuple[float, float]:
    """Return the memory of an idle connection in KB: of the service, and of a plain endpoint."""
    bench.say(f"memory of {IDLE} idle connections")
    return await memory(None), await memory(PLAIN)


async def memory(app: dict[str, Any] | None) -> float:
    """Return the memory of an idle connection in KB."""
    with serving(app) as server:
        clients = await connect_many(server, FIRST)
        await asyncio.sleep(SETTLE)
        before = server.memory()
        clients += await connect_many(server, IDLE - FIRST)
        await asyncio.sleep(SETTLE)
        used = server.memory() - before
        await abort(*clients)
    return used / (IDLE - FIRST) / 1024


async def connect_many(server: ServerProcess, number: int) -> list[AsyncClient]:
    """Open this number of connections."""
    return await connect_all([connect(server.port, ECHO) for _ in range(number)])


if __name__ == "__main__":
    run("connections", "Measure the cost of a connection.", measure)
