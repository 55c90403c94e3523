"""Calendar invitations as calendars parse them: one meeting under one UID through all changes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from integrations.mail.message import PayloadError, build
from tests.integrations.mail.test_message import PAYLOAD, read

CALENDAR: dict[str, Any] = {
    "method": "REQUEST",
    "uid": "5d0e-kickoff",
    "sequence": 0,
    "starts_at": "2026-03-05T10:00:00+01:00",
    "minutes": 45,
    "summary": "Kickoff: Nordlicht Optik, Jürgen & Söhne",
}


def calendar_of(payload: dict[str, Any]) -> Any:
    message = read(build(payload))
    forms = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    assert len(forms) == 1
    return Calendar.from_ical(forms[0].get_payload(decode=True))


def test_an_invitation_is_a_form_of_the_mail_and_a_file() -> None:
    message = read(build(PAYLOAD | {"calendar": CALENDAR}))
    assert message.get_content_type() == "multipart/mixed"
    body, file = message.iter_parts()
    assert [part.get_content_type() for part in body.iter_parts()] == ["text/plain", "text/html", "text/calendar"]
    assert list(body.iter_parts())[2].get_param("method") == "REQUEST"
    assert (file.get_content_type(), file.get_filename()) == ("application/ics", "invite.ics")
    assert file.get_payload(decode=True) == list(body.iter_parts())[2].get_payload(decode=True)


def test_it_says_who_meets_whom_and_when() -> None:
    calendar = calendar_of(PAYLOAD | {"calendar": CALENDAR})
    (event,) = calendar.events
    assert calendar["method"] == "REQUEST"
    assert event.start == datetime(2026, 3, 5, 9, tzinfo=UTC)
    assert event.end - event.start == timedelta(minutes=45)
    assert event["dtstamp"].dt == datetime(2026, 3, 2, 8, tzinfo=UTC)
    assert event["summary"] == "Kickoff: Nordlicht Optik, Jürgen & Söhne"
    assert event["organizer"] == "mailto:lea.fontaine@northbeam.example"
    assert event["organizer"].params["CN"] == "Léa Fontaine"
    assert event["attendee"] == "mailto:ann.lee@acme.example"
    assert event["attendee"].params["PARTSTAT"] == "NEEDS-ACTION"
    assert (event["status"], event["sequence"]) == ("CONFIRMED", 0)


def test_a_change_and_a_cancellation_speak_of_the_same_meeting() -> None:
    moved = CALENDAR | {"sequence": 1, "starts_at": "2026-03-06T09:00:00+00:00"}
    gone = moved | {"sequence": 2, "method": "CANCEL"}
    events = [calendar_of(PAYLOAD | {"calendar": each}).events[0] for each in (CALENDAR, moved, gone)]
    assert {event["uid"] for event in events} == {"5d0e-kickoff"}
    assert [event["sequence"] for event in events] == [0, 1, 2]
    assert [event["status"] for event in events] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]


def test_it_is_built_the_same_each_time_and_its_lines_are_short() -> None:
    content = build(PAYLOAD | {"calendar": CALENDAR})
    assert content == build(PAYLOAD | {"calendar": dict(reversed(CALENDAR.items()))})
    file = list(read(content).walk())[-1].get_payload(decode=True)
    assert isinstance(file, bytes)
    assert max(map(len, file.split(b"\r\n"))) <= 75
    assert b"\n" not in file.replace(b"\r\n", b"")


@pytest.mark.parametrize(
    "name", ['Ann "the, boss" Lee', "x\r\nATTENDEE:mailto:thief@evil.example", "a;b:c,d", "漢字" * 50]
)
def test_no_name_breaks_out_of_an_invitation(name: str) -> None:
    calendar = calendar_of(PAYLOAD | {"to_name": name, "calendar": CALENDAR | {"summary": f"Kickoff: {name}"}})
    (event,) = calendar.events
    assert event["attendee"] == "mailto:ann.lee@acme.example"
    assert event["organizer"] == "mailto:lea.fontaine@northbeam.example"


@pytest.mark.parametrize(
    "change",
    [
        {"method": "PUBLISH"},
        {"uid": ""},
        {"uid": "a\r\nb"},
        {"starts_at": "tomorrow"},
        {"starts_at": "2026-03-05T10:00:00"},
        {"minutes": 0},
        {"sequence": -1},
        {"summary": " "},
    ],
)
def test_half_an_invitation_is_never_sent(change: dict[str, Any]) -> None:
    with pytest.raises(PayloadError, match=r"^calendar: "):
        build(PAYLOAD | {"calendar": CALENDAR | change})
