"""A test workspace, and first90's client for it."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from config.settings.channels import SlackChat
from integrations.ports import OutgoingMessage
from integrations.slack.workspace import SlackWorkspace
from onboarding.messages.posts import Post
from tests.integrations.slack.far_slack import APP_TOKEN, BOT_TOKEN, MANAGERS, SECRET, FarSlack, far_slack

CLEO = "csm@vendor.example"
MakeParcel = Callable[..., OutgoingMessage]


@pytest.fixture(autouse=True)
def no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)


@pytest.fixture
def slack() -> Iterator[FarSlack]:
    """A workspace with the user Cleo."""
    with far_slack() as there:
        there.person("Cleo", CLEO)
        yield there


@pytest.fixture
def choice(slack: FarSlack) -> SlackChat:
    """Settings for the test workspace."""
    return SlackChat(
        token=SecretStr(BOT_TOKEN),
        channel=MANAGERS,
        app_token=SecretStr(APP_TOKEN),
        signing_secret=SecretStr(SECRET),
        api_url=slack.api_url,
    )


@pytest.fixture
def kept() -> dict[str, Any]:
    """The frozen payloads, by key."""
    return {}


@pytest.fixture
def workspace(choice: SlackChat, kept: dict[str, Any]) -> SlackWorkspace:
    """first90's sender for the test workspace."""
    return SlackWorkspace(choice, kept.get, settles=0)


@pytest.fixture
def make_parcel(kept: dict[str, Any]) -> MakeParcel:
    """Makes a message and freezes its payload."""

    def make(key: str = "006A:stall:1.1:slack:005C", channel: str = CLEO, **more: Any) -> OutgoingMessage:
        from dataclasses import asdict

        post = more.pop("post", Post(headline="Acme: kickoff not booked", lines=("Call Ann.",)))
        kept[key] = {
            "method": "chat.postMessage",
            "channel": channel,
            "for": "Cleo Csm",
            "post": asdict(post),
            "ts": None,
            "thread_ts": None,
            "as_of": "2026-03-02T09:00:00+00:00",
        } | more
        return OutgoingMessage(key=key, payload=kept[key])

    return make
