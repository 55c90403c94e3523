"""Stalls: each cause in words, whose move it is, since when, and the time of the next check."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onboarding import stalls
from onboarding.facts.fold import fold_facts
from onboarding.model.case import Case, Fact, Hold, Progress, Stall
from onboarding.model.phrases import moment_words
from onboarding.model.playbook import Playbook
from onboarding.model.suppressions import Suppression, SuppressionScope
from onboarding.model.usage import Usage
from onboarding.model.vocabulary import CustomerRole, HandoffItem, Stage
from onboarding.model.written.proof import ProvenBy
from onboarding.review_case import review_context
from onboarding.sentences.sentence import fill_names
from onboarding.stalls.context import LOOK_AGAIN
from tests.builders.case import ACCOUNT, CASE, DEAL
from tests.builders.facts import build_done, build_fact, build_use
from tests.builders.playbook import build_playbook, playbook_with_stalls
from tests.builders.tiers import HIGH
from tests.examples import examples

Make = Callable[..., Any]
SIGNED = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday
SETUP = ("requirements_documented", "integrations_connected", "validation_passed")
RULE = {"severity": "warning", "next_step": "Do it", "source": "ours"}


def _after(**time: int) -> datetime:
    return SIGNED + timedelta(**time)


def _found(case: Case, playbook: Playbook, now: datetime) -> tuple[Stall, ...]:
    return stalls.find(stalls.watches(review_context(case, playbook, now)), now)


def _find(case: Case, playbook: Playbook, now: datetime) -> dict[str, Stall]:
    return {stall.kind: stall for stall in _found(case, playbook, now)}


def _next_at(case: Case, playbook: Playbook, now: datetime) -> datetime | None:
    return stalls.next_at(stalls.watches(review_context(case, playbook, now)), now)


def rules(tier: str = "mid", **wanted: Mapping[str, object]) -> Playbook:
    """A playbook with these stall rules only: ``rules(no_activity={"days": 10})``, or a whole rule."""
    return playbook_with_stalls(
        tier,
        {kind: {**RULE, **(after if "after" in after else {"after": after})} for kind, after in wanted.items()},
    )


def kicked_off(*more: Fact, usage: Usage = CASE.usage) -> Case:
    """In setup since the day after signature."""
    facts = (*build_done("kickoff_booked", "kickoff_held", "cadence_agreed", "plan_agreed"), *more)
    return replace(CASE, facts=facts, usage=usage)


def test_a_handoff_with_two_items_missing_names_them_and_waits_for_us() -> None:
    deal = replace(
        DEAL, handoff={HandoffItem.GOALS: "Faster", HandoffItem.TIMELINE: "May", HandoffItem.COMMITMENTS: "SSO"}
    )
    playbook = rules(handoff_incomplete={"hours": 24})
    case = replace(CASE, deals=(deal,))
    assert _find(case, playbook, _after(hours=23)) == {}
    stall = _find(case, playbook, _after(hours=24))["handoff_incomplete"]
    assert stall.cause == "The handoff is incomplete: success metrics and technical requirements are missing."
    assert (stall.waiting_on, stall.since, stall.severity) == ("vendor", SIGNED, "warning")
    assert stall.owner_role == "account_executive"


def test_kickoff_warns_twelve_hours_before_the_forty_eight_and_is_critical_at_them() -> None:
    playbook = rules(kickoff_not_booked={"after": {"hours": 36}, "critical_after": {"hours": 48}})
    case = CASE
    assert _find(case, playbook, _after(hours=35, minutes=59)) == {}
    warned = _find(case, playbook, _after(hours=36))["kickoff_not_booked"]
    assert warned.severity == "warning"
    assert warned.cause == "No kickoff is booked; it was to be booked by 4 March 2026, 09:00 UTC."
    assert _find(case, playbook, _after(hours=48))["kickoff_not_booked"].severity == "critical"


@pytest.mark.parametrize("days_late", [1, 3, 6, 60])
def test_a_kickoff_is_not_late_before_the_deal_was_seen(days_late: int) -> None:
    playbook = rules(kickoff_not_booked={"after": {"hours": 36}, "critical_after": {"hours": 48}})
    seen_at = _after(days=days_late)
    case = CASE
    case = replace(case, progress=replace(case.progress, opened_at=seen_at))
    assert _find(case, playbook, seen_at + timedelta(hours=35, minutes=59)) == {}
    warned = _find(case, playbook, seen_at + timedelta(hours=36))["kickoff_not_booked"]
    assert (warned.severity, warned.since) == ("warning", seen_at)
    limit = seen_at + timedelta(hours=48)
    assert warned.cause == (
        f"No kickoff is booked; it was to be booked by {moment_words(limit)}. Signed on 2 March 2026, first seen on "
        f"{moment_words(seen_at)}: it counts from then."
    )
    assert _find(case, playbook, limit)["kickoff_not_booked"].severity == "critical"
    due = fold_facts(case, playbook, seen_at).milestones["kickoff_booked"].due_at
    assert due is None or due >= limit, "the same work has the same date everywhere"


def test_a_booked_kickoff_is_no_stall() -> None:
    playbook = rules(kickoff_not_booked={"hours": 48})
    case = replace(CASE, deals=(replace(DEAL, kickoff_at=_after(days=9)),))
    assert _find(case, playbook, _after(days=5)) == {}


def test_setup_past_its_date_names_what_is_open_and_whose_it_is() -> None:
    case = kicked_off(*build_done(*SETUP[:2], at=_after(days=8)))
    playbook = rules(stage_overdue={"after": {"days": 0}, "critical_after": {"days": 10}})
    late = _after(days=1 + 21)
    assert _find(case, playbook, late - timedelta(seconds=1)) == {}
    stall = _find(case, playbook, late)["stage_overdue"]
    assert stall.cause == (
        "Setup should have ended on 24 March 2026. Still open: “Validation passed” (waiting for us); "
        "“Access configured” and “Security review” (waiting for the customer)."
    )
    assert (stall.waiting_on, stall.since) == ("customer", late), "access was due first, and is the customer's"
    assert _find(case, playbook, late + timedelta(days=10))["stage_overdue"].severity == "critical"


def test_the_oldest_overdue_milestone_is_named_with_its_owner() -> None:
    stall = _find(kicked_off(), rules(milestone_overdue={"days": 2}), _after(days=6))["milestone_overdue"]
    assert stall.cause == "“Requirements documented” was due on 6 March 2026; us: implementation engineer."
    assert stall.since == _after(days=4)


@pytest.mark.parametrize(
    ("proof", "asked"),
    [
        (ProvenBy.GOALS_CONFIRMED, "Ask Hanna Weber whether each goal is right: what is measured, its value today,"),
        (ProvenBy.GOALS_VALUED, "Ask Hanna Weber for the present value of each goal and record it."),
        (None, "Do it"),
    ],
)
def test_what_a_customer_does_not_answer_on_its_goals_is_asked_for_in_plain_words(
    proof: ProvenBy | None, asked: str
) -> None:
    playbook = rules(milestone_overdue={"days": 2})
    setup = playbook.stages[Stage.SETUP]
    proved = tuple(replace(one, proof=proof) if one.name == SETUP[0] else one for one in setup.milestones)
    playbook = replace(playbook, stages={**playbook.stages, Stage.SETUP: replace(setup, milestones=proved)})
    begun = {stage: _after(days=1) for stage in (Stage.HANDOFF, Stage.KICKOFF, Stage.SETUP)}
    unconfirmed = replace(CASE, progress=replace(CASE.progress, stage=Stage.SETUP, stage_times=begun))
    stall = _find(unconfirmed, playbook, _after(days=6))["milestone_overdue"]
    assert stall.about == SETUP[0]
    assert stall.next_step.startswith(asked)


def test_work_of_a_stage_already_left_is_asked_for_no_more() -> None:
    late = _find(kicked_off(), rules(milestone_overdue={"days": 0}), _after(days=3))
    assert late == {}, "materials and introductions were due by now, in stages already left"


def test_silence_counts_from_the_last_activity_and_only_where_usage_is_known() -> None:
    playbook = rules(no_activity={"days": 10})
    use = build_use("task_completed", (_after(days=3), "ann"))
    now = _after(days=13)
    case = kicked_off(usage=Usage(known=True, read_at=now, signals=(use,)))
    stall = _find(case, playbook, now)["no_activity"]
    assert stall.cause == "No activity in the product since 5 March 2026."
    assert stall.since == _after(days=3)
    assert _find(case, playbook, now - timedelta(seconds=1)) == {}
    assert _find(replace(case, usage=Usage(known=False, signals=(use,))), playbook, now) == {}


def test_silence_is_not_believed_beyond_what_was_read_and_looked_at_again_soon() -> None:
    playbook = rules(no_activity={"days": 10})
    case = kicked_off(usage=Usage(known=True, read_at=_after(days=5)))
    now = _after(days=20)
    assert _find(case, playbook, now) == {}
    assert _next_at(case, playbook, now) == now + LOOK_AGAIN


def test_two_logins_and_never_again_is_told_as_a_drop_off_and_not_twice() -> None:
    now = _after(days=30)
    use = build_use("login", (_after(days=2), "ann"), (_after(days=4), "ann"))
    case = kicked_off(usage=Usage(known=True, read_at=now, signals=(use,)))
    found = _find(case, rules(no_activity={"days": 10}, silent_drop_off={"days": 10}), now)
    assert set(found) == {"silent_drop_off"}
    assert found["silent_drop_off"].cause == "Logged in 2 times, last on 6 March 2026, and not seen since."


def test_no_activation_warns_on_day_thirty_and_is_critical_on_day_sixty() -> None:
    playbook = rules(no_activation={"after": {"days": 30}, "critical_after": {"days": 60}})
    case = replace(CASE, usage=Usage(known=False))
    assert _find(case, playbook, _after(days=29)) == {}
    assert _find(case, playbook, _after(days=30))["no_activation"].severity == "warning"
    assert _find(case, playbook, _after(days=60))["no_activation"].severity == "critical"


def test_a_champion_who_left_is_another_stall_than_one_who_never_was() -> None:
    playbook = rules(champion_missing={"days": 3}, champion_left={"hours": 0})
    case, now = CASE, _after(days=10)
    people = tuple(
        replace(person, left_on=date(2026, 3, 9)) if person.id == "003CHAMPION" else person for person in case.people
    )
    found = _find(replace(case, people=people), playbook, now)
    assert set(found) == {"champion_left"}
    assert found["champion_left"].cause.startswith("The champion Hanna Weber left on 9 March 2026;")
    others = tuple(part for part in case.stakeholders if part.role is not CustomerRole.CHAMPION)
    assert set(_find(replace(case, stakeholders=others), playbook, now)) == {"champion_missing"}


def test_a_sponsor_is_only_missed_where_the_playbook_expects_one() -> None:
    case = CASE
    others = tuple(part for part in case.stakeholders if part.role is not CustomerRole.EXECUTIVE_SPONSOR)
    case = replace(case, stakeholders=others)
    assert _find(case, rules("mid", sponsor_missing={"days": 5}), _after(days=9)) == {}
    high = replace(case, progress=replace(case.progress, tier=HIGH))
    assert set(_find(high, rules("high", sponsor_missing={"days": 5}), _after(days=9))) == {"sponsor_missing"}


def test_nobody_to_write_to_says_why_for_each_and_counts_those_who_opted_out_as_reachable() -> None:
    playbook, case = rules(nobody_to_write_to={"hours": 0}), CASE
    suppressions = tuple(
        Suppression(subject=p.email, scope=SuppressionScope.ALL, reason="bounced") for p in case.people
    )
    bounced = replace(case, suppressions=suppressions)
    cause = _find(bounced, playbook, SIGNED)["nobody_to_write_to"].cause
    assert "Hanna Weber (the address bounced)" in cause
    silent = tuple(replace(person, email=None) for person in case.people[:-1])
    one = replace(case, people=(*silent, replace(case.people[-1], opted_out=True)))
    assert _find(one, playbook, SIGNED) == {}


def test_an_inactive_owner_is_our_move_even_if_another_person_stands_in() -> None:
    case = CASE
    owners = {**case.owners, "005CSM": replace(case.owners["005CSM"], active=False)}
    stall = _find(replace(case, owners=owners), rules(owner_missing={"hours": 0}), SIGNED)["owner_missing"]
    assert stall.cause == ("Cleo Santos, the CSM in the CRM, is no longer active; Sam Seller stands in.")
    assert stall.waiting_on == "vendor"


def test_a_thin_map_is_told_with_its_numbers() -> None:
    case = CASE
    thin = replace(case, stakeholders=case.stakeholders[:2])
    playbook = rules("high", thin_map={"days": 14})
    assert _find(case, playbook, _after(days=20)) == {}
    assert _find(thin, playbook, _after(days=20))["thin_map"].cause == "The stakeholder map has 2 of at least 6 people."


def test_a_criterion_that_was_unticked_after_its_stage_was_left_is_a_risk() -> None:
    case = kicked_off(build_fact("milestone_undone", "plan_agreed", _after(days=5)))
    saved = replace(
        case.progress,
        stage=Stage.SETUP,
        stage_times={Stage.HANDOFF: SIGNED, Stage.KICKOFF: SIGNED, Stage.SETUP: _after(days=1)},
    )
    stall = _find(replace(case, progress=saved), rules(criterion_lost={"hours": 0}), _after(days=5))["criterion_lost"]
    assert stall.cause == "No longer true since 7 March 2026, though its stage was left: “Plan agreed”."
    assert stall.waiting_on == "customer"


def test_nothing_stalls_on_hold_and_the_hold_moves_the_date() -> None:
    playbook = rules(no_activation={"days": 30})
    hold = Hold(since=_after(days=10), reason="Freeze", by="cleo@vendor.test")
    assert _find(replace(CASE, holds=(hold,)), playbook, _after(days=40)) == {}
    ended = replace(CASE, holds=(replace(hold, ended_at=_after(days=15)),))
    assert _find(ended, playbook, _after(days=34)) == {}
    assert set(_find(ended, playbook, _after(days=35))) == {"no_activation"}


def test_a_closed_or_completed_onboarding_has_no_stalls() -> None:
    churned = replace(CASE, account=replace(ACCOUNT, churned_on=date(2026, 3, 20)))
    assert _find(churned, build_playbook(), _after(days=90)) == {}
    done = Progress(stage=Stage.DONE, stage_times=dict.fromkeys(Stage, SIGNED), opened_at=SIGNED)
    assert _find(replace(CASE, progress=done), build_playbook(), _after(days=90)) == {}


def test_the_most_severe_comes_first_then_the_oldest() -> None:
    found = _found(CASE, build_playbook(), _after(days=70))
    ranks = [(stalls.SEVERITIES.index(stall.severity), stall.since) for stall in found]
    assert len(found) > 2
    assert ranks == sorted(ranks)


def test_a_kind_without_a_rule_is_never_found() -> None:
    assert _find(CASE, playbook_with_stalls("mid", {}), _after(days=200)) == {}


def test_a_next_step_may_name_people_and_nothing_else() -> None:
    rule = {"after": {"days": 1}, "next_step": "Call {champion}, tell {owner} {owner.email} {unknown}"}
    found = _find(CASE, rules(no_activation=rule), _after(days=2))["no_activation"]
    assert found.next_step == "Call Hanna Weber, tell Cleo Santos {owner.email} {unknown}"
    assert fill_names("{champion}", {"champion": "{owner}"}) == "{owner}"


@settings(max_examples=examples(60))
@given(hours=st.integers(0, 24 * 100), later=st.integers(1, 24 * 30))
def test_time_alone_changes_nothing_before_the_moment_announced(hours: int, later: int) -> None:
    """Between now and ``next_at`` the result of ``find`` stays the same, and at ``next_at`` it differs."""
    playbook = playbook_with_stalls(
        "mid",
        {
            "handoff_incomplete": {
                **RULE,
                "after": {"working_days": 1},
                "critical_after": {"working_days": 5},
            },
            "kickoff_not_booked": {**RULE, "after": {"hours": 36}, "critical_after": {"hours": 48}},
            "stage_overdue": {**RULE, "critical_after": {"days": 10}},
            "no_activation": {**RULE, "after": {"days": 30}, "critical_after": {"days": 60}},
        },
    )
    case, now = replace(CASE, usage=Usage(known=False)), _after(hours=hours)

    def seen(at: datetime) -> dict[str, str]:
        return {kind: stall.severity for kind, stall in _find(case, playbook, at).items()}

    due = _next_at(case, playbook, now)
    if due is None:
        assert seen(now) == seen(now + timedelta(days=400))
        return
    assert due > now
    between = min(now + timedelta(hours=later), due - timedelta(seconds=1))
    assert seen(now) == seen(between)
    assert seen(now) != seen(due)
