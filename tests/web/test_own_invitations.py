"""Booked calls after all that may happen besides: hand-overs, holds, ends, failed mails, times in the CRM."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from threading import Event
from typing import Any

import httpx
import pytest
from icalendar import Calendar
from sqlalchemy import select, update

from database.crm import upsert
from database.outbox import calls
from database.tables import DealRow, EffectRow, OnboardingRow, StakeholderRow
from onboarding.model.crm_records import CrmUser
from onboarding.model.vocabulary import Channel, Concern
from onboarding.orders import FactReport, Order
from onboarding.people.team import Team
from onboarding.shared_plan.news import PLAN_ANSWERS
from onboarding.shared_plan.own_calls import OWN_CALL
from tasks.commands.facts import record_milestone, take_back_milestone
from tasks.commands.onboardings import hold, reassign
from tasks.delivery.deliver_all import deliver
from tasks.review.batches import review_due
from tasks.runtime.scope import Scope
from tests.web.test_booking import (
    KICKOFF,
    OURS,
    THEIRS,
    another_customer,
    book,
    cancelled,
    invitations,
    page,
    stamp,
    taken,
    times,
)
from tests.web.test_plan_answers import form_of

BEA = "bea@vendor.example"


def moment(face: Any) -> datetime:
    at: datetime = face.context.wall_clock()
    return at


def next_run(face: Any) -> None:
    """Do what the next run does for stages: review what is due, and send."""
    now = moment(face)
    review_due(face.context, now, Scope(), frozenset({Concern.STAGES}))
    deliver(face.context, now, Channel.MAIL, Scope())


def said(face: Any) -> dict[str, list[tuple[str, str]]]:
    """Return method and start of each invitation, by recipient."""
    return {to: [(method, start) for method, _, _, start in some] for to, some in invitations(face).items()}


def booked(face: Any) -> tuple[str, str, str]:
    """Book the kickoff, and return the page, its time and another one."""
    here = page(face)
    first, second = (stamp(about) for about in times(face, here)[:2])
    book(face, here, f"{KICKOFF}.{first}")
    assert face.settled()
    return here, first, second


def hand_over(face: Any) -> None:
    with face.context.database.writing() as conn:
        upsert.take_users(conn, [CrmUser(id="005B", name="Bea", email=BEA)], lambda country: None)
    order = Order(by="jo@vendor.example", now=moment(face), reason="leave")
    reassign(face.context, order, "006A", "csm", BEA)


@pytest.mark.slow
def test_the_run_after_a_hand_over_by_command_moves_the_call_and_tells_the_news(morning: Any) -> None:
    _, at, _ = booked(morning)
    hand_over(morning)
    assert BEA not in said(morning), "a command sends nothing by itself"
    for _ in range(2):
        next_run(morning)
    found = said(morning)
    assert found[OURS] == [("REQUEST", at), ("CANCEL", at)]
    assert found[BEA] == [("REQUEST", at)]
    with morning.context.database.reading() as conn:
        rows = conn.execute(select(EffectRow.person_id, EffectRow.state).where(EffectRow.kind == PLAN_ANSWERS)).all()
    assert {row.person_id: row.state for row in rows} == {"005C": "cancelled", "005B": "planned"}


@pytest.mark.slow
def test_in_a_rehearsal_the_invitations_reach_none_of_ours(morning: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    _, at, _ = booked(morning)
    before = said(morning)
    hand_over(morning)
    rehearsing = replace(morning.context.settings, mail_redirect="rehearsal@vendor.example")
    monkeypatch.setattr(type(morning.context), "settings", rehearsing)
    next_run(morning)
    found = said(morning)
    assert sorted(found.pop("rehearsal@vendor.example")) == [("CANCEL", at), ("REQUEST", at)]
    assert found == before


@pytest.mark.slow
def test_each_of_ours_reads_of_the_times_that_they_had_themselves(morning: Any) -> None:
    here, first, second = booked(morning)
    hand_over(morning)
    book(morning, here, f"{KICKOFF}.{second}")
    assert morning.settled()
    assert said(morning)[OURS] == [("REQUEST", first), ("CANCEL", first)]
    assert said(morning)[BEA] == [("REQUEST", second)]
    mails = [
        message_from_bytes(path.read_bytes(), policy=policy.default)
        for path in (morning.context.settings.home / "mail" / "new").iterdir()
    ]
    (mail,) = [one for one in mails if one["To"].addresses[0].addr_spec == BEA]
    assert "It was to be on" not in mail.get_body(("plain",)).get_content()


@pytest.mark.slow
def test_on_hold_a_cancelled_call_leaves_the_calendars_of_both_sides(morning: Any) -> None:
    here, at, _ = booked(morning)
    order = Order(by="cleo@vendor.example", now=moment(morning), reason="summer")
    hold(morning.context, order, "006A", until=None, resume="shift")
    cancelled(morning, here)
    assert morning.settled()
    assert said(morning) == {to: [("REQUEST", at), ("CANCEL", at)] for to in (OURS, THEIRS)}


@pytest.mark.slow
def test_on_hold_a_call_that_one_of_ours_takes_back_leaves_them_too(morning: Any) -> None:
    _, at, _ = booked(morning)
    order = Order(by="cleo@vendor.example", now=moment(morning), reason="summer")
    hold(morning.context, order, "006A", until=None, resume="shift")
    take_back_milestone(morning.context, FactReport(by="cleo@vendor.example", now=moment(morning)), "006A", KICKOFF)
    next_run(morning)
    assert said(morning) == {to: [("REQUEST", at), ("CANCEL", at)] for to in (OURS, THEIRS)}


@pytest.mark.slow
def test_a_move_that_could_not_be_mailed_hides_no_entry_that_is_there(morning: Any) -> None:
    here, first, second = booked(morning)
    book(morning, here, f"{KICKOFF}.{second}")
    assert morning.settled()
    mine = (EffectRow.kind == OWN_CALL, EffectRow.occurrence.like(f"{KICKOFF}.1-%"))
    with morning.context.database.writing() as conn:
        assert conn.execute(update(EffectRow).where(*mine).values(state="dead")).rowcount == 1
    next_run(morning)
    assert len(said(morning)[OURS]) == 2, "what failed is not sent once more"
    cancelled(morning, here)
    assert morning.settled()
    assert said(morning)[OURS][2:] == [("CANCEL", first)]


@pytest.mark.slow
def test_the_hour_of_a_call_after_completion_is_held(desk: Any) -> None:
    here, other = page(desk), another_customer(desk)
    about = times(desk, here)[0]
    book(desk, here, about)
    with desk.context.database.writing() as conn:
        conn.execute(update(OnboardingRow).where(OnboardingRow.key == "006A").values(status="completed"))
    assert taken(desk) == [stamp(about)]
    assert stamp(about) not in [stamp(one) for one in times(desk, other)]
    for ended in ("churned", "cancelled"):
        with desk.context.database.writing() as conn:
            conn.execute(update(OnboardingRow).where(OnboardingRow.key == "006A").values(status=ended))
        assert taken(desk) == []


@pytest.mark.slow
def test_a_kickoff_that_was_not_held_after_all_keeps_its_hour(morning: Any) -> None:
    here, first, _ = booked(morning)
    report = FactReport(by="cleo@vendor.example", now=moment(morning))
    record_milestone(morning.context, report, "006A", "kickoff_held")
    take_back_milestone(morning.context, report, "006A", "kickoff_held")
    assert "Move it to another time" in morning.get(here).text
    assert taken(morning) == [first]


@pytest.mark.slow
def test_a_kickoff_of_the_crm_frees_its_hour_once_it_is_moved_or_off(desk: Any) -> None:
    here, second = page(desk), stamp(times(desk, page(desk))[1])
    at = datetime.now(UTC).replace(microsecond=0) + timedelta(days=9)
    seen = datetime.now(UTC) - timedelta(days=1)
    with desk.context.database.writing() as conn:
        conn.execute(update(DealRow).values(kickoff_at=at, kickoff_seen_at=seen))
    assert taken(desk) == [at.strftime("%Y%m%dT%H%MZ")]
    assert book(desk, here, f"{KICKOFF}.{second}").status_code == 200
    assert taken(desk) == [second]
    with desk.context.database.writing() as conn:
        conn.execute(update(DealRow).values(kickoff_seen_at=datetime.now(UTC) + timedelta(seconds=1)))
    assert taken(desk) == [at.strftime("%Y%m%dT%H%MZ")], "what the CRM showed last holds"
    with desk.context.database.writing() as conn:
        conn.execute(update(DealRow).values(kickoff_seen_at=seen))
    cancelled(desk, here)
    assert taken(desk) == []
    with desk.context.database.reading() as conn:
        assert calls.taken(conn, datetime.now(UTC), {"005C"}) == []


def test_a_proposed_time_is_quoted_to_whom_it_is_from_alone(desk: Any) -> None:
    here, other = page(desk), page(desk, "0032")
    form = form_of(desk.get(f"{here}/time/{KICKOFF}").text)
    desk.post(f"{here}/time/{KICKOFF}", data={"form": form, "comment": "any Friday after 15:00"})
    with desk.context.database.writing() as conn:
        conn.execute(update(StakeholderRow).values(person_id="0032"))
    assert "any Friday after 15:00" not in desk.get(other).text
    assert "A colleague of yours proposed another time. It is not agreed yet." in desk.get(other).text


@pytest.mark.slow
def test_the_calendar_file_names_where_the_call_is(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Team, "meeting_place", lambda self, email: f"https://meet.vendor.example/{email[:4]}")
    here = page(desk)
    book(desk, here, times(desk, here)[0])
    calendar: Any = Calendar.from_ical(desk.get(f"{here}/call.ics").content)
    assert [str(event["location"]) for event in calendar.events] == ["https://meet.vendor.example/cleo"]


@pytest.mark.slow
def test_no_form_waits_for_a_mail_server(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    served, under_way = Event(), []
    monkeypatch.setattr("web.plan.serving.invite", lambda *args: (under_way.append(args), served.wait(20)))
    try:
        for here in (page(desk), *(another_customer(desk, number) for number in (2, 3, 4))):
            about = times(desk, here)[0]
            form = form_of(desk.get(f"{here}/call/{about}").text)
            # Each over a connection of its own: the answer's is busy until the mails are out.
            sent = httpx.post(
                f"{desk.url}{here}/call/{KICKOFF}",
                data={"form": form, "at": stamp(about)},
                timeout=10,
                verify=False,
            )
            assert sent.status_code == 200
        assert len(under_way) == 1, "one after another"
    finally:
        served.set()
    assert desk.settled()
    assert len(under_way) == 4
