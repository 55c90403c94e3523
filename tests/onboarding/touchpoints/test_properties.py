from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onboarding.model.case import Calendar, Case, Progress
from onboarding.model.parties import Person, Stakeholder
from onboarding.model.vocabulary import Channel, CustomerRole, EffectState, Stage
from tests.builders.case import CASE, DEAL
from tests.builders.playbook import build_playbook
from tests.examples import examples
from tests.onboarding.touchpoints.reviews import delivered, only, planned_at, saved

ZONES = (
    "UTC",
    "Europe/Berlin",
    "Europe/London",
    "Europe/Lisbon",
    "America/New_York",
    "America/Los_Angeles",
    "America/St_Johns",
    "America/Sao_Paulo",
    "America/Santiago",
    "America/Havana",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Asia/Tokyo",
    "Asia/Tehran",
    "Asia/Beirut",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Australia/Lord_Howe",
    "Australia/Adelaide",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
)

people = st.lists(
    st.builds(
        Person,
        id=st.sampled_from([f"003{letter}" for letter in "ABCDE"]),
        name=st.just("Somebody"),
        email=st.sampled_from(["a@k.test", "b@k.test", "c@k.test", "d@k.test", None]),
        zone=st.sampled_from(ZONES),
        country=st.sampled_from(["DE", "SA", None]),
        opted_out=st.sampled_from([False, False, False, True]),
    ),
    unique_by=lambda person: person.id,
    min_size=1,
    max_size=5,
)
roles = st.sampled_from(list(CustomerRole))
signatures = st.integers(0, 10 * 365 * 24 * 60).map(lambda n: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=n))
CALENDARS = {
    "DE": Calendar(days_off=frozenset(date(year, 12, day) for year in range(2020, 2032) for day in (25, 26))),
    "SA": Calendar(weekend=frozenset({4, 5})),
}
MOMENTS = st.integers(0, 24 * 4 * 120).map(lambda quarters: timedelta(minutes=15) * quarters)


def any_case(data: st.DataObject) -> tuple[Case, datetime]:
    signed = data.draw(signatures, label="signed")
    who = data.draw(people, label="people")
    parts = tuple(
        Stakeholder(person_id=person.id, role=role)
        for person in who
        for role in data.draw(st.lists(roles, max_size=2, unique=True), label=person.id)
    )
    progress = Progress(stage_times={Stage.HANDOFF: signed}, opened_at=signed)
    case = replace(
        CASE,
        deals=(replace(DEAL, signed_at=signed, handoff_seen_at=signed),),
        people=tuple(who),
        stakeholders=parts,
        calendars=CALENDARS,
        progress=progress,
    )
    return case, signed


@pytest.mark.slow
@given(data=st.data())
@settings(max_examples=examples(150))
def test_no_touchpoint_falls_outside_its_window_in_any_zone_on_any_date(data: st.DataObject) -> None:
    playbook = build_playbook()
    case, signed = any_case(data)
    keys: set[str] = set()
    for after in sorted(data.draw(st.lists(MOMENTS, min_size=1, max_size=4), label="reviews")):
        now = signed + after
        answer = planned_at(case, playbook, now)
        for effect in answer.effects:
            assert effect.key not in keys
            keys.add(effect.key)
            who = case.person(effect.person_id) or case.owners[effect.person_id]
            here = effect.due_at.astimezone(ZoneInfo(who.zone))
            calendar = case.calendar(who.country)
            if effect.state is EffectState.PLANNED:
                assert time(9) <= here.time() < time(17)
                assert here.weekday() not in calendar.weekend
                assert here.date() not in calendar.days_off
                assert effect.due_at >= now
                assert effect.expires_at is not None
                assert effect.due_at <= effect.expires_at
        case = saved(case, playbook, now, answer)
        again = planned_at(case, playbook, now)
        assert (again.effects, again.touchpoints, again.changes, again.decisions) == ((), (), (), ())


@given(data=st.data())
@settings(max_examples=examples(80))
def test_people_listed_in_another_order_get_the_same_messages(data: st.DataObject) -> None:
    playbook = build_playbook()
    case, signed = any_case(data)
    now = signed + data.draw(MOMENTS, label="now")
    shuffled = replace(
        case,
        people=tuple(data.draw(st.permutations(case.people))),
        stakeholders=tuple(data.draw(st.permutations(case.stakeholders))),
    )
    assert planned_at(shuffled, playbook, now) == planned_at(case, playbook, now)


@given(signed=signatures, zone=st.sampled_from(ZONES), days=st.sampled_from([7, 30, 90]))
@settings(max_examples=examples(200))
def test_seven_thirty_and_ninety_days_from_signature_are_elapsed_days_moved_only_into_working_hours(
    signed: datetime, zone: str, days: int
) -> None:
    playbook = only(build_playbook(), f"check_in_{days}")
    reader = Person(id="003A", name="Ada", email="a@k.test", zone=zone)
    case = replace(
        CASE,
        deals=(replace(DEAL, signed_at=signed),),
        people=(reader,),
        stakeholders=(Stakeholder(person_id="003A", role=CustomerRole.CHAMPION),),
        progress=Progress(stage_times={Stage.HANDOFF: signed}, opened_at=signed),
    )
    (ahead,) = planned_at(case, playbook, signed).upcoming
    moment = signed + timedelta(days=days)
    assert ahead.due_at >= moment
    if ahead.due_at > moment:
        here = ahead.due_at.astimezone(ZoneInfo(zone))
        assert here.time() == time(9), "moved to the start of a working day"
        assert ahead.due_at - moment < timedelta(days=3)
    assert [e.due_at for e in planned_at(case, playbook, ahead.due_at).effects] == [ahead.due_at]


@given(data=st.data())
@settings(max_examples=examples(60))
def test_no_person_gets_more_mails_a_day_than_allowed_however_irregularly_the_system_runs(data: st.DataObject) -> None:
    playbook = build_playbook()
    case, signed = any_case(data)
    for after in sorted(data.draw(st.lists(MOMENTS, min_size=2, max_size=6), label="reviews")):
        now = signed + after
        case = delivered(saved(case, playbook, now, planned_at(case, playbook, now)), now)
    zones = {person.id: ZoneInfo(person.zone) for person in case.people}
    mails = [
        (e.recipient.lower(), e.due_at.astimezone(zones[e.person_id]).date())
        for e in case.effects
        if e.channel is Channel.MAIL and e.state is not EffectState.CANCELLED
    ]
    assert all(mails.count(mail) <= playbook.pace.mails_per_person_and_day for mail in mails)


@given(data=st.data())
@settings(max_examples=examples(60))
def test_the_next_moment_is_never_missed(data: st.DataObject) -> None:
    playbook = build_playbook()
    case, signed = any_case(data)
    now = signed + data.draw(MOMENTS, label="now")
    answer = planned_at(case, playbook, now)
    case = saved(case, playbook, now, answer)
    moments = [at for at in planned_at(case, playbook, now).next_at.values() if at is not None]
    assert all(at > now for at in moments)
    just_before = min(moments, default=now + timedelta(days=400)) - timedelta(seconds=1)
    if just_before > now:
        quiet = planned_at(case, playbook, just_before)
        assert (quiet.effects, quiet.touchpoints) == ((), ())
