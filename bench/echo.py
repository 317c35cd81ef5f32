"""Echoes a second: the service beside simpler servers, and beside itself with other options (3 minutes).

``--quick`` takes fewer and shorter rounds (1 minute). The results go to ``reports/data/bench-echo.json``.
"""

import asyncio
import random
import time
import zlib
from contextlib import ExitStack
from typing import Any

from bench.serving.report import Bench, Row, run
from bench.serving.server import BARE, WEBSOCKETS, serving
from tests.support.async_client import AsyncClient, connect, connect_all
from tests.support.frames import COMPRESSED, ECHO, TEXT, TOKEN, frame
from tests.support.server_process import ServerProcess
from tests.support.waiting import wait_until

CLIENTS = 50  # each sends its next message as soon as it has received an echo
MESSAGE = b"to be or not to be, that is this"
WARM_UP, TURN = 0.5, 0.2  # seconds
SERVICE, DEFLATE = "service", "deflate"
OPTIONS: dict[str, dict[str, Any] | None] = {  # None: the service as it is
    SERVICE: None,
    "bare": BARE,
    "websockets": WEBSOCKETS,
    "uvicorn": {"ws": "websockets-sansio"},
    "wsproto": {"ws": "wsproto"},
    "asyncio": {"loop": "asyncio"},
    DEFLATE: {"ws_per_message_deflate": True},
}
OFFER = "Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover; client_max_window_bits\r\n"
Cost = tuple[int, float, float]  # echoes, seconds of processor time, and of wall time
Speed = tuple[float, float]  # echoes in a second of processor time, and of wall time


async def measure(bench: Bench) -> None:
    """Let the servers take many short turns, and restart them for each round.

    The layout of a process in memory changes its speed by several percent, and never changes while it runs.
    """
    rounds, turns = (4, 5) if bench.quick else (9, 8)
    speeds = []
    for number in range(rounds):
        bench.say(f"round {number + 1} of {rounds}")
        speeds.append(await take_round(turns))
    bench.add(
        compare(speeds, "service ÷ bare ASGI application on the same server", SERVICE, "bare", least=0.85),
        compare(speeds, "service ÷ server of the library websockets", SERVICE, "websockets", least=1.0),
        compare(speeds, "websockets-sansio ÷ wsproto", "uvicorn", "wsproto", least=1.0),
        compare(speeds, "uvloop ÷ asyncio", SERVICE, "asyncio", least=1.0),
        compare(speeds, "without compression ÷ with deflate", SERVICE, DEFLATE, least=1.0),
        compare(speeds, "service's protocol class ÷ uvicorn's", SERVICE, "uvicorn"),
    )


async def take_round(turns: int) -> dict[str, Speed]:
    """Start all servers, and give each of them several turns, in a random order each time."""
    costs: dict[str, list[Cost]] = {name: [] for name in OPTIONS}
    with ExitStack() as stack:
        servers = {name: stack.enter_context(serving(options)) for name, options in OPTIONS.items()}
        loads = {name: EchoLoad(name, server) for name, server in servers.items()}
        for load in loads.values():
            await load.connect()
            await load.send(WARM_UP)
        for _ in range(turns):
            for name in random.sample(list(loads), len(loads)):
                costs[name].append(await loads[name].send(TURN))
    return {name: speed(turns) for name, turns in costs.items()}


def speed(turns: list[Cost]) -> Speed:
    """Return the speed of several turns together."""
    echoes, cpu, wall = (sum(kind) for kind in zip(*turns, strict=True))
    return echoes / cpu, echoes / wall


def compare(
    speeds: list[dict[str, Speed]], what: str, one: str, other: str, least: float | None = None
) -> Row:
    """Return the ratio of two speeds in each round."""
    cpu, wall = ([s[one][kind] / s[other][kind] for s in speeds] for kind in (0, 1))
    return Row(what, cpu, wall, least=least)


class EchoLoad:
    """Clients that send their next message as soon as they have received an echo."""

    def __init__(self, name: str, server: ServerProcess) -> None:
        self._offer = OFFER if name == DEFLATE else ""
        self._message = compressed() if name == DEFLATE else frame(TEXT, MESSAGE)
        self._server = server
        self._echoes = self._pending = 0
        self._sending = False

    async def connect(self) -> None:
        """Connect all clients."""
        options = self._server.port, ECHO, TOKEN, self._receive, self._offer
        self._clients = await connect_all([connect(*options) for _ in range(CLIENTS)])

    async def send(self, seconds: float) -> Cost:
        """Send for this time; return the number of echoes and their cost."""
        before = self._echoes, self._server.cpu(), time.perf_counter()
        self._sending = True
        for client in self._clients:
            self._send_next(client)
        await asyncio.sleep(seconds)
        self._sending = False
        await wait_until(lambda: self._pending == 0)
        after = self._echoes, self._server.cpu(), self._last
        return after[0] - before[0], after[1] - before[1], after[2] - before[2]

    def _send_next(self, client: AsyncClient) -> None:
        client.write(self._message)
        self._pending += 1

    def _receive(self, client: AsyncClient, _payload: bytes, now: float) -> None:
        self._pending -= 1
        self._echoes += 1
        self._last = now
        if self._sending:
            self._send_next(client)


def compressed() -> bytes:
    """Return the frame of the message, compressed."""
    deflate = zlib.compressobj(wbits=-12)
    body = deflate.compress(MESSAGE) + deflate.flush(zlib.Z_SYNC_FLUSH)
    return frame(TEXT | COMPRESSED, body.removesuffix(b"\x00\x00\xff\xff"))


if __name__ == "__main__":
    run("echo", "Compare how many messages a second the servers echo.", measure)
