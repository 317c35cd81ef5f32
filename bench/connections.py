"""What connections cost: one that comes and goes beside 5,000 others, and one that is idle (1 minute).

``--quick`` takes fewer rounds (20 s). It leaves ``reports/data/bench-connections.json``.
"""

import asyncio
import resource
import time
from contextlib import ExitStack
from typing import Any

from bench.serving.clients import ECHO, Client, enter, leave
from bench.serving.report import Bench, Row, run
from bench.serving.server import ARTICLE, USUAL, Server, serving

FILES = 200  # that we have open besides connections
HELD = 5000
VISITS, TURNS = 50, 6  # visits of a turn, and turns of a round
SOME, IDLE = 200, 2000  # connections before and after memory is measured
TOGETHER = 100  # that arrive at a time
SETTLE = 0.5  # seconds
Spent = tuple[float, float]  # seconds of processor time, and by the clock


async def measure(bench: Bench) -> None:
    """Take the time of a visit, and the memory of a connection."""
    held = most_held()
    if held < HELD:
        bench.notes.append(f"Only {held} connections were held.")
    ours = await beside_many(bench, None, held, rounds=5 if bench.quick else 21)
    article = await beside_many(bench, ARTICLE, held, rounds=5 if bench.quick else 21)
    memory = [await memory_ratio(bench) for _ in range(1 if bench.quick else 3)]
    each = f"a visit beside {held} others ÷ alone"
    bench.add(
        Row(f"the service: {each}", *ours, most=1.1),
        Row(f"the article's list: {each}", *article),
        Row("an idle connection: the service ÷ a plain endpoint", [o / p for o, p in memory], most=1.1),
        Row("an idle connection of the service", [o for o, _ in memory], unit="KB"),
        Row("an idle connection of a plain endpoint", [p for _, p in memory], unit="KB"),
    )


def most_held() -> int:
    """Return how many connections we can hold, at most as many as we want."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # of the servers too
    return HELD if hard == resource.RLIM_INFINITY else min(HELD, hard - FILES)


async def beside_many(
    bench: Bench, app: dict[str, Any] | None, held: int, rounds: int
) -> tuple[list[float], list[float]]:
    """Return the ratios of processor time, and those by the clock, of visits beside many and alone."""
    with ExitStack() as stack:
        full, empty = (stack.enter_context(serving(app)) for _ in range(2))
        clients = await hold(full, held)
        await visit(empty)
        bench.say(f"{held} are held, {rounds} rounds begin")
        taken = [await take_round(full, empty) for _ in range(rounds)]
        abort(clients)
    cpu, clock = ([ratios[kind] for ratios in taken] for kind in (0, 1))
    return cpu, clock


async def take_round(full: Server, empty: Server) -> Spent:
    """Return two ratios, of processor time and by the clock, of several turns of each server together."""
    spent: dict[Server, list[Spent]] = {full: [], empty: []}
    for number in range(TURNS):
        for server in (full, empty) if number % 2 == 0 else (empty, full):
            spent[server].append(await visit(server))
    beside, alone = ([sum(kind) for kind in zip(*turns, strict=True)] for turns in spent.values())
    return beside[0] / alone[0], beside[1] / alone[1]


async def visit(server: Server) -> Spent:
    """Return how long some visits took, one after the other."""
    cpu, clock = server.cpu(), time.perf_counter()
    for _ in range(VISITS):
        await leave([await enter(server.port, ECHO)])
    return server.cpu() - cpu, time.perf_counter() - clock


async def memory_ratio(bench: Bench) -> tuple[float, float]:
    """Return the memory of an idle connection in KB: the service's, and a plain endpoint's."""
    bench.say(f"{IDLE} are idle")
    return await memory(None), await memory(USUAL)


async def memory(app: dict[str, Any] | None) -> float:
    """Return the memory of an idle connection in KB."""
    with serving(app) as server:
        clients = await hold(server, SOME)
        await asyncio.sleep(SETTLE)
        before = server.memory()
        clients += await hold(server, IDLE - SOME)
        await asyncio.sleep(SETTLE)
        used = server.memory() - before
        abort(clients)
    return used / (IDLE - SOME) / 1024


async def hold(server: Server, number: int) -> list[Client]:
    """Return so many connections."""
    clients: list[Client] = []
    while len(clients) < number:
        together = min(TOGETHER, number - len(clients))
        clients += await asyncio.gather(*(enter(server.port, ECHO) for _ in range(together)))
    return clients


def abort(clients: list[Client]) -> None:
    """Cut these off."""
    for client in clients:
        client.abort()


if __name__ == "__main__":
    run("connections", "See what many connections cost.", measure)
