"""The application, and the server that runs it."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from kg import __version__
from kg.errors import InputError
from kg.serve import api, pages, protocol, things
from kg.serve.guard import Guard, Patient
from kg.serve.pool import Pool
from kg.serve.settings import Settings
from kg.serve.source import Source
from kg.serve.state import State

logger = logging.getLogger(__name__)

STATIC = Path(__file__).parent / "static"


def application(settings: Settings, source: Source | None = None) -> Guard:
    """The whole application behind its guard; `InputError` when the graph cannot be read."""
    held = source or Source(settings.graph)
    if not held.version:
        held.open()

    @asynccontextmanager
    async def living(app: FastAPI) -> AsyncIterator[None]:
        pool = Pool(settings)
        app.state.kg = State(settings, held, pool)
        task = asyncio.create_task(held.follow())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            pool.close()
            held.close()

    app = FastAPI(
        title="bilateral-kg",
        version=__version__,
        description="Who did what to whom among states and organisations, with the sentences. Read-only.",
        lifespan=living,
        docs_url=None,  # the usual pages come from a network of others
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
    )
    app.mount("/static", StaticFiles(directory=STATIC), "static")
    for part in (protocol, api, things, pages):
        app.include_router(part.router)
    pages.errors(app)
    return Guard(app, settings)


def listen(settings: Settings) -> socket.socket:
    """The open address; `InputError` when it is taken or not of this machine."""
    host = settings.host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, settings.port), family=family, backlog=256)
    except OSError as exc:
        raise InputError(
            f"{settings.host}:{settings.port} cannot be used: {exc.strerror or exc}; choose another --port"
        ) from exc


def run(settings: Settings) -> None:
    """Serve until Ctrl-C."""
    sock = listen(settings)
    source = Source(settings.graph)
    source.open()
    patient = type("Patient", (Patient,), {"patience": settings.patience})
    config = uvicorn.Config(
        application(settings, source),
        http=patient,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,  # addresses hold what people ask
        server_header=False,
        proxy_headers=False,
        limit_concurrency=settings.connections,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=2,
        h11_max_incomplete_event_size=64 * 1024,
    )
    host, port = sock.getsockname()[:2]
    logger.warning(
        "%s on http://%s:%d/ (Ctrl-C stops)", settings.graph, f"[{host}]" if ":" in host else host, port
    )
    try:
        uvicorn.Server(config).run(sockets=[sock])
    finally:
        source.close()
