"""A mail provider at the other end of a socket, with records of its own, and faults on demand."""

import json
import socket
import socketserver
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from integrations.ports import Guarantee, OutgoingMessage, Unreachable
from onboarding.effects.send_result import ResultState, SendResult

Mood = Callable[[str, int], str]
"""A function from a key and its n-th offer to a fault or acceptance: see ``Provider.answer``."""


def friendly(key: str, offer: int) -> str:
    """Accept everything."""
    return "accept"


@dataclass
class Provider:
    """A provider. Tests check ``delivered``, not our tables."""

    port: int
    keyed: bool
    mood: Mood = friendly
    offers: Counter[str] = field(default_factory=Counter)
    delivered: Counter[str] = field(default_factory=Counter)
    mails: list[dict[str, Any]] = field(default_factory=list)
    """The mails with their content, in the order of arrival."""
    forgotten: set[str] = field(default_factory=set)
    """Keys that a ``keyed`` provider no longer remembers."""
    release: threading.Event = field(default_factory=threading.Event)
    """Set when what hangs may go on."""
    reached: threading.Event = field(default_factory=threading.Event)
    """Set when something began to hang."""

    def answer(self, call: dict[str, Any]) -> dict[str, Any] | None:
        """Return the response; None: the connection breaks."""
        key = call["key"]
        if call["verb"] == "find":
            return {"id": f"<{key}>" if key in self.delivered else None}
        self.offers[key] += 1
        word, _, more = self.mood(key, self.offers[key]).partition(" ")
        match word:
            case "accept":
                return {"state": "sent", "id": self._deliver(call)}
            case "accept-and-break":
                self._deliver(call)
                return None
            case "break":
                return None
            case "busy":
                return {"state": "transient", "retry_after": float(more) if more else None}
            case "refuse":
                return {"state": "permanent"}
            case "hang-then-accept":
                self.reached.set()
                self.release.wait(60)
                return {"state": "sent", "id": self._deliver(call)}
            case "hang":
                self.reached.set()
                self.release.wait(60)
                return None
        raise AssertionError(word)

    def _deliver(self, call: dict[str, Any]) -> str:
        key = call["key"]
        if not (self.keyed and key in self.delivered and key not in self.forgotten):
            self.delivered[key] += 1
            self.mails.append({**call["payload"], "key": key})
            self.forgotten.discard(key)
        return f"<{key}>"


@contextmanager
def provider(keyed: bool = False) -> Iterator[Provider]:
    """Serve a provider on this machine."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            answer = there.answer(json.loads(self.rfile.readline()))
            if answer is not None:
                self.wfile.write(json.dumps(answer).encode() + b"\n")

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        there = Provider(port=server.server_address[1], keyed=keyed)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield there
        finally:
            there.release.set()
            server.shutdown()
            thread.join()


class Wire:
    """The sender to such a provider. After the bytes have left only a response settles the result."""

    embedded = True
    slots = 1
    key_life = None

    def __init__(self, port: int, guarantee: Guarantee, batch: int = 50) -> None:
        self._port, self.guarantee, self.batch = port, guarantee, batch

    def send(self, messages: Sequence[OutgoingMessage]) -> Sequence[SendResult]:
        return [self._send(outgoing) for outgoing in messages]

    def find(self, key: str) -> str | None:
        try:
            found = self._call({"verb": "find", "key": key})
        except OSError:
            raise Unreachable("the provider does not answer") from None
        if found is None:
            raise Unreachable("the provider broke off")
        return found["id"]  # type: ignore[no-any-return]

    def own_milestones(self) -> None:
        """As a CRM that cannot tell its own writes from others'."""

    def _send(self, outgoing: OutgoingMessage) -> SendResult:
        try:
            answer = self._call({"verb": "send", "key": outgoing.key, "payload": dict(outgoing.payload)})
        except ConnectionRefusedError:
            return SendResult(state=ResultState.TRANSIENT, error="nobody listens")
        if answer is None:
            return SendResult(state=ResultState.UNKNOWN, error="the connection broke")
        return SendResult(
            state=ResultState(answer["state"]),
            provider_id=answer.get("id"),
            error=None if answer["state"] == "sent" else "the provider said no",
            retry_after=answer.get("retry_after"),
        )

    def _call(self, call: dict[str, Any]) -> dict[str, Any] | None:
        with socket.create_connection(("127.0.0.1", self._port), timeout=30) as line, line.makefile("rb") as answers:
            line.sendall(json.dumps(call).encode() + b"\n")
            try:
                text = answers.readline()
            except ConnectionResetError:
                return None
        return json.loads(text) if text else None


@contextmanager
def nobody() -> Iterator[int]:
    """Return a port without a server."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]
