"""What is served, where, for whom, and how much one request may take."""

from __future__ import annotations

import ipaddress
import secrets
from dataclasses import dataclass
from pathlib import Path

from kg.errors import InputError

MINIMUM = 16
"""Least number of characters of a token: with fewer it could be guessed over a network."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a graph is served.

    `token`: what readers have to send; needed for every `host` that other machines can reach. `seconds`: how
    long a query may run. `answer`: most bytes of an answer. `memory`: most bytes that a process which answers
    queries may take. `workers`: how many queries run at once; `waiting` more may wait. `request`: most bytes
    of a request. `patience`: seconds that a client may take to send a request. `connections`: at most so many
    at once.
    """

    graph: Path
    host: str = "127.0.0.1"
    port: int = 8000
    token: str | None = None
    seconds: float = 10.0
    answer: int = 32 * 2**20
    memory: int = 2 * 2**30
    workers: int = 2
    waiting: int = 64
    request: int = 256 * 2**10
    patience: float = 10.0
    connections: int = 200

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 65535:
            raise InputError(f"port {self.port}: give a number from 0 to 65535")
        if self.seconds <= 0 or self.workers < 1:
            raise InputError(f"{self.seconds} seconds, {self.workers} workers: both have to be positive")
        if self.token is not None and (len(self.token) < MINIMUM or not self.token.isascii()):
            raise InputError(f"the token needs at least {MINIMUM} ASCII characters, such as {example()}")
        if not self.is_local and self.token is None:
            raise InputError(
                f"host {self.host} can be reached from other machines, so readers need a token; put one into "
                f"a file and name it with --token-file, for example {example()}"
            )

    @property
    def is_local(self) -> bool:
        """True when only this machine can reach the address."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host.strip("[]")).is_loopback
        except ValueError:
            return False

    @property
    def hosts(self) -> list[str]:
        """Names by which a request may call this server; without a token, only names of this machine.

        A page elsewhere whose name its owner lets point to this machine would otherwise read the graph.
        """
        return ["*"] if self.token else sorted({"localhost", "127.0.0.1", "[::1]", self.host})


def example() -> str:
    """A token that nobody can guess."""
    return secrets.token_urlsafe(24)


def read_token(path: Path) -> str:
    """The first line of a file; `InputError` when it cannot be read or is empty."""
    try:
        lines = path.read_text(encoding="utf-8").split()
    except (OSError, UnicodeDecodeError) as exc:
        raise InputError(f"{path}: cannot be read as a token: {exc}") from exc
    if len(lines) != 1:
        raise InputError(f"{path}: holds {len(lines)} words; write the token and nothing else")
    return lines[0]
