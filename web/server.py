"""The HTTP server of ``first90 web``: one that clients who never end their requests do not block."""

import socket
from asyncio import Transport, get_running_loop
from typing import Any, cast

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

MOST_CONNECTIONS = 200
"""Open connections at a time. Our choice: a database connection serves each request in turn."""

REQUEST_SECONDS = 15
"""The longest time from the first byte that may come to the last byte of a request. Our choice: the largest webhook
is 1 MB."""

_WHOLE = frozenset({h11.DONE, h11.MUST_CLOSE, h11.CLOSED, h11.ERROR})


class PatientProtocol(H11Protocol):
    """HTTP/1.1 that gives a request ``REQUEST_SECONDS`` to come in, and the place of the slowest to the next client.

    The server closes idle connections only after a response; without this, a client that opens connections and sends
    half a request keeps its places for ever.
    """

    late: Any = None
    """The timer that ends the connection; None while a whole request is answered or the next one has not begun."""

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Wait for the first request, and make room for it; where every other one is being answered, it is refused."""
        super().connection_made(transport)
        self._wait()
        full = len(self.connections) >= MOST_CONNECTIONS and not self._make_room()
        # Not for all: the server also counts tasks, and that of an ended request takes a moment to notice its end.
        self.limit_concurrency = MOST_CONNECTIONS if full else None

    def data_received(self, data: bytes) -> None:
        """Take in a part of a request; the time for it runs from its first part."""
        super().data_received(data)
        if self.conn.their_state in _WHOLE:
            self._stop_waiting()
        elif self.late is None:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the timer with the connection."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self.late = get_running_loop().call_later(REQUEST_SECONDS, self._end)

    def _stop_waiting(self) -> None:
        if self.late is not None:
            self.late.cancel()
            self.late = None

    def _end(self) -> None:
        self.connections.discard(self)  # its place is free at once, before the loop calls connection_lost
        self.transport.abort()

    def _make_room(self) -> bool:
        """End the connection that has waited longest for the rest of its request; return whether there was one."""
        others = cast(set[Any], self.connections) - {self}
        waiting = [one for one in others if isinstance(one, PatientProtocol) and one.late is not None]
        if waiting:
            min(waiting, key=lambda one: one.late.when())._end()
        return bool(waiting)


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens on an address of this machine; port 0 takes a free one. Raise OSError if the address
    is taken, or none of this machine's."""
    return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)


def authority(host: str, port: int) -> str:
    """Return the address as it stands in a URL and in a Host header: an IPv6 address in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def configuration(app: ASGIApp, host: str, port: int) -> uvicorn.Config:
    """Return how the application is served. No access log: it would hold the links, and a link is a secret of its
    reader."""
    return uvicorn.Config(
        app,
        http=PatientProtocol,
        host=host,
        port=port,
        access_log=False,
        log_config=None,  # its loggers pass on what they hear to the command's
        log_level="warning",
        server_header=False,
        lifespan="off",
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=15,
        h11_max_incomplete_event_size=32_768,
    )
