"""Starts and stops an application, as a server does."""

import asyncio
from typing import Any

from starlette.types import ASGIApp, Message

from winnow.transports.errors import advice, because


class Lifespan:
    """Runs the lifespan of one application in its own task, as servers do."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._exit: BaseException | None = None  # SystemExit or KeyboardInterrupt of the application
        self.state: dict[str, Any] = {}

    async def start(self) -> None:
        """Return when the application has started, or has no lifespan."""
        self._orders: asyncio.Queue[Message] = asyncio.Queue()
        self._answers: asyncio.Queue[Message] = asyncio.Queue()
        self._task = asyncio.create_task(self._run())
        await self._tell("lifespan.startup")

    async def stop(self) -> None:
        """Return when the application has stopped."""
        await self._tell("lifespan.shutdown")
        await self._task

    async def _run(self) -> None:
        """Run the application; if it returns or raises without an answer, it has no lifespan."""
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self.state}
        message = ""
        try:
            await self._app(scope, self._orders.get, self._answers.put)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            message = str(error)
        except BaseException as error:  # it must not reach the event loop, because it would end it
            self._exit = error
        self._answers.put_nowait({"type": "none", "message": message})

    async def _tell(self, order: str) -> None:
        answer: Message = {"type": "none"}
        if not self._task.done():
            self._orders.put_nowait({"type": order})
            answer = await self._answers.get()
        if self._exit:
            raise RuntimeError(f"the application's {order} failed{because(self._exit)}") from self._exit
        if answer["type"].endswith("failed"):
            message = answer.get("message", "")
            raise RuntimeError(f"the application's {order} failed: {message}{advice(message)}")
