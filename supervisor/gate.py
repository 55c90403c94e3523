"""Middleware in front of our own Prefect server: refuses requests of foreign web pages and to other host names.

A page cannot forge ``Host`` and ``Origin``: DNS rebinding shows in the first, a foreign page in the second. Prefect
itself asks for the login; this also protects what it serves without one.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from supervisor.login import hosts, origins

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MISDIRECTED, FORBIDDEN = 421, 403
POLICY = 1008
"""The close code of a refused WebSocket (RFC 6455, policy violation)."""


def guarded(app: App, port: int) -> App:
    """Return the application, which gets only requests for the server at this port of this machine."""
    known, pages = hosts(port), origins(port)

    def refusal(scope: Scope) -> tuple[int, str] | None:
        def all_of(name: bytes) -> list[str]:
            return [value.decode("latin-1").lower() for key, value in scope["headers"] if key.lower() == name]

        if len(named := all_of(b"host")) != 1 or named[0] not in known:
            return MISDIRECTED, f"this server is known as {' or '.join(sorted(known))} alone"
        if any(origin not in pages for origin in all_of(b"origin")):
            return FORBIDDEN, "another site may not ask this server"
        return None

    async def gate(scope: Scope, receive: Receive, send: Send) -> None:
        refused = refusal(scope) if scope["type"] in ("http", "websocket") else None
        if refused is None:
            await app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": POLICY, "reason": refused[1]})
        else:
            await _answer(send, *refused)

    return gate


async def _answer(send: Send, status: int, said: str) -> None:
    text = f"{said}\n".encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(text)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text})
