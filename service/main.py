"""The application: ``create_app(settings)`` makes one, ``app`` is the one that servers run."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles

from service.backplane import Backplane, MemoryBackplane
from service.connections import ConnectionManager
from service.endpoint import echo
from service.logs import hide_secrets
from service.presence import Room, chat
from service.sending import Sender
from service.settings import Settings

logger = logging.getLogger(__name__)
STATIC = Path(__file__).parent / "static"


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return a service with a manager of its own; settings come from the environment if not given."""
    hide_secrets()
    app = FastAPI(title="Echo", lifespan=_lifespan)
    furnish(app, settings or Settings())
    app.add_api_websocket_route("/items/ws", echo)
    app.add_api_websocket_route("/chat/ws", chat)
    app.add_api_route("/", playground, include_in_schema=False)
    app.add_api_route("/chat", chat_page, include_in_schema=False)
    app.add_api_route("/healthz", health)
    app.mount("/static", StaticFiles(directory=STATIC))
    return app


def furnish(app: FastAPI, settings: Settings) -> None:
    """Give an application its settings, and a manager and a room with nobody in them."""
    app.state.settings = settings
    app.state.manager = ConnectionManager(settings)
    app.state.backplane = make_backplane(settings)
    app.state.room = Room(app.state.backplane, Sender(settings.max_backlog_bytes))


def make_backplane(settings: Settings) -> Backplane:
    """Return the backplane that the settings ask for; without a URL nothing of Redis is imported."""
    if settings.redis_url is None:
        return MemoryBackplane()
    from service.redis_backplane import RedisBackplane

    return RedisBackplane(str(settings.redis_url), settings.heartbeat_seconds)


async def playground() -> FileResponse:
    """Serve the page on which a person can try the WebSocket."""
    return FileResponse(STATIC / "index.html")


async def chat_page() -> FileResponse:
    """Serve the page on which people can try the chat."""
    return FileResponse(STATIC / "chat.html")


async def health(request: Request) -> dict[str, str | bool]:
    """Say that the service is up, and whether it runs with its public token."""
    return {"status": "ok", "demonstration": request.app.state.settings.demonstration}


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    if app.state.settings.demonstration:
        logger.warning("demonstration mode: the token is public; set ECHO_TOKENS to name your own")
    await app.state.backplane.start(app.state.room.hear)
    yield
    await app.state.backplane.stop()


app = create_app()
