"""Payloads of effects: the stored form is the one that running databases hold, and is read back as the same value."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from onboarding.effects.invitation import Invitation
from onboarding.effects.payloads import (
    ChatMethod,
    ChatPayload,
    MailPayload,
    RowPayload,
    read_chat,
    read_mail,
    read_row,
)
from onboarding.forms.buttons import Buttons
from onboarding.forms.form import FormKind
from onboarding.messages.posts import Post

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
MAIL = MailPayload(
    key="006A:kickoff_call:1:mail:003A",
    to="ann@acme.example",
    to_name="Ann",
    sender="hello@vendor.example",
    sender_name="Cleo",
    reply_to="cleo@vendor.example",
    reply_to_name="Cleo",
    subject="Kickoff",
    text="Hello",
    html="<p>Hello</p>",
    date=AT,
    purpose="promotional",
    unsubscribe_url="https://vendor.example/u/1",
    calendar=Invitation(method="REQUEST", uid="u1", sequence=1, starts_at=AT, minutes=30, summary="Kickoff: Acme"),
)
STORED_MAIL = {
    "key": "006A:kickoff_call:1:mail:003A",
    "to": "ann@acme.example",
    "to_name": "Ann",
    "redirect_for": None,
    "sender": "hello@vendor.example",
    "sender_name": "Cleo",
    "reply_to": "cleo@vendor.example",
    "reply_to_name": "Cleo",
    "subject": "Kickoff",
    "text": "Hello",
    "html": "<p>Hello</p>",
    "date": "2026-03-02T09:00:00+00:00",
    "purpose": "promotional",
    "unsubscribe_url": "https://vendor.example/u/1",
    "calendar": {
        "method": "REQUEST",
        "uid": "u1",
        "sequence": 1,
        "starts_at": "2026-03-02T09:00:00+00:00",
        "minutes": 30,
        "summary": "Kickoff: Acme",
    },
}
CHAT = ChatPayload(
    method=ChatMethod.UPDATE,
    channel="cleo@vendor.example",
    reader="Cleo",
    post=Post(
        headline="Acme",
        facts=(("Stage", "Setup"),),
        lines=("Call Ann.",),
        severity="critical",
        buttons=Buttons(episode="1", doable=(("kickoff_held", "Kickoff held"),), forms=(FormKind.HOLD,)),
    ),
    ts="C1/1.2",
    as_of=AT,
)
STORED_CHAT: dict[str, Any] = {
    "method": "chat.update",
    "channel": "cleo@vendor.example",
    "for": "Cleo",
    "post": {
        "headline": "Acme",
        "facts": [["Stage", "Setup"]],
        "lines": ["Call Ann."],
        "brief": [],
        "footer": "",
        "link": None,
        "link_words": "Open in the CRM",
        "page": None,
        "page_words": "Open its page",
        "severity": "critical",
        "buttons": {
            "episode": "1",
            "doable": [["kickoff_held", "Kickoff held"]],
            "onboarding": "",
            "forms": ["hold"],
            "draft": "",
            "draft_mark": "",
            "approval": "",
            "why": False,
        },
    },
    "ts": "C1/1.2",
    "thread_ts": None,
    "as_of": "2026-03-02T09:00:00+00:00",
}
ROW = RowPayload(object="Onboarding__c", key="006A", fields={"Stage__c": "Setup"}, base={"Due_On__c": None})
STORED_ROW = {"object": "Onboarding__c", "key": "006A", "fields": {"Stage__c": "Setup"}, "base": {"Due_On__c": None}}


def stored(payload: MailPayload | ChatPayload | RowPayload) -> Any:
    return json.loads(json.dumps(payload.stored()))


def test_the_stored_form_of_each_payload_stays_and_is_read_back_as_the_same_value() -> None:
    assert (stored(MAIL), stored(CHAT), stored(ROW)) == (STORED_MAIL, STORED_CHAT, STORED_ROW)
    assert (read_mail(STORED_MAIL), read_chat(STORED_CHAT), read_row(STORED_ROW)) == (MAIL, CHAT, ROW)
    earlier = {"episode": "1", "doable": [["kickoff_held", "Kickoff held"]]}
    buttons = read_chat({**STORED_CHAT, "post": {**STORED_CHAT["post"], "buttons": earlier}}).post.buttons
    assert buttons == Buttons(episode="1", doable=(("kickoff_held", "Kickoff held"),)), "as stored before forms"
    bare = replace(MAIL, html=None, reply_to=None, unsubscribe_url=None, calendar=None, purpose="service")
    assert read_mail(stored(bare)) == bare


@pytest.mark.parametrize("name", ["key", "to", "sender", "subject", "text", "date"])
@pytest.mark.parametrize("value", [None, "", " ", 7])
def test_a_mail_without_a_part_that_it_needs_is_refused_by_the_parts_name(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"^{name}: is missing$"):
        read_mail({**STORED_MAIL, name: value})


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"date": "today"}, "^date: is no ISO 8601 instant$"),
        ({"date": "2026-03-02T09:00:00"}, "^date: has no zone$"),
        ({"calendar": {"method": "MOVE"}}, "^calendar: its method is neither REQUEST nor CANCEL$"),
    ],
)
def test_a_mail_whose_part_cannot_be_read_is_refused_with_what_is_wrong(changed: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        read_mail({**STORED_MAIL, **changed})


@pytest.mark.parametrize(
    "changed",
    [{"method": "chat.delete"}, {"channel": ""}, {"ts": None}, {"post": None}, {"post": {}}, {"as_of": "today"}],
)
def test_what_is_no_slack_message_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        read_chat({**STORED_CHAT, **changed})


@pytest.mark.parametrize("changed", [{"key": ""}, {"key": 7}, {"fields": None}, {"base": [1]}])
def test_what_is_no_crm_row_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        read_row({**STORED_ROW, **changed})
