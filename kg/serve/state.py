"""What all requests share: the settings, the graph, and the processes that answer queries."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, cast

from fastapi import Request
from starlette.exceptions import HTTPException

from kg.serve.index import Index
from kg.serve.pool import Pool
from kg.serve.settings import Settings
from kg.serve.source import Source
from kg.serve.worker import Job

_WAIT = 30.0
"""Seconds that a page waits while a large graph is read after the start."""


@dataclass(frozen=True)
class State:
    """The parts of a running server."""

    settings: Settings
    source: Source
    pool: Pool

    def job(self, **what: Any) -> Job:
        """A job on the state of the store that is open now."""
        return Job(self.source.place, self.source.version, most=self.settings.answer, **what)


def state_of(request: Request) -> State:
    """The parts of the server that answers a request."""
    return cast("State", request.app.state.kg)


async def current(request: Request) -> Index:
    """What the pages are made of, as soon as it has been read; 503 when that takes long."""
    source = state_of(request).source
    try:
        async with asyncio.timeout(_WAIT):
            await source.ready.wait()
    except TimeoutError:
        raise HTTPException(503, "the graph is still being read; try again in a moment") from None
    assert source.index is not None
    return source.index
