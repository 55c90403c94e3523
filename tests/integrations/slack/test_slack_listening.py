"""Socket Mode over a real WebSocket: every envelope is acknowledged at once, and none is lost with a connection."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic import SecretStr
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from integrations.ports import Unreachable
from integrations.slack.socket_mode import listening
from tests.integrations.slack.far_slack import APP_TOKEN, FarSlack

SECONDS = 20


@dataclass
class Exchange:
    """Slack's end of the connections: sends envelopes and records acknowledgements."""

    lines: list[ServerConnection] = field(default_factory=list)
    acknowledged: list[tuple[str, float]] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def answer(self, line: ServerConnection) -> None:
        line.send(json.dumps({"type": "hello", "num_connections": 1}))
        with self.changed:
            self.lines.append(line)
            self.changed.notify_all()
        try:
            for message in line:
                with self.changed:
                    self.acknowledged.append((json.loads(message)["envelope_id"], time.monotonic()))
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


class Heard:
    """The payloads that were received, and how long each takes."""

    def __init__(self, there: Exchange) -> None:
        self.payloads: list[Mapping[str, Any]] = []
        self.there, self.hold = there, threading.Event()
        self.hold.set()

    def __call__(self, payload: Mapping[str, Any]) -> None:
        self.hold.wait(SECONDS)
        if payload.get("broken"):
            raise ValueError("a fault of ours")
        with self.there.changed:
            self.payloads.append(payload)
            self.there.changed.notify_all()


def test_an_envelope_is_acknowledged_before_the_work_is_done(slack: FarSlack) -> None:
    with exchange(slack) as there:
        heard = Heard(there)
        heard.hold.clear()
        with listening(SecretStr(APP_TOKEN), slack.api_url, heard):
            there.until(lambda: bool(there.lines))
            for number in range(20):
                there.send(f"e{number}", {"n": number})
            there.until(lambda: len(there.ids) == 20)
            assert heard.payloads == []
            heard.hold.set()
            there.until(lambda: len(heard.payloads) == 20)
    assert sorted(there.ids) == sorted(f"e{number}" for number in range(20))


def test_what_was_acknowledged_is_finished_on_the_way_out(slack: FarSlack) -> None:
    with exchange(slack) as there:
        heard = Heard(there)
        heard.hold.clear()
        with listening(SecretStr(APP_TOKEN), slack.api_url, heard):
            there.until(lambda: bool(there.lines))
            there.send("e1", {"n": 1})
            there.until(lambda: there.ids == ["e1"])
            threading.Timer(0.2, heard.hold.set).start()
        assert heard.payloads == [{"n": 1}]


def test_a_line_that_ends_is_replaced(slack: FarSlack) -> None:
    with exchange(slack) as there:
        heard = Heard(there)
        with listening(SecretStr(APP_TOKEN), slack.api_url, heard):
            there.until(lambda: bool(there.lines))
            there.lines[0].send(json.dumps({"type": "disconnect", "reason": "refresh_requested"}))
            there.until(lambda: len(there.lines) > 1)
            there.send("e1", {"n": 1})
            there.until(lambda: len(heard.payloads) == 1)
            there.lines[-1].close(1011)
            there.until(lambda: len(there.lines) > 2)
            there.send("e2", {"n": 2})
            there.until(lambda: heard.payloads == [{"n": 1}, {"n": 2}])


def test_other_envelopes_and_faults_of_ours_do_not_stop_the_listening(
    slack: FarSlack, caplog: pytest.LogCaptureFixture
) -> None:
    with exchange(slack) as there:
        heard = Heard(there)
        with listening(SecretStr(APP_TOKEN), slack.api_url, heard):
            there.until(lambda: bool(there.lines))
            there.send("e1", {"n": 1}, kind="events_api")
            there.send("e2", {"broken": True, "name": "Canary"})
            there.send("e3", {"n": 3})
            there.until(lambda: heard.payloads == [{"n": 3}])
            there.until(lambda: len(there.ids) == 3)
    assert "ValueError" in caplog.text
    assert "Canary" not in caplog.text
    assert "xapp" not in caplog.text


def test_a_token_that_is_refused_is_told_with_its_mend(slack: FarSlack) -> None:
    with (
        pytest.raises(Unreachable, match=r"FIRST90_SLACK_APP_TOKEN .* connections:write"),
        listening(SecretStr("xapp-old"), slack.api_url, lambda payload: None),
    ):
        pass


def test_a_slack_that_cannot_be_reached_is_told() -> None:
    with (
        pytest.raises(Unreachable, match="cannot be reached"),
        listening(SecretStr(APP_TOKEN), "http://127.0.0.1:9/api", lambda payload: None),
    ):
        pass
