"""Socket Mode over a real WebSocket: every envelope is acknowledged at once, and none is lost with a connection."""

import json
import threading
from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import SecretStr

from integrations.ports import Unreachable
from integrations.slack.socket_mode import listening
from tests.integrations.slack.exchange import SECONDS, Exchange, exchange
from tests.integrations.slack.far_slack import APP_TOKEN, FarSlack


class Heard:
    """The payloads that were received, and how long each takes."""

    def __init__(self, there: Exchange) -> None:
        self.payloads: list[Mapping[str, Any]] = []
        self.begun: list[Mapping[str, Any]] = []
        self.there, self.hold = there, threading.Event()
        self.hold.set()

    def reply(self, kind: str, payload: Mapping[str, Any]) -> Mapping[str, Any] | None:
        return payload.get("told")

    def begin(self, kind: str, payload: Mapping[str, Any]) -> str:
        with self.there.changed:
            self.begun.append(payload)
            self.there.changed.notify_all()
        return f"V{payload.get('n')}"

    def work(self, kind: str, payload: Mapping[str, Any], view_id: str) -> None:
        self.hold.wait(SECONDS)
        if payload.get("broken"):
            raise ValueError("a fault of ours")
        with self.there.changed:
            self.payloads.append(payload)
            self.there.changed.notify_all()


class Nobody:
    """Receives nothing."""

    def reply(self, kind: str, payload: Mapping[str, Any]) -> None:
        raise AssertionError

    def begin(self, kind: str, payload: Mapping[str, Any]) -> str:
        raise AssertionError

    def work(self, kind: str, payload: Mapping[str, Any], view_id: str) -> None:
        raise AssertionError


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


def test_a_form_is_answered_with_the_acknowledgement_and_errors_end_it(slack: FarSlack) -> None:
    errors = {"response_action": "errors", "errors": {"reason": "Say why."}}
    with exchange(slack) as there:
        heard = Heard(there)
        with listening(SecretStr(APP_TOKEN), slack.api_url, heard):
            there.until(lambda: bool(there.lines))
            there.send("e1", {"n": 1, "told": errors})
            there.send("e2", {"n": 2, "told": {"response_action": "clear"}})
            there.send("e3", {"n": 3}, kind="slash_commands")
            there.until(lambda: len(heard.payloads) == 2)
    assert there.told == {"e1": errors, "e2": {"response_action": "clear"}, "e3": None}
    assert [one["n"] for one in heard.payloads] == [2, 3]


def test_what_cannot_wait_is_done_while_all_workers_are_busy(slack: FarSlack) -> None:
    with exchange(slack) as there:
        heard = Heard(there)
        heard.hold.clear()
        with listening(SecretStr(APP_TOKEN), slack.api_url, heard):
            there.until(lambda: bool(there.lines))
            for number in range(8):
                there.send(f"e{number}", {"n": number})
            there.until(lambda: len(heard.begun) == 8)
            assert heard.payloads == []
            heard.hold.set()


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
            there.send("e1", {"n": 1}, kind="message_metadata")
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
        listening(SecretStr("xapp-old"), slack.api_url, Nobody()),
    ):
        pass


def test_a_slack_that_cannot_be_reached_is_told() -> None:
    with (
        pytest.raises(Unreachable, match="cannot be reached"),
        listening(SecretStr(APP_TOKEN), "http://127.0.0.1:9/api", Nobody()),
    ):
        pass
