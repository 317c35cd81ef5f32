"""Echoes a second: the service, less than it, other servers, and the service with other options (3 minutes).

``--quick`` takes fewer and shorter rounds (1 minute). It leaves ``reports/data/bench-echo.json``.
"""

import asyncio
import random
import time
import zlib
from contextlib import ExitStack
from typing import Any

from bench.serving.clients import COMPRESSED, ECHO, TEXT, TOKEN, Client, enter, frame, until
from bench.serving.report import Bench, Row, run
from bench.serving.server import BARE, WEBSOCKETS, Server, serving

CLIENTS = 50  # each sends again as soon as it is answered
MESSAGE = b"to be or not to be, that is this"
WARM, TURN = 0.5, 0.2  # seconds
OURS, DEFLATE = "ours", "deflate"
OPTIONS: dict[str, dict[str, Any] | None] = {  # None: the service's own
    OURS: None,
    "bare": BARE,
    "websockets": WEBSOCKETS,
    "uvicorn": {"ws": "websockets-sansio"},
    "wsproto": {"ws": "wsproto"},
    "asyncio": {"loop": "asyncio"},
    DEFLATE: {"ws_per_message_deflate": True},
}
OFFER = "Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover; client_max_window_bits\r\n"
Spent = tuple[int, float, float]  # echoes, seconds of processor time, and seconds by the clock
Speed = tuple[float, float]  # echoes in a second of processor time, and in one by the clock
Rounds = list[dict[str, Speed]]


async def measure(bench: Bench) -> None:
    """Let the servers take many short turns, and start them anew for each round.

    How a process happens to lie in memory is worth several percent, and stays as it is for its life.
    """
    rounds, turns = (4, 5) if bench.quick else (9, 8)
    taken: Rounds = []
    for number in range(rounds):
        bench.say(f"round {number + 1} of {rounds}")
        taken.append(await take_round(turns))
    bench.add(
        compare(taken, "the service ÷ bare ASGI, on the same server", OURS, "bare", least=0.85),
        compare(taken, "the service ÷ the library websockets' server", OURS, "websockets", least=1.0),
        compare(taken, "websockets-sansio ÷ wsproto", "uvicorn", "wsproto", least=1.0),
        compare(taken, "uvloop ÷ asyncio", OURS, "asyncio", least=1.0),
        compare(taken, "deflate off ÷ on", OURS, DEFLATE, least=1.0),
        compare(taken, "our frames ÷ uvicorn's own", OURS, "uvicorn"),
    )


async def take_round(turns: int) -> dict[str, Speed]:
    """Let each crowd talk for a short while, and again and again, in another order each time."""
    spent: dict[str, list[Spent]] = {name: [] for name in OPTIONS}
    with ExitStack() as stack:
        servers = {name: stack.enter_context(serving(options)) for name, options in OPTIONS.items()}
        crowds = {name: Crowd(name, server) for name, server in servers.items()}
        for crowd in crowds.values():
            await crowd.gather()
            await crowd.talk(WARM)
        for _ in range(turns):
            for name in random.sample(list(crowds), len(crowds)):
                spent[name].append(await crowds[name].talk(TURN))
    return {name: speed(several) for name, several in spent.items()}


def speed(several: list[Spent]) -> Speed:
    """Return the speed of several turns together."""
    echoes, cpu, clock = (sum(kind) for kind in zip(*several, strict=True))
    return echoes / cpu, echoes / clock


def compare(
    taken: list[dict[str, Speed]], what: str, one: str, other: str, least: float | None = None
) -> Row:
    """Return the ratios of two speeds in each round."""
    cpu, clock = ([r[one][kind] / r[other][kind] for r in taken] for kind in (0, 1))
    return Row(what, cpu, clock, least=least)


class Crowd:
    """Clients that send again as soon as they are answered."""

    def __init__(self, name: str, server: Server) -> None:
        self._offer = OFFER if name == DEFLATE else ""
        self._message = compressed() if name == DEFLATE else frame(TEXT, MESSAGE)
        self._server = server
        self._answered = self._waiting = 0
        self._talking = False

    async def gather(self) -> None:
        """Let them come."""
        ways = self._server.port, ECHO, TOKEN, self._hear, self._offer
        self._clients = [await enter(*ways) for _ in range(CLIENTS)]

    async def talk(self, seconds: float) -> Spent:
        """Return what they were answered, and how long that took."""
        before = self._answered, self._server.cpu(), time.perf_counter()
        self._talking = True
        for client in self._clients:
            self._say(client)
        await asyncio.sleep(seconds)
        self._talking = False
        assert await until(lambda: self._waiting == 0), "an answer is missing"
        after = self._answered, self._server.cpu(), self._last
        return after[0] - before[0], after[1] - before[1], after[2] - before[2]

    def _say(self, client: Client) -> None:
        client.write(self._message)
        self._waiting += 1

    def _hear(self, client: Client, _payload: bytes, now: float) -> None:
        self._waiting -= 1
        self._answered += 1
        self._last = now
        if self._talking:
            self._say(client)


def compressed() -> bytes:
    """Return the frame of a compressed message."""
    deflate = zlib.compressobj(wbits=-12)
    body = deflate.compress(MESSAGE) + deflate.flush(zlib.Z_SYNC_FLUSH)
    return frame(TEXT | COMPRESSED, body.removesuffix(b"\x00\x00\xff\xff"))


if __name__ == "__main__":
    run("echo", "Compare how many messages a second are echoed.", measure)
