"""A call whose time is over, on the plan page: it took place, or it gets another time; one missed gets new times."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from database.tables import EffectRow, FactRow
from onboarding.model.vocabulary import Concern
from onboarding.orders import FactReport
from tasks.commands.fact_entry import FactEntry
from tasks.commands.facts import record_meeting, record_milestone, record_missed_call
from tasks.plan_page.inviting import invite
from tasks.review.batches import review_named
from tasks.runtime.refusals import Refused
from tests.web.test_booking import (
    KICKOFF,
    OURS,
    STAMP,
    THEIRS,
    agreed,
    book,
    invitations,
    page,
    sent,
    stamp,
    taken,
    tasks,
    times,
)
from tests.web.test_plan_answers import form_of

ASKS = "Did it take place?"


def report(at: datetime | None = None) -> FactReport:
    return FactReport(by="cleo@vendor.example", now=at or datetime.now(UTC))


def was(face: Any, name: str = KICKOFF, minutes: int = 120) -> datetime:
    """Let a call have been agreed for so many minutes ago."""
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    record_meeting(face.context, report(now - timedelta(days=2)), "006A", name, now - timedelta(minutes=minutes))
    return now - timedelta(minutes=minutes)


def said(face: Any, kind: str) -> list[tuple[str, str]]:
    with face.context.database.reading() as conn:
        rows = conn.execute(select(FactRow).where(FactRow.kind == kind)).all()
    return [(row.name, row.source) for row in rows]


def test_while_it_is_held_it_is_shown_and_can_neither_be_moved_nor_cancelled(desk: Any) -> None:
    here = page(desk)
    was(desk, minutes=10)
    shown = desk.get(here).text
    assert "call.ics" in shown
    assert ASKS not in shown
    assert "/off/" not in shown
    for what in ("call", "off", "held"):
        assert 'name="form"' not in desk.get(f"{here}/{what}/{KICKOFF}").text
    assert desk.get(f"{here}/call.ics").status_code == 200


def test_one_that_took_place_is_said_with_a_press_and_becomes_a_task_of_ours(desk: Any) -> None:
    here, other = page(desk), page(desk, "0032")
    was(desk)
    assert ASKS in desk.get(here).text
    assert ASKS not in desk.get(other).text, "it is up to who leads"
    assert 'name="form"' not in desk.get(f"{other}/held/{KICKOFF}").text
    shown = desk.get(f"{here}/held/{KICKOFF}").text
    assert said(desk, "call_held") == [], "a GET changes nothing"
    answer = desk.post(f"{here}/held/{KICKOFF}", data={"form": form_of(shown)})
    assert "Your contact on our side is told." in answer.text
    assert desk.post(f"{here}/held/{KICKOFF}", data={"form": form_of(shown)}).status_code == 200
    assert said(desk, "call_held") == [(KICKOFF, "page")], "once"
    assert ASKS not in desk.get(here).text
    assert any("took place: mark it as held" in text for text in tasks(desk))
    record_milestone(desk.context, report(), "006A", "kickoff_held")
    assert not any("took place" in text for text in tasks(desk))


def test_another_time_replaces_the_old_one_in_the_calendars_of_both_sides(morning: Any) -> None:
    here, now = page(morning), morning.context.wall_clock().replace(second=0, microsecond=0)
    first = stamp(times(morning, here)[0])
    book(morning, here, f"{KICKOFF}.{first}")
    assert morning.settled()
    invite(morning.context, "006A", "001A")
    later = datetime.strptime(first, STAMP).replace(tzinfo=UTC) + timedelta(hours=1)
    move_on(morning, later - now)
    shown = morning.get(here).text
    assert ASKS in shown
    anew = times(morning, here)
    assert stamp(anew[0]) > later.strftime(STAMP)
    assert "It was agreed for" in morning.get(f"{here}/call/{anew[0]}").text
    assert book(morning, here, anew[0]).status_code == 200
    assert taken(morning) == [stamp(anew[0])]
    assert morning.settled()
    for _ in range(2):
        invite(morning.context, "006A", "001A")
    found = invitations(morning)
    assert set(found) == {OURS, THEIRS}
    expected = [("REQUEST", 0, first), ("REQUEST", 1, stamp(anew[0]))]
    for some in found.values():
        assert [(method, at, start) for method, at, _, start in some] == expected
    assert len({uid for some in found.values() for _, _, uid, _ in some}) == 1, "one entry in calendars"


def move_on(face: Any, by: timedelta) -> None:
    """Let so much time pass for what runs from now on."""
    usual = type(face.context).wall_clock
    face.clock.setattr(type(face.context), "wall_clock", lambda self: usual(self) + by)


@pytest.fixture(autouse=True)
def clock(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    face = next((request.getfixturevalue(name) for name in ("morning",) if name in request.fixturenames), None)
    if face is not None:
        object.__setattr__(face, "clock", monkeypatch)


def test_a_form_for_a_time_that_is_over_meanwhile_changes_nothing(desk: Any) -> None:
    here = page(desk)
    form = form_of(desk.get(f"{here}/call/{times(desk, here)[0]}").text)
    was(desk)
    assert (
        desk.post(f"{here}/call/{KICKOFF}", data={"form": form, "at": stamp(times(desk, here)[0])}).status_code == 409
    )
    assert agreed(desk) == []


def test_a_playbook_without_a_mail_for_missed_calls_promises_none(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = FactEntry.playbook.fget

    def older(entry: FactEntry) -> Any:
        found = usual(entry)
        return replace(found, steps=tuple(step for step in found.steps if step.name != "missed_call"))

    monkeypatch.setattr(FactEntry, "playbook", property(older))
    was(desk)
    told = record_missed_call(desk.context, report(), "006A", KICKOFF)
    assert told.endswith("did not take place; its playbook has no mail with new times: agree one yourself.")


def test_one_that_was_missed_is_recorded_once_told_and_gets_new_times(desk: Any) -> None:
    here = page(desk)
    was(desk)
    told = record_missed_call(desk.context, report(), "006A", KICKOFF)
    assert "did not take place; new times are offered" in told
    shown = desk.get(here).text
    assert "Kickoff: it did not take place on" in shown
    assert ASKS not in shown
    assert times(desk, here)
    with pytest.raises(Refused, match="no time is agreed for kickoff_booked"):
        record_missed_call(desk.context, report(), "006A", KICKOFF)
    morning = (datetime.now(UTC) + timedelta(days=1)).replace(hour=10)
    morning += timedelta(days=max(0, 7 - morning.weekday()) if morning.weekday() > 4 else 0)
    review_named(desk.context, ["006A"], morning, "test", frozenset(Concern))
    with desk.context.database.reading() as conn:
        rows = conn.execute(select(EffectRow).where(EffectRow.kind == "missed_call")).all()
    assert [(row.person_id, row.channel) for row in rows] == [("0031", "mail")]


def test_a_check_in_is_asked_after_too_and_closed_by_either_side(desk: Any) -> None:
    here = page(desk)
    record_milestone(desk.context, report(), "006A", "kickoff_held")
    was(desk, "check_in_7")
    assert "Check-in: it was agreed for" in desk.get(here).text
    assert record_milestone(desk.context, report(), "006A", "check_in_7").startswith("Done: Check-in of")
    assert ASKS not in desk.get(here).text
    assert said(desk, "call_held") == [("check_in_7", "person")]
    sent(desk, "check_in_7")
    assert ASKS not in desk.get(here).text


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("plan_agreed", "is no call; only a call can be missed, such as check_in_30"),
        ("check_in_30", "no time is agreed for check_in_30"),
        ("kickoff_held", "which lies ahead; cancel it with --undo"),
    ],
)
def test_what_cannot_be_missed_is_refused_with_the_mend(desk: Any, name: str, why: str) -> None:
    record_meeting(desk.context, report(), "006A", KICKOFF, datetime.now(UTC) + timedelta(days=3))
    with pytest.raises(Refused, match=why):
        record_missed_call(desk.context, report(), "006A", name)
    assert said(desk, "call_missed") == []
