"""One of 101 chat clients stops reading: the service drops it, and the others receive everything in time."""

import sys
from statistics import median

import pytest

from tests.support import chat_load
from tests.support.async_client import run
from tests.support.chat_load import COUNT, DROP_LIMIT, USERS, ChatLoad
from tests.support.waiting import wait_until

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, and only Linux drops a slow consumer"),
    pytest.mark.timeout(300),
]
SETTINGS = chat_load.SETTINGS | {"max_messages_per_second": 1000}  # a sender that was late may catch up
MOST_SLOWER = 1.5  # times the p99 without a slow consumer
NOISE = 0.005  # seconds by which the p99 of two equal phases may differ
REPEATS = 3, 9  # at least and at most: a busy machine gets more phases, and all of them count
MORE_MEMORY = 2 << 20  # bytes


def test_a_slow_consumer_is_dropped_and_costs_the_others_nothing(service):
    """A slow consumer is dropped, and the others receive every message, in order and in time."""
    without, beside = run(compare(service))

    assert max(phase.memory for phase in beside) <= max(phase.memory for phase in without) + MORE_MEMORY
    assert as_fast(without, beside), f"p99 in ms: {p99s(without)} without, {p99s(beside)} beside"


async def compare(service):
    """Return the phases without a slow consumer, and the phases beside one; they alternate."""
    load, without, beside = ChatLoad(service), [], []
    await load.connect()
    while len(without) < REPEATS[0] or (len(without) < REPEATS[1] and not as_fast(without, beside)):
        without.append(complete(await load.send()))
        beside.append(complete(await load.send_beside_slow_consumer()))
        await check_dropped(beside[-1])
    await load.disconnect()
    return without, beside


def complete(phase):
    """Return the phase if every client received every message once, in order."""
    assert phase.received == {user: list(range(COUNT)) for user in USERS}
    return phase


async def check_dropped(phase):
    """Check that the slow consumer was dropped in time, and that each other client was notified once."""
    assert phase.dropped_after <= DROP_LIMIT
    await wait_until(lambda: phase.offline.total() >= len(USERS))
    assert phase.offline == dict.fromkeys(USERS, 1)


def as_fast(without, beside):
    """Return whether the p99 beside a slow consumer is as low as without one."""
    return median(p.p99 for p in beside) <= MOST_SLOWER * median(p.p99 for p in without) + NOISE


def p99s(phases):
    """Return the p99 of each phase in milliseconds, as text."""
    return ", ".join(f"{phase.p99 * 1000:.1f}" for phase in phases)
