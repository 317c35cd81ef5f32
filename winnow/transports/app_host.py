"""The ASGI application that a test server runs: it passes each connection to the application of a test.

A server is started once for a session. Each test gives its application to the stage. The stage starts
the application with its lifespan, and stops it when it has finished with every client.
"""

import asyncio
import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.types import ASGIApp, Receive, Scope, Send

from winnow.transports import Connect, Session, TimedOut, foreign_loops
from winnow.transports.errors import advice
from winnow.transports.lifespan import Lifespan

if TYPE_CHECKING:
    import httpx2

START_TIMEOUT = LIFESPAN_TIMEOUT = 10.0  # seconds
Address = tuple[str, int]  # host and port
logger = logging.getLogger(__name__)


class Stage:
    """Passes each connection to the current application, and records the clients that it still serves.

    Clients are identified by the address of their connection: a header cannot change it.
    """

    def __init__(self, timeout: float) -> None:
        self.loop: asyncio.AbstractEventLoop  # the server's, once it has started
        self._timeout = timeout
        self._app: ASGIApp
        self._state: dict[str, Any] = {}
        self._serving: dict[asyncio.Task[Any] | None, Address] = {}
        self._errors: dict[Address, BaseException] = {}
        self._changed = threading.Condition()

    @contextmanager
    def play(self, app: ASGIApp) -> Iterator[None]:
        """Start this application, serve it, and stop it when it has finished with every client.

        Raises  TypeError if it is not an application, RuntimeError if its lifespan fails.
        """
        if not callable(app):
            raise TypeError(f"an ASGI application can be called, and {app!r} cannot")
        lifespan = Lifespan(app)
        self._wait(lifespan.start())
        self._app, self._state, self._serving, self._errors = app, lifespan.state, {}, {}
        foreign_loops.noticed.pop(self.loop, None)
        try:
            yield
            self._wait_until(lambda: not self._serving)
        finally:
            for task in tuple(self._serving):  # no later test may wait for these
                if task:
                    self.loop.call_soon_threadsafe(task.cancel)
            self._wait(lifespan.stop())

    def wait_until_gone(self, client: Address) -> None:
        """Return when the application has finished with the client at this address."""
        self._wait_until(lambda: client not in self._serving.values())

    def error(self, client: Address) -> BaseException | None:
        """Return the last exception of the application while it served this client, or None."""
        return self._errors.get(client)

    def advice(self) -> str:
        """Return a problem of the application that was detected, otherwise ""."""
        return advice(foreign_loops.noticed.get(self.loop, ""))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one client, or the server's own start and stop."""
        if scope["type"] == "lifespan":
            await self._own_lifespan(receive, send)
            return
        serving, task, client = self._serving, asyncio.current_task(), tuple(scope["client"])
        with self._changed:
            serving[task] = client
        try:
            await self._app({**scope, "state": self._state.copy()}, receive, send)
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # SystemExit would end the event loop that all tests share
            self._errors[client] = error  # before the client counts as finished
            logger.error("the application raised %r%s", error, advice(str(error)))
            if isinstance(error, Exception):
                raise
            raise RuntimeError(f"the application raised {error!r}") from error
        finally:
            with self._changed:
                del serving[task]
                self._changed.notify_all()

    async def _own_lifespan(self, receive: Receive, send: Send) -> None:
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


@dataclass(frozen=True, repr=False)
class Served(Connect):
    """The functions that a test uses while its application is served."""

    connect: Callable[..., AbstractContextManager[Session]]
    client: Callable[[], "AbstractContextManager[httpx2.Client]"]

    def __call__(self, path: str, **options: Any) -> AbstractContextManager[Session]:
        """Open a session."""
        return self.connect(path, **options)

    def http(self) -> "AbstractContextManager[httpx2.Client]":
        """Open an HTTP client."""
        return self.client()


class StageServer(ABC):
    """The base of the servers of all transports: an event loop in its own thread, and a stage."""

    def __init__(self, name: str, timeout: float) -> None:
        self._timeout = timeout
        self._stage = Stage(timeout)
        self._ready = threading.Event()
        self._stopped: asyncio.Event
        self._thread = threading.Thread(target=self._run, name=f"winnow-{name}", daemon=True)

    def start(self) -> None:
        """Return when the server answers."""
        foreign_loops.watch()
        self._thread.start()
        if not self._ready.wait(START_TIMEOUT):
            raise TimedOut(f"the server did not start within {START_TIMEOUT:g} s")

    def stop(self) -> None:
        """Tell the server to stop; ``join`` waits for it."""
        self._stage.loop.call_soon_threadsafe(self._stopped.set)

    def join(self) -> None:
        """Wait for the server's thread."""
        self._thread.join(START_TIMEOUT)

    @contextmanager
    def serve(self, app: ASGIApp) -> Iterator[Connect]:
        """Serve this application, lifespan included, and yield ``connect``."""
        with self._stage.play(app):
            yield Served(self._connect, self._http)

    def _run(self) -> None:
        """Run the server; a task of the application that raises SystemExit does not stop it."""
        with asyncio.Runner(loop_factory=self._loop_factory()) as runner:
            self._stage.loop = loop = runner.get_loop()
            serving = loop.create_task(self._stay())
            while not serving.done():
                with suppress(SystemExit, KeyboardInterrupt):
                    loop.run_until_complete(serving)

    def _loop_factory(self) -> Callable[[], asyncio.AbstractEventLoop] | None:
        """Return the function that creates the event loop; None means asyncio's default."""
        return None

    async def _stay(self) -> None:
        """Serve until ``stop``."""
        self._stopped = asyncio.Event()
        self._ready.set()
        await self._stopped.wait()

    @abstractmethod
    def _connect(self, path: str, **options: Any) -> AbstractContextManager[Session]: ...

    @abstractmethod
    def _http(self) -> "AbstractContextManager[httpx2.Client]": ...
