"""Sending to many: the chat's sender and a plain loop, and a hundred beside one who never reads (2 minutes).

``--quick`` takes fewer rounds (30 s). It leaves ``reports/data/bench-sending.json``.
"""

import asyncio
import time

from bench.serving.clients import PATIENCE, TEXT, Client, enter, frame
from bench.serving.hall import GONE, SETTINGS, Hall, share
from bench.serving.report import Bench, Row, run
from bench.serving.server import FAN, LOOP, Server, serving

READERS = 1000
LETTERS = 40  # in a turn
LETTER = "x" * 100
MEGABYTE = 1 << 20
Spent = tuple[float, float]  # seconds of processor time, and by the clock


async def measure(bench: Bench) -> None:
    """Compare the ways to send to many, then see how a stalled client is borne."""
    await compare_ways(bench, rounds=5 if bench.quick else 15)
    await bear_stalled(bench, rounds=1 if bench.quick else 5)


async def compare_ways(bench: Bench, rounds: int) -> None:
    """Send to a thousand through the chat's sender and in a plain loop, in turns."""
    taken: list[tuple[Spent, Spent]] = []
    with serving(FAN) as server:
        crowd = Crowd(server)
        await crowd.gather()
        bench.say(f"to {READERS}: {rounds} rounds begin")
        for number in range(-1, rounds):  # the first one does not count
            ours_first = number % 2 == 0
            one = await crowd.hear("ours" if ours_first else "loop")
            other = await crowd.hear("loop" if ours_first else "ours")
            taken.append((one, other) if ours_first else (other, one))
    cpu, clock = ([loop[kind] / ours[kind] for ours, loop in taken[1:]] for kind in (0, 1))
    bench.add(Row(f"to {READERS}: the chat's sender ÷ a plain loop", cpu, clock, least=0.95))


class Crowd:
    """A thousand who listen, and one who says how they are spoken to."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._heard = 0

    async def gather(self) -> None:
        """Let them come."""
        for _ in range(READERS):
            await enter(self._server.port, "/read", heard=self._hear)
        self._speaker = await enter(self._server.port, "/speak")

    async def hear(self, way: str) -> Spent:
        """Return how long some letters took, each sent when the one before had reached everybody."""
        cpu, clock = self._server.cpu(), time.perf_counter()
        for _ in range(LETTERS):
            self._heard, self._all = 0, asyncio.get_running_loop().create_future()
            self._speaker.write(frame(TEXT, f"{way} {LETTER}".encode()))
            async with asyncio.timeout(PATIENCE):
                await self._all
        return self._server.cpu() - cpu, time.perf_counter() - clock

    def _hear(self, _client: Client, _payload: bytes, _now: float) -> None:
        self._heard += 1
        if self._heard == READERS:
            self._all.set_result(None)


async def bear_stalled(bench: Bench, rounds: int) -> None:
    """Let one of a hundred speak, alone and beside a client that never reads."""
    quiet, disturbed = [], []
    with serving(None, **SETTINGS) as server:
        hall = Hall(server)
        await hall.fill()
        await hall.speak()
        for number in range(rounds):
            bench.say(f"beside a stalled one: round {number + 1} of {rounds}")
            quiet.append(await hall.speak())
            disturbed.append(await hall.speak_beside_a_stalled_one())
    bench.say("the same with a plain loop")
    with serving(LOOP) as server:
        hall = Hall(server)
        await hall.fill()
        alone, beside = await hall.speak(), await hall.speak_beside_a_stalled_one()
    pairs = list(zip(quiet, disturbed, strict=True))
    bench.add(
        Row("one of 101 stalls: share that the others get", [share(p) for p in disturbed], least=1),
        Row("the same: p99 beside it ÷ without it", [d.p99 / q.p99 for q, d in pairs], most=1.5),
        Row("the same: p99", [d.p99 * 1000 for d in disturbed], unit="ms"),
        Row("the same: more memory", [(d.memory - q.memory) / MEGABYTE for q, d in pairs], most=2, unit="MB"),
        Row("the same: until it is gone", [d.gone for d in disturbed], most=GONE, unit="s"),
        Row("a plain loop: share without it", [share(alone)]),
        Row("a plain loop: share beside it", [share(beside)]),
    )


if __name__ == "__main__":
    run("sending", "Compare ways to send to many, and see how a client that never reads is borne.", measure)
