"""No mail contradicts itself or its day: every template and tier, every day, with early, late and reordered reports."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.mail_templates.render import Rendered, Templates
from config.playbook_library.library import load_library
from onboarding.dates.working_time import add_working_days
from onboarding.facts.fold import fold_facts
from onboarding.messages.letters import letter_context
from onboarding.model.case import Calendar, Case, Fact, Hold
from onboarding.model.playbook import Playbook, Step
from onboarding.model.vocabulary import STAGES, CustomerRole, Stage, Tier
from onboarding.stages import advance
from tests.builders.case import ACCOUNT, CASE, DEAL
from tests.builders.facts import build_fact
from tests.builders.tiers import BUNDLED_TIERS, MID
from tests.examples import examples
from tests.onboarding.messages.letter_judge import Work, complaints, dates_of_work, words_of

Make = Callable[..., Any]
Values = st.SearchStrategy[dict[str, object]]
TEMPLATES, LIBRARY = Templates(), load_library()
LAST = 120
"""Days of an onboarding."""
ZONES = ("Europe/Berlin", "America/Los_Angeles", "Pacific/Auckland", "UTC", "Asia/Kolkata")
NAMES = ("kickoff_booked", "kickoff_held", "go_live", "activation", "security_review", "access_configured",
         "integrations_connected", "validation_passed", "tasks_done_end_users", "tasks_done_admins", "goals_checked",
         "plan_agreed", "cadence_agreed", "requirements_documented", "next_plan_agreed")  # fmt: skip
FIGURES = {"baseline": 48, "target": 4, "unit": "hours"}
GOALS = ("Quote turnaround", "Calls answered")
DAYS = st.integers(-3, LAST + 20)


@pytest.fixture(scope="session")
def signed() -> datetime:
    """A Monday."""
    return datetime(2026, 3, 2, 9, tzinfo=UTC)


def _reports(signed: datetime) -> st.SearchStrategy[Fact]:
    """One report of anything that affects a date: when it happened, and when it was learned."""

    def fact(kind: str, name: str, at: int, learned: int, value: dict[str, object], hour: int) -> Fact:
        happened = signed + timedelta(days=at, hours=hour)
        known = max(happened, signed + timedelta(days=learned)) if kind != "milestone_due" else happened
        key = f"{kind}:{name}:{at}:{learned}:{hour}:{sorted(value.items())}"
        return Fact(key=key, kind=kind, name=name, at=happened, learned_at=known, source="person", by="x", value=value)

    hours = st.integers(0, 23)
    later = DAYS.map(lambda day: signed + timedelta(days=day))

    def reports(
        names: tuple[str, ...], value: st.SearchStrategy[dict[str, object]], *kinds: str
    ) -> st.SearchStrategy[Fact]:
        return st.builds(fact, st.sampled_from(kinds), st.sampled_from(names), DAYS, DAYS, value, hours)

    return st.one_of(
        reports(NAMES, st.just({}), "milestone", "milestone", "milestone_undone"),
        reports(NAMES, later.map(lambda at: {"due_on": at.date().isoformat()}), "milestone_due"),
        reports(("kickoff_booked", "check_in_30"), later.map(lambda at: {"meeting_at": at.isoformat()}), "meeting"),
        reports(GOALS, later.map(lambda at: {**FIGURES, "due": at.date().isoformat()}), "goal"),
        reports(GOALS, st.integers(0, 60).map(lambda at: {"value": at}), "goal_value"),
    )


def _readers(case: Case, step: Step) -> Iterator[tuple[str, Any]]:
    """The possible recipients: each role of the step, and the champion for all others."""
    assert step.mail is not None
    for role in dict.fromkeys((*step.mail.to.roles, CustomerRole.CHAMPION)):
        person = case.person(f"003{role.name}")
        if person is not None:
            yield role.value, person


def _mails(case: Case, playbook: Playbook, now: datetime, reader_zone: str) -> Iterator[tuple[str, Rendered]]:
    state = fold_facts(case, playbook, now)
    stage = advance(case, state, playbook, now).stage
    for step in playbook.steps:
        if step.mail is None:
            continue
        meeting = state.meetings.get(step.calendar.meeting) if step.calendar else None
        if step.calendar and (meeting is None or meeting.at <= now):
            continue  # no invitation is sent without a future time
        if step.mail.template in AFTER_ACTIVATION and state.activated_at is None:
            continue
        for role, person in _readers(case, step):
            letter = letter_context(
                case, state, playbook, step, replace(person, zone=reader_zone), role, now, stage=stage
            )
            yield f"{step.name} to {role}", TEMPLATES.render(step.mail.template, letter)


AFTER_ACTIVATION = ("activation", "win_celebration", "roi_summary")
"""Due from the first result on, and so never without one."""


def _wrong(case: Case, playbook: Playbook, now: datetime, reader_zone: str) -> list[str]:
    titles = {plan.name: plan.title for plan in playbook.milestones()}
    work = Work(tuple(titles.values()), titles["activation"], titles["kickoff_held"])
    found: list[str] = []
    told: defaultdict[str, dict[date, str]] = defaultdict(dict)
    for name, mail in _mails(case, playbook, now, reader_zone):
        parts = (mail.subject, mail.preheader, mail.text, words_of(mail.html))
        found += [f"{name}: {wrong}" for wrong in complaints(parts, now, reader_zone)]
        for title, day in dates_of_work(parts, now, reader_zone, work):
            told[title.casefold()].setdefault(day, name)
    return found + [f"two dates for {title}: {dates}" for title, dates in told.items() if len(dates) > 1]


@pytest.mark.slow
@pytest.mark.parametrize("tier", BUNDLED_TIERS)
def test_an_onboarding_without_reports_is_told_without_contradiction_on_every_day(tier: Tier, signed: datetime) -> None:
    playbook = LIBRARY[tier].playbook
    case = replace(
        CASE, deals=(replace(DEAL, kickoff_at=signed + timedelta(days=9, hours=5), go_live_on=date(2026, 4, 20)),)
    )
    for day in range(BUNDLED_TIERS.index(tier), LAST + 1, 3):
        assert _wrong(case, playbook, signed + timedelta(days=day, hours=day % 9), "Europe/Berlin") == []


@pytest.mark.slow
@settings(max_examples=examples(40), suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_mail_contradicts_itself_or_its_day_whatever_is_reported_when(data: st.DataObject, signed: datetime) -> None:
    tier, day, hour = data.draw(st.tuples(st.sampled_from(BUNDLED_TIERS), st.integers(0, LAST), st.integers(0, 23)))
    facts = tuple(data.draw(st.lists(_reports(signed), max_size=12)))
    kickoff, go_live = data.draw(st.tuples(st.none() | DAYS, st.none() | DAYS))
    account_zone, reader_zone = data.draw(st.tuples(st.sampled_from(ZONES), st.sampled_from(ZONES)))
    held = data.draw(st.none() | st.tuples(DAYS, st.integers(1, 30)))
    deal = replace(
        DEAL,
        kickoff_at=None if kickoff is None else signed + timedelta(days=kickoff, hours=3),
        go_live_on=None if go_live is None else (signed + timedelta(days=go_live)).date(),
    )
    holds = (
        ()
        if held is None
        else (
            Hold(since=signed + timedelta(days=held[0]), reason="r", by="b", until=signed + timedelta(days=sum(held))),
        )
    )
    now = signed + timedelta(days=day, hours=hour)
    case = replace(CASE, account=replace(ACCOUNT, zone=account_zone), deals=(deal,), facts=facts, holds=holds)
    stage = data.draw(st.sampled_from([*STAGES, Stage.DONE]))
    reached = dict.fromkeys([*STAGES, Stage.DONE][: [*STAGES, Stage.DONE].index(stage) + 1], signed)
    case = replace(case, progress=replace(case.progress, stage=stage, stage_times=reached, tier=tier))
    assert _wrong(case, LIBRARY[tier].playbook, now, reader_zone) == []


@pytest.mark.parametrize("tier", BUNDLED_TIERS)
@pytest.mark.parametrize("weekday", range(7))
def test_a_recap_names_no_deadline_that_is_over_or_today_when_it_arrives(
    tier: Tier, weekday: int, signed: datetime
) -> None:
    held = signed + timedelta(days=2 + weekday, hours=5)
    goal = {"metric": "Quotes", "baseline": 1, "target": 9, "unit": "a day", "due": "2027-01-31"}
    agreed = build_fact("goal", "Quotes", held, value=goal)
    case = replace(CASE, facts=(agreed, build_fact("milestone", "kickoff_held", held)))
    recap = add_working_days(held, 1, "Europe/Berlin", Calendar()) + timedelta(hours=2)
    mails = dict(_mails(case, LIBRARY[tier].playbook, recap, "Europe/Berlin"))
    for name in [name for name in mails if name.startswith("kickoff_recap")]:
        assert not re.search("due today|was due", mails[name].text), mails[name].text


@pytest.mark.parametrize(
    ("day", "value", "told"),
    [
        (20, None, "from 48 to 4 hours by 30 April 2026"),
        (20, 12, "from 48 to 4 hours by 30 April 2026, 12 hours on 16 March 2026 (82 % of the way)"),
        (20, 50, "from 48 to 4 hours by 30 April 2026, 50 hours on 16 March 2026 (no nearer to the target yet)"),
        (59, None, "from 48 to 4 hours by today"),
        (80, None, "from 48 to 4 hours was due on 30 April 2026; how it came out is still to be measured"),
        (80, 12, "from 48 to 4 hours was due on 30 April 2026; not reached, 12 hours on 16 March 2026"),
        (80, 3.5, "from 48 to 4 hours: reached, 3.5 hours on 16 March 2026"),
    ],
)  # fmt: skip
def test_a_goal_past_its_date_is_told_with_its_outcome(
    day: int, value: float | None, told: str, signed: datetime
) -> None:
    stands = build_fact("goal_value", "quote  turnaround", signed + timedelta(days=14), value={"value": value})
    case = replace(CASE, facts=(stands,) if value is not None else ())
    mails = dict(_mails(case, LIBRARY[MID].playbook, signed + timedelta(days=day), "Europe/Berlin"))
    assert f"- Quote turnaround {told}\n" in mails["executive_update to executive_sponsor"].text
    assert (told in mails["champion_kit to champion"].text) == (day < 60), "what is over is no number to work for"
