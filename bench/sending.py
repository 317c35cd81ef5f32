"""The chat's broadcast beside a plain loop, for 1,000 clients, and with one slow consumer of 101 (2 minutes).

``--quick`` takes fewer rounds (30 s). The results go to ``reports/data/bench-sending.json``.
"""

import asyncio
import time

from bench.serving.report import Bench, Row, run
from bench.serving.server import FAN_OUT, LOOP, serving
from tests.support.async_client import AsyncClient, connect, connect_all
from tests.support.chat_load import DROP_LIMIT, SETTINGS, ChatLoad
from tests.support.server_process import ServerProcess
from tests.support.waiting import TIMEOUT

RECEIVERS = 1000
MESSAGES = 40  # in a turn
MESSAGE = "x" * 100
LAST_MESSAGES = 2.0  # seconds for messages that are still on their way: a plain loop never delivers them
MEGABYTE = 1 << 20
Cost = tuple[float, float]  # seconds of processor time, and of wall time


async def measure(bench: Bench) -> None:
    """Compare the broadcast with a plain loop: its speed, and what a slow consumer does to the others."""
    await compare_speed(bench, rounds=5 if bench.quick else 15)
    await compare_slow_consumer(bench, rounds=1 if bench.quick else 5)


async def compare_speed(bench: Bench, rounds: int) -> None:
    """Send to a thousand clients by broadcast and in a plain loop, in turns."""
    costs: list[tuple[Cost, Cost]] = []
    with serving(FAN_OUT) as server:
        receivers = Receivers(server)
        await receivers.connect()
        bench.say(f"{RECEIVERS} clients are connected, {rounds} rounds follow")
        for number in range(-1, rounds):  # the first one is a warm-up
            broadcast_first = number % 2 == 0
            one = await receivers.receive("broadcast" if broadcast_first else "loop")
            other = await receivers.receive("loop" if broadcast_first else "broadcast")
            costs.append((one, other) if broadcast_first else (other, one))
    cpu, wall = ([loop[kind] / broadcast[kind] for broadcast, loop in costs[1:]] for kind in (0, 1))
    bench.add(Row(f"to {RECEIVERS} clients: speed of broadcast ÷ plain loop", cpu, wall, least=0.95))


class Receivers:
    """A thousand clients that receive, and one that sends."""

    def __init__(self, server: ServerProcess) -> None:
        self._port = server.port
        self._cpu = server.cpu
        self._received = 0

    async def connect(self) -> None:
        """Connect all clients."""
        await connect_all([connect(self._port, "/receive", on_text=self._receive) for _ in range(RECEIVERS)])
        self._sender = await connect(self._port, "/send")

    async def receive(self, way: str) -> Cost:
        """Return the cost of some messages; each is sent when all clients have received the one before."""
        cpu, wall = self._cpu(), time.perf_counter()
        for _ in range(MESSAGES):
            self._received, self._all = 0, asyncio.get_running_loop().create_future()
            self._sender.send(f"{way} {MESSAGE}")
            async with asyncio.timeout(TIMEOUT):
                await self._all
        return self._cpu() - cpu, time.perf_counter() - wall

    def _receive(self, _client: AsyncClient, _payload: bytes, _now: float) -> None:
        self._received += 1
        if self._received == RECEIVERS:
            self._all.set_result(None)


async def compare_slow_consumer(bench: Bench, rounds: int) -> None:
    """Let one of a hundred clients send, without a slow consumer and beside one."""
    without, beside = [], []
    with serving(None, **SETTINGS) as server:
        load = ChatLoad(server, LAST_MESSAGES)
        await load.connect()
        await load.send()
        for number in range(rounds):
            bench.say(f"slow consumer: round {number + 1} of {rounds}")
            without.append(await load.send())
            beside.append(await load.send_beside_slow_consumer())
    bench.say("slow consumer: plain loop")
    with serving(LOOP) as server:
        load = ChatLoad(server, LAST_MESSAGES)
        await load.connect()
        loop_without, loop_beside = await load.send(), await load.send_beside_slow_consumer()
    pairs = list(zip(without, beside, strict=True))
    shares, dropped = [b.delivered for b in beside], [b.dropped_after for b in beside]
    grown = [(b.memory - w.memory) / MEGABYTE for w, b in pairs]
    bench.add(
        Row(
            "broadcast, one slow of 101: share delivered to the others",
            shares,
            least=1,
        ),
        Row("the same: p99 ÷ p99 without the slow one", [b.p99 / w.p99 for w, b in pairs], most=1.5),
        Row("the same: p99", [b.p99 * 1000 for b in beside], unit="ms"),
        Row("the same: additional memory", grown, most=2, unit="MB"),
        Row("the same: time until it is dropped", dropped, most=DROP_LIMIT, unit="s"),
        Row("plain loop: share delivered without the slow one", [loop_without.delivered]),
        Row("plain loop: share delivered to the others", [loop_beside.delivered]),
    )


if __name__ == "__main__":
    run("sending", "Compare the chat's broadcast with a plain loop.", measure)
