"""Buttons over HTTP: only requests that Slack signed within five minutes count, and Slack never waits for our work."""

import hashlib
import hmac
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from integrations.slack.blocks import blocks
from onboarding.forms.buttons import Buttons
from onboarding.forms.form import FormKind
from onboarding.messages.posts import Post
from tests.builders.lines import milestone_lines
from tests.conftest import BOTH_DATABASES
from tests.examples import examples
from tests.integrations.slack.far_slack import BOT_TOKEN, MANAGERS, SECRET, FarSlack, Message, far_slack
from tests.web.conftest import Face
from web.slack_actions import is_signed

PATH = "/slack/actions"


def signature(secret: str, stamp: str, body: bytes) -> str:
    """Return the signature as Slack makes it."""
    return "v0=" + hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()


@dataclass
class Door:
    """The server, and the workspace whose people press buttons."""

    face: Face
    slack: FarSlack
    cleo: str

    def press(self, milestone: str = "handoff_call_held") -> dict[str, Any]:
        buttons = Buttons(doable=((f"006A:{milestone}", "Something of ours"),))
        body = {"blocks": blocks(Post(headline="x", buttons=buttons), "digest:1")[1]}
        return self.slack.press(Message(channel="D1", ts="1.1", body=body), self.cleo, "done", milestone)

    def post(self, payload: Mapping[str, Any], secret: str = SECRET, at: float | None = None) -> httpx.Response:
        body, stamp = urlencode({"payload": json.dumps(payload)}).encode(), str(int(at or time.time()))
        return self.face.post(PATH, content=body, headers=signed(secret, stamp, body))

    def until(self, found: Callable[[], Any]) -> Any:
        """Return what ``found`` returns, once that is something."""
        end = time.monotonic() + 20
        while not (what := found()):
            assert time.monotonic() < end
            time.sleep(0.01)
        return what

    def said(self, number: int = 1) -> list[str]:
        """Return the answers to people, once there are so many."""
        until = time.monotonic() + 20
        while len(self.slack.said) < number and time.monotonic() < until:
            time.sleep(0.01)
        return self.slack.said

    def done(self, milestone: str) -> bool:
        with self.face.context.database.reading() as conn:
            return any(line["name"] == milestone and line["status"] == "done" for line in milestone_lines(conn, "006A"))


def signed(secret: str, stamp: str, body: bytes) -> dict[str, str]:
    return {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": signature(secret, stamp, body),
        "Content-Type": "application/x-www-form-urlencoded",
    }


@pytest.fixture
def door(settings_of_the_face: None, served: Callable[..., Face], monkeypatch: pytest.MonkeyPatch) -> Iterator[Door]:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    with far_slack() as slack:
        given = {"CHAT": "slack", "SLACK_TOKEN": BOT_TOKEN, "SLACK_CHANNEL": MANAGERS, "SLACK_SIGNING_SECRET": SECRET}
        for name, value in {**given, "SLACK_API_URL": slack.api_url}.items():
            monkeypatch.setenv(f"FIRST90_{name}", value)
        yield Door(served(), slack, slack.person("Cleo", "cleo@vendor.example"))


def milestone_of(door: Door) -> str:
    """Return a milestone that a person may mark as done."""
    playbook = next(iter(door.face.context.library.playbook_versions.values())).playbook
    return playbook.milestones()[0].name


@BOTH_DATABASES
def test_a_signed_press_is_answered_at_once_and_carried_out(door: Door) -> None:
    name = milestone_of(door)
    answer = door.post(door.press(name))
    assert (answer.status_code, answer.content) == (200, b"")
    assert door.said()[0].startswith("Done: ")
    until = time.monotonic() + 20
    while not door.done(name) and time.monotonic() < until:
        time.sleep(0.01)
    assert door.done(name)


def test_slack_does_not_wait_for_what_takes_long(door: Door) -> None:
    door.slack.mood = lambda method, number: "hang"
    began = time.monotonic()
    assert door.post(door.press(milestone_of(door))).status_code == 200
    assert time.monotonic() - began < 3
    door.slack.release.set()
    assert "Nothing was changed" in door.said()[0]


@BOTH_DATABASES
def test_a_press_told_twice_counts_once(door: Door) -> None:
    name = milestone_of(door)
    press = door.press(name)
    for _ in range(3):
        assert door.post(press).status_code == 200
    told = sorted(door.said(3))
    assert [said.partition(":")[0] for said in told] == ["Done", "Nothing was changed", "Nothing was changed"]


def test_a_form_is_opened_refused_and_carried_out(door: Door) -> None:
    buttons = Buttons(onboarding="006A", forms=(FormKind.GOAL,))
    message = Message(channel="D1", ts="1.1", body={"blocks": blocks(Post(headline="x", buttons=buttons), "1")[1]})
    assert door.post(door.slack.press(message, door.cleo, "form.goal")).content == b""
    view = door.until(lambda: door.slack.views and door.slack.modal.fields and door.slack.modal)
    assert door.slack.calls[0][0] == "views.open", "before anything else"
    vague = {"metric": "be successful", "baseline": "40", "target": "10", "unit": "tickets", "due": "2099-06-30"}
    told = door.post(door.slack.submit(view, **vague)).json()
    assert "is no metric" in door.slack.replied(view, told)["metric"]
    sent = door.slack.submit(view, **{**vague, "metric": "tickets a week"})
    assert door.slack.replied(view, door.post(sent).json()) == {}
    door.until(lambda: view.title == "Done")
    assert "tickets a week: from 40 to 10 tickets" in view.text
    door.post(sent)
    door.until(lambda: "heard before" in view.text)


