"""Slack's end of Socket Mode: a real WebSocket server that sends envelopes and records acknowledgements."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from tests.integrations.slack.far_slack import FarSlack

SECONDS = 20


@dataclass
class Exchange:
    """Slack's end of the connections: sends envelopes and records acknowledgements."""

    lines: list[ServerConnection] = field(default_factory=list)
    acknowledged: list[tuple[str, float]] = field(default_factory=list)
    told: dict[str, Mapping[str, Any] | None] = field(default_factory=dict)
    """What came with each acknowledgement."""
    changed: threading.Condition = field(default_factory=threading.Condition)

    def answer(self, line: ServerConnection) -> None:
        line.send(json.dumps({"type": "hello", "num_connections": 1}))
        with self.changed:
            self.lines.append(line)
            self.changed.notify_all()
        try:
            for message in line:
                told = json.loads(message)
                with self.changed:
                    self.acknowledged.append((told["envelope_id"], time.monotonic()))
                    self.told[told["envelope_id"]] = told.get("payload")
                    self.changed.notify_all()
        except ConnectionClosed:
            pass

    def send(self, envelope: str, payload: Mapping[str, Any], kind: str = "interactive") -> None:
        told = {"envelope_id": envelope, "type": kind, "payload": payload, "accepts_response_payload": True}
        self.lines[-1].send(json.dumps(told))

    def until(self, holds: Callable[[], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(holds, SECONDS)

    @property
    def ids(self) -> list[str]:
        return [name for name, _ in self.acknowledged]


@contextmanager
def exchange(slack: FarSlack) -> Iterator[Exchange]:
    there = Exchange()
    with serve(there.answer, "127.0.0.1", 0) as server:
        slack.ws_url = f"ws://127.0.0.1:{server.socket.getsockname()[1]}/link?ticket=1"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield there
        finally:
            for line in there.lines:
                line.close()
            server.shutdown()
            thread.join()
