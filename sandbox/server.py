"""Serves the sandbox over TLS, in a thread of a test or of ``first90 sandbox``."""

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from sandbox.rest.request import TRANSPORT

HOST = "localhost"
LONGEST_REQUEST = 4 * 1024 * 1024
"""Bytes of request line and headers that the server reads: enough that the org itself responds with 414."""


class _Wire(H11Protocol):
    """HTTP/1.1 that puts its connection into the scope, for faults that cut it."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        inner: ASGIApp = self.app

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await inner({**scope, TRANSPORT: transport}, receive, send)

        self.app = app


class _Server(uvicorn.Server):
    """A server that at its end waits for calls in flight, but not for idle clients, and leaves no connection open."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for connection in list(self.server_state.connections):
            if isinstance(connection, _Wire) and (connection.cycle is None or connection.cycle.response_complete):
                connection.transport.abort()
        await super().shutdown(sockets)
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        while self.server_state.connections:
            await asyncio.sleep(0.01)


def server(app: ASGIApp, server_file: Path) -> uvicorn.Server:
    """Return a server for an org's application; ``server_file`` holds certificate and key."""
    config = uvicorn.Config(
        app,
        http=_Wire,
        loop="asyncio",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_keep_alive=60,
        timeout_graceful_shutdown=1,
        h11_max_incomplete_event_size=LONGEST_REQUEST,
        ssl_certfile=server_file,
        ssl_version=ssl.PROTOCOL_TLS_SERVER,
    )
    return _Server(config)


def listen(port: int = 0) -> socket.socket:
    """Return a listening socket on the loopback; port 0: any free one. Raises OSError where the port is taken."""
    # IPPROTO_TCP is given, or asyncio leaves Nagle's algorithm on: 40 ms a call.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
        listening.listen(128)
    except OSError:
        listening.close()
        raise
    return listening


def address(listening: socket.socket) -> str:
    """Return the address of a listening socket."""
    return f"https://{HOST}:{listening.getsockname()[1]}"


@contextmanager
def serve(app: ASGIApp, server_file: Path, port: int = 0) -> Iterator[str]:
    """Serve an org from a thread; yield its address once it is started."""
    with listen(port) as listening:
        running = server(app, server_file)
        thread = Thread(target=running.run, args=([listening],), name="first90-sandbox", daemon=True)
        thread.start()
        try:
            while not running.started and thread.is_alive():
                thread.join(0.01)
            if not running.started:
                raise RuntimeError("the sandbox did not start")
            yield address(listening)
        finally:
            running.should_exit = True
            thread.join(10)
