"""The graph behind the server: a store's folder or a file, looked at again whenever it changes.

A file is put into a store of its own in a temporary folder, so that all processes read the same thing. What
is being read is replaced only when the new state is ready: requests never wait for a change, nor see half.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import pyoxigraph as ox

from kg.errors import InputError, KgError
from kg.files import read_graph
from kg.model import content_id
from kg.serve.index import Index

logger = logging.getLogger(__name__)

INTERVAL = 2.0
"""Seconds between two looks at the files."""

_TRIES = 3
_OWN = "kg-serve-"


class Source:
    """What is served now (`index`, None until it has been read), and how it follows the files."""

    def __init__(self, path: Path) -> None:
        """`InputError` when there is no graph."""
        if not path.exists():
            raise InputError(
                f"{path}: no such graph; give a Turtle, N-Quads or TriG file, or a store's folder"
            )
        self.path = path
        self.index: Index | None = None
        self.place = path
        self.version = ""
        self.ready = asyncio.Event()
        self._own: list[Path] = []

    def open(self) -> None:
        """Make the store ready for queries; `InputError` when the graph cannot be read."""
        version = fingerprint(self.path)
        if not self.path.is_dir():
            place = Path(tempfile.mkdtemp(prefix=_OWN))
            self._own.append(place)
            graph = read_graph(self.path)
            store = ox.Store(str(place))
            store.bulk_extend(graph.store)
            store.flush()
            del store
            self.place = place
        else:
            with read_graph(self.path):  # a folder that is no store is told now
                pass
        self.version = version

    def read(self) -> None:
        """Read the state that is open into an index, and serve that from now on."""
        begun = time.monotonic()
        index = Index.read(self.place, self.version)
        index.prepare()
        self.index = index
        logger.info("read %d statements in %.1f s", len(index.claims), time.monotonic() - begun)

    async def follow(self) -> None:
        """Read the graph, then again whenever its files change, until cancelled."""
        while True:
            if self.index is None or self.index.version != self.version:
                try:
                    await asyncio.to_thread(self.read)
                    self.ready.set()
                    self._tidy()
                except (KgError, OSError, ValueError) as exc:
                    logger.warning("%s: cannot be read now, and will be tried again: %s", self.path, exc)
            await asyncio.sleep(INTERVAL)
            with suppress(OSError):
                if await asyncio.to_thread(fingerprint, self.path) != self.version:
                    await self._reopen()

    async def _reopen(self) -> None:
        # A build writes for a while: wait until the files have been still for a moment, but not for ever.
        for _ in range(_TRIES):
            before = await asyncio.to_thread(fingerprint, self.path)
            await asyncio.sleep(INTERVAL / 4)
            if before == await asyncio.to_thread(fingerprint, self.path):
                break
        try:
            await asyncio.to_thread(self.open)
        except (KgError, OSError, ValueError) as exc:
            logger.warning("%s: has changed, but cannot be read: %s", self.path, exc)

    def _tidy(self) -> None:
        """Remove the temporary stores of earlier states; those who still read them keep them open."""
        for place in [place for place in self._own if place != self.place]:
            shutil.rmtree(place, ignore_errors=True)
            self._own.remove(place)

    def close(self) -> None:
        """Remove the temporary stores."""
        for place in self._own:
            shutil.rmtree(place, ignore_errors=True)
        self._own.clear()


def fingerprint(path: Path) -> str:
    """Changes when a file, or anything in a store's folder, does. Logs of the engine do not count."""
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    seen = []
    for file in files:
        if file.name in ("LOCK", "IDENTITY") or file.name.startswith(("LOG", "OPTIONS")):
            continue
        with suppress(FileNotFoundError):
            state = file.stat()
            seen.append((file.name, state.st_size, state.st_mtime_ns))
    return content_id(*seen)