def test_an_unsigned_form_changes_nothing(door: Door) -> None:
    buttons = Buttons(onboarding="006A", forms=(FormKind.GOAL,))
    message = Message(channel="D1", ts="1.1", body={"blocks": blocks(Post(headline="x", buttons=buttons), "1")[1]})
    assert door.post(door.slack.press(message, door.cleo, "form.goal"), secret="another").status_code == 401
    assert door.slack.calls == []


@pytest.mark.parametrize(
    "what", ["another secret", "yesterday", "tomorrow", "no signature", "no stamp", "another body"]
)
def test_what_slack_did_not_sign_just_now_changes_nothing(door: Door, what: str) -> None:
    name = milestone_of(door)
    payload, now = door.press(name), time.time()
    body, stamp = urlencode({"payload": json.dumps(payload)}).encode(), str(int(now))
    headers = signed(SECRET, stamp, body)
    if what == "another secret":
        headers = signed("another secret", stamp, body)
    elif what in ("yesterday", "tomorrow"):
        headers = signed(SECRET, str(int(now) + {"yesterday": -301, "tomorrow": 330}[what]), body)
    elif what == "another body":
        body = body.replace(b"U0001", b"U0002")
    else:
        del headers["X-Slack-Signature" if what == "no signature" else "X-Slack-Request-Timestamp"]
    assert door.face.post(PATH, content=body, headers=headers).status_code == 401
    assert not door.done(name)
    assert door.slack.calls == []


def test_only_posts_are_heard_and_no_endless_ones(door: Door) -> None:
    assert door.face.get(PATH).status_code == 405
    assert door.face.post(PATH, content=b"x" * 600_000).status_code == 413


@pytest.mark.parametrize("body", [b"", b"payload=", b"payload=[]", b"payload=%ff", b"other=1", b"\xff\xfe"])
def test_what_is_signed_and_no_interaction_is_refused_politely(door: Door, body: bytes) -> None:
    answer = door.face.post(PATH, content=body, headers=signed(SECRET, str(int(time.time())), body))
    assert answer.status_code == 400


@pytest.mark.slow
def test_without_a_signing_secret_there_is_no_such_door(face: Face) -> None:
    assert face.post(PATH, content=b"payload={}").status_code == 404


# The signature by itself

NOW = 1_772_442_000.0
BODY = b"payload=%7B%22type%22%3A%22block_actions%22%7D"


def heard(headers: Mapping[str, str], body: bytes = BODY, now: float = NOW) -> bool:
    return is_signed(SecretStr(SECRET), {name.lower(): value for name, value in headers.items()}, body, now)


def test_a_signature_holds_for_five_minutes() -> None:
    headers = signed(SECRET, str(int(NOW)), BODY)
    assert [heard(headers, now=NOW + late) for late in (-301, -300, 0, 300, 301)] == [False, True, True, True, False]


@settings(max_examples=examples(400), suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_no_changed_byte_of_stamp_signature_or_body_is_heard(data: st.DataObject) -> None:
    stamp = str(int(NOW))
    parts = {"stamp": stamp, "mark": signature(SECRET, stamp, BODY), "body": BODY.decode()}
    name = data.draw(st.sampled_from(sorted(parts)))
    old = parts[name]
    context = data.draw(st.integers(0, len(old)))
    changed = data.draw(
        st.one_of(
            st.characters(codec="utf-8").map(lambda char: old[:context] + char + old[context + 1 :]),
            st.characters(codec="utf-8").map(lambda char: old[:context] + char + old[context:]),
            st.just(old[:context]),
            st.text(max_size=80),
        )
    )
    if changed == old:
        return
    parts[name] = changed
    headers = {"X-Slack-Request-Timestamp": parts["stamp"], "X-Slack-Signature": parts["mark"]}
    assert not heard(headers, parts["body"].encode("utf-8"))


def test_control_a_check_of_the_parsed_payload_alone_would_hear_another_body() -> None:
    """The raw body is signed, because two bodies can parse to one payload."""
    stamp = str(int(NOW))
    other = BODY.replace(b"%7B", b"%7b")
    assert not heard(signed(SECRET, stamp, BODY), other)
    assert heard(signed(SECRET, stamp, other), other)


# Commands and events


def test_a_command_and_the_home_are_answered_over_http(door: Door) -> None:
    body = urlencode(door.slack.command(door.cleo, "find acme")).encode()
    told = door.face.post("/slack/commands", content=body, headers=signed(SECRET, str(int(time.time())), body))
    assert (told.status_code, told.content) == (200, b"")
    assert door.said()[0].startswith("No account has"), "nothing was reviewed yet"
    body = json.dumps(door.slack.home_opened(door.cleo)).encode()
    told = door.face.post("/slack/events", content=body, headers=signed(SECRET, str(int(time.time())), body))
    assert (told.status_code, told.content) == (200, b"")
    door.until(lambda: door.slack.homes)


def test_slacks_challenge_is_answered_and_only_if_signed(door: Door) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "c123"}).encode()
    told = door.face.post("/slack/events", content=body, headers=signed(SECRET, str(int(time.time())), body))
    assert (told.status_code, told.text) == (200, "c123")
    for path in ("/slack/events", "/slack/commands"):
        told = door.face.post(path, content=body, headers=signed("another", str(int(time.time())), body))
        assert told.status_code == 401
        told = door.face.post(path, content=b"\xff", headers=signed(SECRET, str(int(time.time())), b"\xff"))
        assert told.status_code == 400
    assert door.slack.calls == []
