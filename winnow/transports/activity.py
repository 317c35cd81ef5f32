"""What the event loops and threads of this process are doing.

asyncio, its executors and anyio have no public interface for this. Only this module reads their
private attributes. If an attribute is missing, the answer is "at work": then a test waits for its
time-out, and no deadlock is detected. Child processes count too: code that waits for one watches a
pipe, or has a waiting thread or a timer.
"""

import asyncio
import sys
import threading
from types import FrameType
from typing import Any

OURS = ("winnow-", "pytest_timeout")  # threads that do not send anything by themselves
WAITING = ("threading", "queue")  # modules with functions in which a thread waits for another one


class Loop:
    """The internal state of an event loop. Times are those of its own clock."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.time = loop.time
        self._loop = loop

    @property
    def ready(self) -> bool:
        """Whether a callback is ready to run; False if that is unknown."""
        return bool(getattr(self._loop, "_ready", ()))

    def next_timer(self) -> float | None:
        """Return when the next timer ends; None if there is none."""
        timers = getattr(self._loop, "_scheduled", ())
        return min((timer.when() for timer in timers if not timer.cancelled()), default=None)

    def idle_until(self, deadline: float) -> bool:
        """Return whether no callback is ready, no socket watched, and no timer ends by then."""
        private: Any = self._loop
        try:
            own_pipe = 1
            nothing = not private._ready and len(private._selector.get_map()) <= own_pipe
            private._scheduled  # noqa: B018 - without this attribute, timers are unknown
        except AttributeError:
            return False  # another kind of loop
        timer = self.next_timer()
        return nothing and (timer is None or timer > deadline)


def thread_at_work(loop: Loop, deadline: float) -> bool:
    """Return whether another thread than the test's and this loop's works, or may do so by then."""
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    known = (threading.get_ident(), threading.main_thread().ident)
    return any(
        not _at_rest(frame, loop, deadline)
        for thread, frame in sys._current_frames().items()
        if thread not in known and not names.get(thread, "").startswith(OURS)
    )


def _at_rest(frame: FrameType, loop: Loop, deadline: float) -> bool:
    """Return whether a thread waits for new work; if that is unknown, return False."""
    waiting = _outside(frame, WAITING)
    place = waiting.f_globals.get("__name__"), waiting.f_code.co_name
    try:
        if place == ("concurrent.futures.thread", "_worker"):
            return _executor_rests(waiting.f_locals)
        if place == ("anyio._backends._asyncio", "run"):
            worker: Any = waiting.f_locals["self"]
            return worker in worker.idle_workers
        if place[0] == "selectors":
            other = _loop_of(waiting)
            return other.idle_until(other.time() + deadline - loop.time())
    except (AttributeError, KeyError):
        pass
    return False


def _executor_rests(variables: dict[str, Any]) -> bool:
    """Return whether a worker of an executor has nothing to do, and no job waits for the executor.

    If a job waits for a thread that has not woken up yet, the executor counts this job already.
    """
    executor = variables["executor_reference"]()
    return (
        variables.get("work_item") is None
        and bool(variables["work_queue"].empty())
        and bool(executor._idle_semaphore._value >= len(executor._threads))
    )


def _outside(frame: FrameType, modules: tuple[str, ...]) -> FrameType:
    """Return the innermost frame that is in none of these modules."""
    while frame.f_globals.get("__name__") in modules and frame.f_back:
        frame = frame.f_back
    return frame


def _loop_of(frame: FrameType | None) -> Loop:
    """Return the event loop that runs in the thread of this frame; raise KeyError if none does."""
    while frame:
        if frame.f_code.co_name == "run_forever":
            return Loop(frame.f_locals["self"])
        frame = frame.f_back
    raise KeyError("run_forever")
