"""The ASGI application that a test server knows: others take turns on it.

A server is started once for a session. Each test then puts its application on the stage,
with that application's own lifespan, and takes it off when every client has been served.
"""

import asyncio
import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, cast

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from winnow.transports import Connect, Session, TimedOut

LIFESPAN_TIMEOUT = 10.0  # seconds
logger = logging.getLogger(__name__)


class Stage:
    """Hands each connection to the application that plays now, and knows who is still being served."""

    def __init__(self, timeout: float) -> None:
        self.loop: asyncio.AbstractEventLoop  # the server's, once it has started
        self._timeout = timeout
        self._app: ASGIApp
        self._state: dict[str, Any] = {}
        self._clients: dict[tuple[str, int], asyncio.Task[Any]] = {}  # and who serves them
        self._changed = threading.Condition()

    @contextmanager
    def play(self, app: ASGIApp) -> Iterator[None]:
        """Start this application, let it answer, and stop it when it has finished with every client."""
        lifespan = _Lifespan(app)
        self._wait(lifespan.start())
        self._app, self._state, self._clients = app, lifespan.state, {}
        try:
            yield
            self._wait_until(lambda: not self._clients)
        finally:
            for task in tuple(self._clients.values()):  # no later test is to wait for these
                self.loop.call_soon_threadsafe(task.cancel)
            self._wait(lifespan.stop())

    def wait_until_gone(self, client: tuple[str, int]) -> None:
        """Return when the application has finished with the client at this address."""
        self._wait_until(lambda: client not in self._clients)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one client, or the server's own start and stop."""
        if scope["type"] == "lifespan":
            await self._own_lifespan(receive, send)
            return
        clients, client = self._clients, tuple(scope["client"])
        with self._changed:
            clients[client] = cast("asyncio.Task[Any]", asyncio.current_task())
        try:
            await self._app({**scope, "state": self._state.copy()}, receive, send)
        except Exception as error:
            logger.error("the application raised %r", error)  # before anybody is told that it has finished
            raise
        finally:
            with self._changed:
                del clients[client]
                self._changed.notify_all()

    async def _own_lifespan(self, receive: Receive, send: Send) -> None:
        self.loop = asyncio.get_running_loop()
        for phase in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{phase}.complete"})

    def _wait(self, coroutine: Coroutine[Any, Any, None]) -> None:
        try:
            asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(LIFESPAN_TIMEOUT)
        except TimeoutError:
            raise TimedOut(f"the application's lifespan took more than {LIFESPAN_TIMEOUT:g} s") from None

    def _wait_until(self, fact: Callable[[], bool]) -> None:
        with self._changed:
            if not self._changed.wait_for(fact, self._timeout):
                raise TimedOut(f"the service had not finished {self._timeout:g} s after the client left")


class StageServer(ABC):
    """What the servers of all transports share: a stage, on which applications are served."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._stage = Stage(timeout)

    @contextmanager
    def serve(self, app: ASGIApp) -> Iterator[Connect]:
        """Let this application answer, lifespan included, and yield ``connect``."""
        with self._stage.play(app):
            yield self._connect

    @abstractmethod
    def _connect(self, path: str, **options: Any) -> AbstractContextManager[Session]: ...


class _Lifespan:
    """Runs one application's lifespan in a task of its own, as servers do."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.state: dict[str, Any] = {}

    async def start(self) -> None:
        """Return when the application has started, or has shown that it has no lifespan."""
        self._orders: asyncio.Queue[Message] = asyncio.Queue()
        self._answers: asyncio.Queue[Message] = asyncio.Queue()
        self._task = asyncio.create_task(self._run())
        await self._tell("lifespan.startup")

    async def stop(self) -> None:
        """Return when the application has stopped."""
        await self._tell("lifespan.shutdown")
        await self._task

    async def _run(self) -> None:
        """Run the application; one that returns or raises without an answer has no lifespan."""
        scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": self.state}
        try:
            await self._app(scope, self._orders.get, self._answers.put)
        except Exception as error:
            self._answers.put_nowait({"type": "none", "message": str(error)})
        else:
            self._answers.put_nowait({"type": "none"})

    async def _tell(self, order: str) -> None:
        if self._task.done():
            return
        self._orders.put_nowait({"type": order})
        answer = await self._answers.get()
        if answer["type"].endswith("failed"):
            raise RuntimeError(f"the application's {order} failed: {answer.get('message', '')}")
