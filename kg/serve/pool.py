"""Processes that answer queries: so many at once, each killed and replaced when it takes too long."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import queue
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from kg.serve.settings import Settings
from kg.serve.worker import Job, Reply, main, refusal

logger = logging.getLogger(__name__)

_SPAWN = multiprocessing.get_context("spawn")  # a fork of a process with threads may hang


_START = 60.0
"""Seconds that a process may take to begin, on a busy machine."""


class _Worker:
    """A process and the pipe to it."""

    def __init__(self, memory: int) -> None:
        ours, theirs = _SPAWN.Pipe()
        self.pipe: Connection = ours
        self.process: BaseProcess = _SPAWN.Process(target=main, args=(theirs, memory), daemon=True)
        self.process.start()
        theirs.close()
        self.ready = False

    def work(self, job: Job, seconds: float) -> Reply | None:
        """The answer; None when it did not come in time or the process ended, which is then killed."""
        try:
            if not self.ready and self.pipe.poll(_START):
                self.pipe.recv()
                self.ready = True
            self.pipe.send(job)
            if self.pipe.poll(seconds):
                reply = self.pipe.recv()
                assert isinstance(reply, Reply)
                return reply
        except (EOFError, OSError):
            pass
        self.kill()
        return None

    def kill(self) -> None:
        """End the process, whatever it does."""
        self.process.kill()
        self.process.join()
        self.pipe.close()


class Pool:
    """`settings.workers` processes; `settings.waiting` jobs may wait for one, others are turned away."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        self._threads = ThreadPoolExecutor(settings.workers, "kg-query")
        self._pending = 0
        self._lock = threading.Lock()
        self._all: set[_Worker] = set()
        for _ in range(settings.workers):
            self._start()

    def _start(self) -> None:
        worker = _Worker(self._settings.memory)
        with self._lock:
            self._all.add(worker)
        self._idle.put(worker)

    async def ask(self, job: Job) -> Reply:
        """The answer to a job: 422 when it takes too much time or memory, 503 when too many are waiting."""
        if self._pending >= self._settings.workers + self._settings.waiting:
            return refusal(503, "too many queries are waiting; ask again in a moment")
        self._pending += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._work, job)
        finally:
            self._pending -= 1

    def _work(self, job: Job) -> Reply:
        worker = self._idle.get()
        seconds, begun = self._settings.seconds, time.monotonic()
        reply = worker.work(job, seconds)
        if reply is not None:
            self._idle.put(worker)
            return reply
        with self._lock:
            self._all.discard(worker)
        self._start()
        if time.monotonic() - begun >= seconds:
            logger.info("a query was stopped after %g seconds", seconds)
            return refusal(422, f"stopped after {seconds:g} seconds; ask for less, or use LIMIT")
        logger.info("a query was stopped because its process ended (code %s)", worker.process.exitcode)
        return refusal(422, "stopped, since it needed more memory than it may have; ask for less")

    def close(self) -> None:
        """End all processes."""
        with self._lock:
            for worker in self._all:
                worker.kill()
            self._all.clear()
        self._threads.shutdown(wait=False, cancel_futures=True)
