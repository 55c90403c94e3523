"""Who joins after the welcome is caught up once, in one mail; who was there from the start never is (SH-6)."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onboarding.explain.touchpoint_fate import explain_touchpoint
from onboarding.model.case import LONG_AGO, Case
from onboarding.model.message_policy import FORBIDDEN, Topic
from onboarding.model.parties import Stakeholder
from onboarding.model.suppressions import Suppressed, Suppression, SuppressionScope
from onboarding.model.vocabulary import CustomerRole, EffectState, Stage, Status, TouchpointOutcome
from onboarding.newcomers.joining import joined_at
from onboarding.newcomers.welcome import welcomed_at
from onboarding.review_case import review
from tests.builders.case import CASE, SIGNED
from tests.builders.tiers import BUNDLED_TIERS
from tests.examples import examples
from tests.onboarding.newcomers.arrivals import JOINED, NEW, NORA, SENT, STEP, book, in_crm, later, mails, reported
from tests.onboarding.touchpoints.reviews import MONDAY, held, lived, of, planned_at, saved


@pytest.mark.slow
def test_nobody_who_was_there_from_the_start_gets_one(welcomed: Case) -> None:
    assert mails(later(welcomed)) == []
    assert mails(lived(CASE, book(), MONDAY, MONDAY + timedelta(days=40), timedelta(hours=12))) == []


@pytest.mark.parametrize("role", list(CustomerRole))
def test_who_is_added_in_the_crm_gets_one_and_no_mail_that_went_before(welcomed: Case, role: CustomerRole) -> None:
    before = {line.kind for line in welcomed.effects if line.sent_at}
    case = later(in_crm(welcomed, role), 30)
    assert mails(case) == SENT
    (line,) = [line for line in case.effects if line.kind == STEP]
    assert line.because.startswith("Nora Neu joined on 10 March 2026, after the welcome, as ")
    assert {line.kind for line in case.effects if line.recipient == NORA and line.kind != STEP}.isdisjoint(
        before - {step.name for step in book().steps if step.again_for_new_holder}
    )


@pytest.mark.slow
def test_who_is_reported_gets_one_whatever_day_the_report_tells_of(welcomed: Case) -> None:
    assert mails(later(replace(welcomed, facts=(*welcomed.facts, reported())))) == SENT
    back = replace(reported(), at=MONDAY - timedelta(days=3))
    assert mails(later(replace(welcomed, facts=(*welcomed.facts, back)))) == SENT


def test_every_tier_catches_up() -> None:
    for tier in BUNDLED_TIERS:
        case = lived(CASE, book(tier), MONDAY, MONDAY + timedelta(days=7), timedelta(hours=6))
        assert len(of(planned_at(in_crm(case), book(tier), JOINED).effects, STEP)) == 1, tier


def test_another_role_of_a_person_who_was_there_is_no_arrival(welcomed: Case) -> None:
    part = Stakeholder(person_id="003CHAMPION", role=CustomerRole.MANAGER, since=JOINED)
    case = replace(welcomed, stakeholders=(*welcomed.stakeholders, part))
    named = reported("manager", email="Hanna@kunde.test")
    assert mails(later(replace(case, facts=(*case.facts, named)))) == []


def test_who_had_a_mail_before_they_were_named_is_no_newcomer(welcomed: Case) -> None:
    case = in_crm(welcomed)
    line = next(line for line in case.effects if line.kind == "welcome" and line.sent_at)
    theirs = replace(line, key="another", person_id="003OLD", recipient=NORA.upper())
    assert mails(later(replace(case, effects=(*case.effects, theirs)))) == []


def test_before_the_welcome_has_left_everybody_is_there_from_the_start() -> None:
    case = in_crm(CASE, at=MONDAY + timedelta(minutes=30))
    assert welcomed_at(case) is None
    start = MONDAY + timedelta(hours=1)
    assert mails(lived(case, book(), start, start + timedelta(days=9), timedelta(hours=6))) == []


@pytest.mark.parametrize("outcome", [TouchpointOutcome.ASKED, TouchpointOutcome.SKIPPED])
def test_where_a_person_welcomes_it_counts_from_then(welcomed: Case, outcome: TouchpointOutcome) -> None:
    (point,) = [one for one in welcomed.touchpoints if one.step == "welcome"]
    case = replace(
        welcomed,
        touchpoints=(*(t for t in welcomed.touchpoints if t != point), replace(point, outcome=outcome)),
        effects=tuple(line for line in welcomed.effects if line.kind != "welcome"),
    )
    assert welcomed_at(case) == point.at
    assert mails(later(in_crm(case))) == SENT


@pytest.mark.slow
def test_of_an_account_that_was_taken_over_those_are_new_who_came_after_that() -> None:
    case = replace(CASE, progress=replace(CASE.progress, adopted_at=JOINED - timedelta(days=1)))
    assert mails(later(in_crm(case, at=JOINED - timedelta(days=1)))) == []
    assert mails(later(in_crm(case))) == SENT


def test_known_from_a_report_and_then_a_contact_of_the_crm_it_is_one_mail(welcomed: Case) -> None:
    case = later(replace(welcomed, facts=(*welcomed.facts, reported())), 3)
    assert mails(case) == SENT
    case = in_crm(case, at=JOINED + timedelta(days=4))
    assert (
        mails(lived(case, book(), JOINED + timedelta(days=4), JOINED + timedelta(days=9), timedelta(hours=6))) == SENT
    )


def test_a_report_that_becomes_a_contact_before_the_mail_leaves_is_one_mail(welcomed: Case) -> None:
    case = replace(welcomed, facts=(*welcomed.facts, reported()))
    case = saved(case, book(), JOINED, planned_at(case, book(), JOINED))
    assert [state for _, state in mails(case)] == [EffectState.PLANNED]
    start = JOINED + timedelta(hours=1)
    found = lived(in_crm(case, at=start), book(), start, start + timedelta(days=3))
    assert sorted(state for _, state in mails(found)) == [EffectState.CANCELLED, EffectState.SENT]


@pytest.mark.slow
def test_on_hold_nothing_leaves_and_it_does_after_a_long_hold(welcomed: Case) -> None:
    case = held(in_crm(welcomed), JOINED - timedelta(hours=1))
    assert mails(later(case, 30)) == []
    end = JOINED + timedelta(days=30)
    over = replace(case, holds=(replace(case.holds[0], ended_at=end),))
    assert mails(lived(over, book(), end, end + timedelta(days=3), timedelta(hours=6))) == SENT


def test_who_opted_out_is_left_to_a_person_and_a_suppressed_address_gets_nothing(welcomed: Case) -> None:
    case = in_crm(welcomed)
    out = replace(case, people=(*case.people[:-1], replace(NEW, opted_out=True)))
    found = later(out, 2)
    assert mails(found) == []
    texts = [one.text for one in review(found, book(), JOINED + timedelta(days=2)).review.tasks]
    (text,) = [one for one in texts if "Catch-up" in one]
    assert "Nora Neu joined on 10 March 2026" in text
    assert "wants no automated mail" in text
    gone = Suppression(subject=NORA, scope=SuppressionScope.ALL, reason=Suppressed.BOUNCED, at=MONDAY)
    assert mails(later(replace(case, suppressions=(gone,)))) == []


def test_an_old_opt_out_of_somebody_else_makes_no_task_of_a_newcomers_mail(welcomed: Case) -> None:
    people = tuple(replace(one, opted_out=one.id == "003MANAGER") for one in welcomed.people)
    found = later(in_crm(replace(welcomed, people=people), CustomerRole.END_USER), 2)
    texts = [one.text for one in review(found, book(), JOINED + timedelta(days=2)).review.tasks]
    assert not [one for one in texts if one.startswith("Catch-up")]


def test_who_leaves_the_map_before_it_is_sent_does_not_get_it(welcomed: Case) -> None:
    case = in_crm(welcomed, at=JOINED)
    case = saved(case, book(), JOINED, planned_at(case, book(), JOINED))
    case = replace(case, stakeholders=welcomed.stakeholders)
    found = lived(case, book(), JOINED + timedelta(hours=1), JOINED + timedelta(days=3))
    assert [state for _, state in mails(found)] == [EffectState.CANCELLED]
    (line,) = [line for line in found.effects if line.kind == STEP]
    assert line.because == "its reader has no part in the onboarding any more"


def test_the_daily_cap_holds_for_many_at_once(welcomed: Case) -> None:
    pace = replace(book().pace, mails_per_account_and_day=2)
    few = replace(book(), pace=pace)
    people = tuple(replace(NEW, id=f"003N{n}", name=f"Nora {n}", email=f"n{n}@kunde.test") for n in range(5))
    parts = tuple(Stakeholder(person_id=one.id, role=CustomerRole.END_USER, since=JOINED) for one in people)
    case = replace(welcomed, people=(*welcomed.people, *people), stakeholders=(*welcomed.stakeholders, *parts))
    found = later(case, 10, few)
    days = [line.sent_at.date() for line in found.effects if line.kind == STEP and line.sent_at]
    assert len(days) == 5
    assert max(days.count(day) for day in days) <= 2


@pytest.mark.slow
def test_a_role_that_must_not_get_the_topic_is_left_out(welcomed: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    forbidden = FORBIDDEN | {CustomerRole.END_USER: frozenset({Topic.WELCOME})}
    monkeypatch.setattr("onboarding.model.message_policy.FORBIDDEN", forbidden)
    assert mails(later(in_crm(welcomed, CustomerRole.END_USER))) == []
    assert mails(later(in_crm(welcomed, CustomerRole.MANAGER))) == SENT


def test_once_completed_or_closed_nobody_is_caught_up(welcomed: Case) -> None:
    done = replace(
        welcomed.progress, stage=Stage.DONE, status=Status.COMPLETED, stage_times=dict.fromkeys(Stage, JOINED)
    )
    assert of(planned_at(in_crm(replace(welcomed, progress=done)), book(), JOINED).effects, STEP) == []
    churned = replace(welcomed, account=replace(welcomed.account, churned_on=JOINED.date()))
    assert of(planned_at(in_crm(churned), book(), JOINED).effects, STEP) == []


def test_a_version_of_a_playbook_without_the_step_sends_none_and_one_that_comes_late_too(welcomed: Case) -> None:
    without = replace(book(), steps=tuple(step for step in book().steps if step.name != STEP))
    case = later(in_crm(welcomed), 15, without)
    assert mails(case) == []
    now = JOINED + timedelta(days=15)
    assert mails(lived(case, book(), now, now + timedelta(days=5), timedelta(hours=6))) == []


def test_explain_tells_why_or_that_there_is_nobody(welcomed: Case) -> None:
    case = in_crm(welcomed)
    found = explain_touchpoint(case, review(case, book(), JOINED).review, book(), STEP, JOINED)
    assert any("Nora Neu" in line and "after the welcome" in line for line in found.lines)
    none = explain_touchpoint(welcomed, review(welcomed, book(), JOINED).review, book(), STEP, JOINED)
    assert none.lines[-1] == (
        "Nothing is planned: it is sent to each person who joins after the welcome was sent; there is nobody who has "
        "not had it."
    )


TIMES = st.integers(0, 20).map(lambda day: SIGNED + timedelta(days=day))
REPORTS = st.lists(st.tuples(TIMES, TIMES, st.booleans(), st.sampled_from(["manager", "champion"])), max_size=5)


@settings(max_examples=examples(60))
@given(reports=REPORTS, since=st.none() | TIMES, data=st.data())
def test_when_somebody_joined_is_the_same_for_any_order_and_repetition(
    reports: list[tuple[datetime, datetime, bool, str]], since: datetime | None, data: st.DataObject
) -> None:
    facts = [
        replace(reported(role, at, left=left), key=f"f{n}", learned_at=max(at, learned))
        for n, (at, learned, left, role) in enumerate(reports)
    ]
    case = in_crm(CASE, at=since)
    now = SIGNED + timedelta(days=30)
    one = joined_at(replace(case, facts=tuple(facts)), now)
    other = data.draw(st.permutations(facts * 2))
    assert joined_at(replace(case, facts=tuple(other)), now) == one
    known = [fact.learned_at for fact in facts if not fact.value["left"]]
    assert one[NEW.id] == min([since or LONG_AGO, *known])
