"""What stands before every request: who may ask, how much and how slowly; and the headers of every answer."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
from collections.abc import Iterable
from urllib.parse import urlsplit

import h11
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from kg.serve.settings import Settings

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""What a page may do: use what this server gives, and nothing that stands in the page itself."""

HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class Guard:
    """An application with a guard in front: host names, token, size and pace of requests, headers."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app, self.settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer why not."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers.setdefault("cache-control", "no-cache")
            await send(message)

        refused = self._refused(Headers(scope=scope))
        body = b""
        if refused is None:
            try:
                async with asyncio.timeout(self.settings.patience):
                    body = await self._body(receive)
            except TimeoutError:
                refused = PlainTextResponse("the request came too slowly\n", 408, {"connection": "close"})
            except _TooLargeError:
                refused = _too_large(self.settings.request)
            except _GoneError:
                return
        if refused is not None:
            await refused(scope, receive, with_headers)
            return
        if scope["method"] == "HEAD":  # like GET; the server sends no body
            scope = {**scope, "method": "GET"}
        await self.app(scope, _replay(body, receive), with_headers)

    def _refused(self, headers: Headers) -> PlainTextResponse | None:
        settings = self.settings
        if "*" not in settings.hosts and _host(headers.get("host", "")) not in settings.hosts:
            return PlainTextResponse("this server does not answer to that host name\n", 400)
        if headers.get("sec-fetch-site") == "cross-site" and headers.get("sec-fetch-mode") != "navigate":
            return PlainTextResponse("pages of other sites may not read this one\n", 403)
        if settings.token is not None and not _knows(headers.get("authorization", ""), settings.token):
            return PlainTextResponse(
                "a token is needed: as a bearer token, or as password with any user name\n",
                401,
                {"www-authenticate": 'Basic realm="kg", charset="UTF-8"'},
            )
        if _number(headers.get("content-length", "0")) > settings.request:
            return _too_large(settings.request)
        return None

    async def _body(self, receive: Receive) -> bytes:
        parts, size = [], 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise _GoneError
            part = message.get("body", b"")
            size += len(part)
            if size > self.settings.request:
                raise _TooLargeError
            parts.append(part)
            if not message.get("more_body"):
                return b"".join(parts)


class _TooLargeError(Exception):
    """More bytes than a request may have."""


class _GoneError(Exception):
    """The client has gone."""


def _too_large(most: int) -> PlainTextResponse:
    return PlainTextResponse(f"a request may have {most:,} bytes\n", 413, {"connection": "close"})


def _replay(body: bytes, receive: Receive) -> Receive:
    waiting: Iterable[Message] = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def again() -> Message:
        for message in waiting:
            return message
        return await receive()

    return again


def _host(header: str) -> str:
    try:
        name = urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return ""
    return f"[{name}]" if ":" in name else name


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


def _knows(authorization: str, token: str) -> bool:
    """Whether a header has the token; takes equally long for every wrong one."""
    scheme, _, given = authorization.partition(" ")
    if scheme.lower() == "basic":
        try:
            given = base64.b64decode(given, validate=True).decode("utf-8").partition(":")[2]
        except (binascii.Error, UnicodeDecodeError, ValueError):
            given = ""
    elif scheme.lower() != "bearer":
        given = ""
    return hmac.compare_digest(given.strip().encode(), token.encode())


class Patient(H11Protocol):
    """The server's HTTP, with a limit on the time that the head of a request may take.

    Without it, clients that send a byte now and then would hold all connections.
    """

    patience = 10.0
    _clock: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the clock."""
        super().connection_made(transport)
        self._clock = self.loop.call_later(self.patience, self._late)

    def data_received(self, data: bytes) -> None:
        """Stop the clock when the head of a request is complete; start it when the next begins."""
        super().data_received(data)
        waiting = self.conn.their_state is h11.IDLE
        if not waiting and self._clock:
            self._clock.cancel()
            self._clock = None
        elif waiting and self._clock is None and self.conn.trailing_data[0]:
            self._clock = self.loop.call_later(self.patience, self._late)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        if self._clock:
            self._clock.cancel()
        super().connection_lost(exc)

    def _late(self) -> None:
        self._clock = None
        if self.conn.their_state is h11.IDLE:
            self.transport.close()
