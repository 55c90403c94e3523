"""The server under ``first90 web``: clients that never end their requests block nobody."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing

import httpx
import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from web import server
from web.server import MOST_CONNECTIONS, configuration

WHOLE = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
HALF = WHOLE[:-2]
SLOW = 3.0
HALF_BODY = b"POST /hooks HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf"


async def greet(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer any request with a word, once its body is there; one that breaks off takes long to end."""
    while (told := await receive()).get("more_body"):
        pass
    if told["type"] == "http.disconnect":
        await asyncio.sleep(SLOW)
        return
    if scope["path"] == "/slow":
        await asyncio.sleep(SLOW)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
def port() -> Iterator[int]:
    """Serve on a free port of the loopback."""
    config = configuration(greet, "127.0.0.1", 0)
    with closing(config.bind_socket()) as listening:
        listening.listen()
        running = uvicorn.Server(config)
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        running.force_exit = running.should_exit = True
        thread.join(10)


def begun(port: int, sent: bytes) -> socket.socket:
    """Return a connection on which so much of a request was sent."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection.sendall(sent)
    return connection


def ended(connection: socket.socket) -> bool:
    """Wait until the server ends the connection; return whether it said nothing before."""
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


@pytest.mark.parametrize("sent", [b"", HALF, HALF_BODY], ids=["no byte", "half a head", "half a body"])
def test_many_requests_that_never_end_keep_no_reader_out(port: int, sent: bytes) -> None:
    with ExitStack() as stack:
        for _ in range(MOST_CONNECTIONS + 50):
            stack.enter_context(closing(begun(port, sent)))
        for _ in range(5):
            assert httpx.get(f"http://127.0.0.1:{port}/").status_code == 200


def test_where_all_are_being_answered_a_further_one_is_refused_and_the_next_is_answered(port: int) -> None:
    slow = WHOLE.replace(b"/ ", b"/slow ")
    with ExitStack() as stack:
        for _ in range(MOST_CONNECTIONS):
            stack.enter_context(closing(begun(port, slow)))
        assert httpx.get(f"http://127.0.0.1:{port}/").status_code == 503
    assert httpx.get(f"http://127.0.0.1:{port}/").status_code == 200


@pytest.mark.parametrize("before", [b"", WHOLE], ids=["the first", "a later one"])
@pytest.mark.parametrize("sent", [HALF, HALF_BODY], ids=["half a head", "half a body"])
def test_a_request_that_does_not_come_in_ends_its_connection(
    port: int, before: bytes, sent: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "REQUEST_SECONDS", 0.2)
    with closing(begun(port, before or sent)) as connection:
        if before:
            assert connection.recv(4096).startswith(b"HTTP/1.1 200")
            connection.sendall(sent)
        while not ended(connection):
            pass


def test_a_connection_that_is_kept_serves_one_request_after_another(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "REQUEST_SECONDS", 0.2)
    pause = threading.Event()
    with httpx.Client() as client:
        for _ in range(3):
            assert client.post(f"http://127.0.0.1:{port}/", content=b"body").text == "ok"
            pause.wait(0.3)  # longer than a request may take: none is under way
        connections = client._transport._pool.connections  # type: ignore[attr-defined]
        assert len(connections) == 1
        assert connections[0]._connection._request_count == 3
