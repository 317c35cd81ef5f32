"""The start and the stop of an ASGI application, on the event loop that will serve it."""

import asyncio
from typing import Any

from starlette.types import ASGIApp, Message


class Lifespan:
    """Runs one application's lifespan in a task of its own, as servers do."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.state: dict[str, Any] = {}

    async def start(self) -> None:
        """Return when the application has started; raise what it raised if it did not."""
        self._orders: asyncio.Queue[Message] = asyncio.Queue()
        self._answers: asyncio.Queue[Message] = asyncio.Queue()
        scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": self.state}
        self._task = asyncio.create_task(self._app(scope, self._orders.get, self._answers.put))  # type: ignore[arg-type]
        await self._tell("lifespan.startup")

    async def stop(self) -> None:
        """Return when the application has stopped."""
        await self._tell("lifespan.shutdown")

    async def _tell(self, order: str) -> None:
        if self._task.done():
            return  # it has no lifespan: the specification lets an application raise, or return
        self._orders.put_nowait({"type": order})
        answer = asyncio.create_task(self._answers.get())
        await asyncio.wait({answer, self._task}, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            answer.cancel()
            self._task.exception()
        elif answer.result()["type"].endswith("failed"):
            raise RuntimeError(f"the application's {order} failed: {answer.result().get('message', '')}")
