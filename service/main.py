"""The application: ``create_app(settings)`` makes one."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles

from service.backplane import Backplane, MemoryBackplane
from service.chat import Room, chat
from service.connections import ConnectionManager
from service.endpoint import echo
from service.logs import hide_secrets
from service.settings import Settings

logger = logging.getLogger(__name__)
STATIC = Path(__file__).parent / "static"


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return a new service; without settings, they come from the environment."""
    hide_secrets()
    app = FastAPI(title="Echo", lifespan=_lifespan)
    init_state(app, settings or Settings())
    app.add_api_websocket_route("/items/ws", echo)
    app.add_api_websocket_route("/chat/ws", chat)
    app.add_api_route("/", playground, include_in_schema=False)
    app.add_api_route("/chat", chat_page, include_in_schema=False)
    app.add_api_route("/healthz", health)
    app.mount("/static", StaticFiles(directory=STATIC))
    return app


def init_state(app: FastAPI, settings: Settings) -> None:
    """Set the settings of an application, an empty connection manager and an empty room."""
    app.state.settings = settings
    app.state.manager = ConnectionManager(settings)
    app.state.backplane = make_backplane(settings)
    app.state.room = Room(app.state.backplane, settings.max_backlog_bytes)


def make_backplane(settings: Settings) -> Backplane:
    """Return the backplane for these settings; without a Redis URL, Redis is not imported."""
    if settings.redis_url is None:
        return MemoryBackplane()
    from service.redis_backplane import RedisBackplane

    return RedisBackplane(str(settings.redis_url), settings.heartbeat_seconds)


async def playground() -> FileResponse:
    """Serve the page for trying the echo."""
    return FileResponse(STATIC / "index.html")


async def chat_page() -> FileResponse:
    """Serve the page for trying the chat."""
    return FileResponse(STATIC / "chat.html")


async def health(request: Request) -> dict[str, str | bool]:
    """Return that the service is up, and whether it runs in demonstration mode."""
    return {"status": "ok", "demonstration": request.app.state.settings.demonstration}


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    if app.state.settings.demonstration:
        logger.warning("demonstration mode: the token is public; set ECHO_TOKENS to name your own")
    await app.state.backplane.start(app.state.room.on_notice)
    yield
    await app.state.backplane.stop()
