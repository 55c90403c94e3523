"""The stage machine: what lets a stage be left, what does not, and that nothing is lost or skipped silently."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onboarding.facts.fold import fold_facts
from onboarding.model.case import Case, Fact, Hold, Progress
from onboarding.model.effect import EffectLine
from onboarding.model.parties import Stakeholder
from onboarding.model.playbook import Playbook
from onboarding.model.vocabulary import STAGES, Channel, CustomerRole, EffectState, HandoffItem, Stage, Status
from onboarding.stages import (
    TABLE,
    Advance,
    advance,
    due_at,
    handoff,
    status_of,
)
from tests.builders.case import ACCOUNT, CASE, DEAL
from tests.builders.facts import build_done, build_fact
from tests.builders.playbook import build_playbook
from tests.examples import examples

Make = Callable[..., Any]
SIGNED = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER = SIGNED + timedelta(days=120)
WORK = {
    Stage.KICKOFF: ("kickoff_held", "cadence_agreed", "plan_agreed"),
    Stage.SETUP: (
        "requirements_documented",
        "security_review",
        "integrations_connected",
        "access_configured",
        "validation_passed",
    ),
    Stage.TRAINING: ("tasks_done_end_users", "tasks_done_admins"),
    Stage.FIRST_VALUE: (
        "activation",
        "both_sides_told",
        "goals_checked",
        "next_plan_agreed",
        "owner_transferred",
        "account_plan_recorded",
    ),
}
NAMES = tuple(name for names in WORK.values() for name in names)
KNOWN = build_fact("goal_value", "Quote turnaround", SIGNED + timedelta(days=1), value={"value": 12})
"""Where the one goal of the case stands."""


def advanced(case: Case, playbook: Playbook, now: datetime = LATER) -> Advance:
    return advance(case, fold_facts(case, playbook, now), playbook, now)


def unmet(moved: Advance) -> list[str]:
    return [criterion.name for criterion in moved.criteria if not criterion.met]


def test_each_of_the_five_stages_has_an_objective_an_owner_and_an_end() -> None:
    case, playbook = CASE, build_playbook()
    state = fold_facts(case, playbook, LATER)
    times = dict.fromkeys(Stage, SIGNED)
    for stage in STAGES:
        assert TABLE[stage].objective
        assert TABLE[stage].owner
        moved = Advance(stage=stage, stage_times=times, criteria=())
        assert due_at(case, state, playbook, moved, LATER) is not None
    assert tuple(TABLE) == STAGES
    done = Advance(stage=Stage.DONE, stage_times=times, criteria=())
    assert due_at(case, state, playbook, done, LATER) is None


@pytest.mark.parametrize("item", list(HandoffItem))
@pytest.mark.parametrize("text", ["", "  \n", "tbd", "TBD.", "n/a", "-", "To be defined"])
def test_the_handoff_is_not_left_while_one_item_has_no_answer(item: HandoffItem, text: str) -> None:
    items = {**DEAL.handoff, item: text}
    moved = advanced(replace(CASE, deals=(replace(DEAL, handoff=items),)), build_playbook())
    assert moved.stage is Stage.HANDOFF
    assert unmet(moved) == [item.value]
    assert next(c for c in moved.criteria if not c.met).owner_role == "account_executive"


def test_no_promises_made_is_an_answer() -> None:
    assert handoff.is_answer("None")


def test_an_item_missing_in_the_first_deal_may_be_answered_by_the_second() -> None:
    whole = DEAL.handoff
    first = replace(DEAL, handoff={HandoffItem.GOALS: whole[HandoffItem.GOALS]}, handoff_seen_at=None)
    second = replace(DEAL, id="006000000000002AAA", signed_at=SIGNED + timedelta(days=9), handoff_seen_at=None)
    moved = advanced(replace(CASE, deals=(first, second)), build_playbook())
    assert moved.stage is Stage.KICKOFF
    assert moved.stage_times[Stage.KICKOFF] == SIGNED + timedelta(days=9)


def test_the_handoff_ends_when_a_person_brings_the_last_item() -> None:
    items = {item: text for item, text in DEAL.handoff.items() if item is not HandoffItem.TIMELINE}
    when = SIGNED + timedelta(days=2)
    said = build_fact("handoff", "timeline", when, value={"text": "Live in May"})
    deal = replace(DEAL, handoff=items, handoff_seen_at=None)
    moved = advanced(replace(CASE, deals=(deal,), facts=(said,)), build_playbook())
    assert moved.stage_times[Stage.KICKOFF] == when


def test_the_handoff_needs_map_tier_and_owner() -> None:
    case = replace(
        CASE,
        stakeholders=(Stakeholder(person_id="003CHAMPION", role=CustomerRole.CHAMPION),),
        account=replace(ACCOUNT, csm_id=None, owner_id="005GONE"),
        progress=Progress(opened_at=SIGNED),
    )
    moved = advanced(case, build_playbook())
    assert unmet(moved) == ["stakeholder_map", "tier", "accountable_owner"]
    text = next(criterion.text for criterion in moved.criteria if criterion.name == "stakeholder_map")
    assert text == "The stakeholder map names 1 person with a role; at least 2 are needed"


def test_no_account_leaves_the_kickoff_without_a_measurable_goal() -> None:
    items = {**DEAL.handoff, HandoffItem.SUCCESS_METRICS: "get up and running"}
    case = replace(CASE, deals=(replace(DEAL, handoff=items),), facts=build_done(*WORK[Stage.KICKOFF]))
    moved = advanced(case, build_playbook())
    assert unmet(moved) == ["measurable_goal"]
    assert "get up and running" in next(c.text for c in moved.criteria if c.name == "measurable_goal")


def test_the_security_review_may_be_done_before_setup_begins() -> None:
    early = build_done("security_review", at=SIGNED + timedelta(hours=1))
    moved = advanced(replace(CASE, facts=early + build_done(*WORK[Stage.KICKOFF])), build_playbook())
    assert "security_review" not in unmet(moved)
    assert moved.stage is Stage.SETUP


def test_tasks_of_a_role_without_a_holder_do_not_count() -> None:
    case = CASE
    without_admin = tuple(part for part in case.stakeholders if part.role is not CustomerRole.TECHNICAL_ADMIN)
    done = build_done(*WORK[Stage.KICKOFF], *WORK[Stage.SETUP], "tasks_done_end_users")
    moved = advanced(replace(case, stakeholders=without_admin, facts=done), build_playbook())
    assert moved.stage is Stage.FIRST_VALUE


def test_training_is_not_left_for_want_of_people_to_train() -> None:
    case = CASE
    deciders = tuple(
        part for part in case.stakeholders if part.role in (CustomerRole.CHAMPION, CustomerRole.EXECUTIVE_SPONSOR)
    )
    done = build_done(*WORK[Stage.KICKOFF], *WORK[Stage.SETUP])
    moved = advanced(replace(case, stakeholders=deciders, facts=done), build_playbook())
    assert moved.stage is Stage.TRAINING
    assert unmet(moved) == ["somebody_to_train"]


def test_not_applicable_counts_only_with_a_reason() -> None:
    day = SIGNED + timedelta(days=3)
    done = build_done("kickoff_held", "cadence_agreed")
    bare = advanced(replace(CASE, facts=(*done, build_fact("milestone_waived", "plan_agreed", day))), build_playbook())
    assert unmet(bare) == ["plan_agreed"]
    reasoned = build_fact("milestone_waived", "plan_agreed", day, value={"reason": "their own plan holds"})
    moved = advanced(replace(CASE, facts=(*done, reasoned)), build_playbook())
    assert moved.stage_times[Stage.SETUP] == day


def test_activation_counts_as_told_once_mail_and_slack_have_left() -> None:
    def sent(channel: Channel, at: datetime | None) -> EffectLine:
        return EffectLine(
            key=f"k:{channel}",
            kind="activation",
            occurrence="1",
            channel=channel,
            person_id="x",
            recipient="x",
            role="champion",
            state=EffectState.SENT if at else EffectState.PLANNED,
            due_at=SIGNED,
            expires_at=None,
            sent_at=at,
        )

    day = SIGNED + timedelta(days=30)
    done = (KNOWN, *build_done(*(name for name in NAMES if name != "both_sides_told")))
    mail, slack = sent(Channel.MAIL, day), sent(Channel.SLACK, day + timedelta(hours=1))
    half = advanced(replace(CASE, facts=done, effects=(mail, sent(Channel.SLACK, None))), build_playbook())
    assert unmet(half) == ["both_sides_told"]
    whole = advanced(replace(CASE, facts=done, effects=(mail, slack)), build_playbook())
    assert whole.stage_times[Stage.DONE] == day + timedelta(hours=1)


def test_a_tick_without_a_value_closes_no_stage_and_says_which_goal_lacks_one() -> None:
    reached = dict.fromkeys(list(Stage)[:5], SIGNED)
    case = replace(CASE, progress=replace(CASE.progress, stage=Stage.FIRST_VALUE, stage_times=reached))
    done = build_done(*NAMES, at=SIGNED + timedelta(days=2))
    moved = advanced(replace(case, facts=done), build_playbook())
    assert (moved.stage, unmet(moved)) == (Stage.FIRST_VALUE, ["goals_checked"])
    text = next(one.text for one in moved.criteria if one.name == "goals_checked")
    assert "nobody has said where “Quote turnaround” stands" in text
    late = replace(KNOWN, at=SIGNED + timedelta(days=5), learned_at=SIGNED + timedelta(days=5))
    closed = advanced(replace(case, facts=(*done, late)), build_playbook())
    assert (closed.stage, closed.stage_times[Stage.DONE]) == (Stage.DONE, late.at)


def test_a_goal_check_that_does_not_apply_with_a_reason_needs_no_value() -> None:
    waived = build_fact("milestone_waived", "goals_checked", value={"reason": "the project was bought for the group"})
    names = [name for name in NAMES if name != "goals_checked"]
    assert advanced(replace(CASE, facts=(*build_done(*names), waived)), build_playbook()).stage is Stage.DONE


def test_a_skip_needs_a_person_and_a_reason_and_leaves_exactly_that_stage() -> None:
    day = SIGNED + timedelta(days=4)
    nobody = build_fact("skip_stage", "kickoff", day, by=" ", value={"reason": "met at the fair"})
    no_reason = build_fact("skip_stage", "kickoff", day, value={"reason": ""})
    assert advanced(replace(CASE, facts=(nobody, no_reason)), build_playbook()).stage is Stage.KICKOFF
    skip = build_fact("skip_stage", "kickoff", day, value={"reason": "met at the fair"})
    moved = advanced(replace(CASE, facts=(skip,)), build_playbook())
    assert moved.stage is Stage.SETUP
    assert moved.stage_times[Stage.SETUP] == day
    leaving = moved.left[-1]
    assert leaving.skipped_by == "cleo@vendor.test"
    assert leaving.because.startswith("skipped by cleo@vendor.test: met at the fair (still open: Kickoff held")


def test_a_lost_criterion_keeps_the_stage_and_is_told() -> None:
    done = build_done(*WORK[Stage.KICKOFF])
    undone = build_fact("milestone_undone", "plan_agreed", SIGNED + timedelta(days=5))
    left_at = SIGNED + timedelta(days=1)
    progress = replace(
        CASE.progress,
        stage=Stage.SETUP,
        stage_times={Stage.HANDOFF: SIGNED, Stage.KICKOFF: SIGNED, Stage.SETUP: left_at},
    )
    moved = advanced(replace(CASE, facts=(*done, undone), progress=progress), build_playbook())
    assert moved.stage is Stage.SETUP
    assert [criterion.name for criterion in moved.lost] == ["plan_agreed"]
    assert moved.stage_times[Stage.SETUP] == left_at
    again = build_fact("milestone", "plan_agreed", SIGNED + timedelta(days=6))
    assert advanced(replace(CASE, facts=(*done, undone, again), progress=progress), build_playbook()).lost == ()


def test_what_a_skipped_stage_never_had_is_not_lost() -> None:
    skip = build_fact("skip_stage", "kickoff", SIGNED + timedelta(days=4), value={"reason": "met at the fair"})
    progress = replace(CASE.progress, stage=Stage.SETUP)
    moved = advanced(replace(CASE, facts=(skip,), progress=progress), build_playbook())
    assert moved.stage is Stage.SETUP
    assert moved.lost == ()


@pytest.mark.parametrize("saved", list(Stage))
@pytest.mark.parametrize("reached", [stage for stage in Stage if stage is not Stage.HANDOFF])
def test_the_stage_is_what_the_facts_reach_and_never_behind_the_saved_one(saved: Stage, reached: Stage) -> None:
    order = list(Stage)
    done = tuple(name for stage, names in WORK.items() if order.index(stage) < order.index(reached) for name in names)
    case = replace(CASE, facts=(KNOWN, *build_done(*done)), progress=replace(CASE.progress, stage=saved))
    moved = advanced(case, build_playbook())
    assert moved.stage is max(saved, reached, key=order.index)
    assert [leaving.stage for leaving in moved.left] == [
        stage for stage in STAGES if order.index(saved) <= order.index(stage) < order.index(reached)
    ]
    assert set(moved.stage_times) == set(order[: order.index(moved.stage) + 1])


ACTIVE = Advance(stage=Stage.SETUP, stage_times={}, criteria=())
DONE = Advance(stage=Stage.DONE, stage_times={}, criteria=())
NOW = SIGNED + timedelta(days=10)
HELD = Hold(since=SIGNED, reason="re-organisation", by="cleo@vendor.test", until=NOW + timedelta(days=1))


@pytest.mark.parametrize(
    ("changes", "moved", "status"),
    [
        ({}, ACTIVE, Status.ACTIVE),
        ({}, DONE, Status.COMPLETED),
        ({"holds": (HELD,)}, ACTIVE, Status.ON_HOLD),
        ({"holds": (HELD,)}, DONE, Status.COMPLETED),
        ({"holds": (replace(HELD, until=NOW),)}, ACTIVE, Status.ACTIVE),
        ({"holds": (replace(HELD, until=None),)}, ACTIVE, Status.ON_HOLD),
        ({"holds": (replace(HELD, ended_at=NOW),)}, ACTIVE, Status.ACTIVE),
        ({"deal": {"won": False}}, ACTIVE, Status.ON_HOLD),
        ({"account": {"churned_on": NOW.date()}}, ACTIVE, Status.CHURNED),
        ({"account": {"churned_on": NOW.date()}}, DONE, Status.CHURNED),
        ({"account": {"churned_on": NOW.date() + timedelta(days=1)}}, ACTIVE, Status.ACTIVE),
        ({"saved": {"status": Status.COMPLETED}}, ACTIVE, Status.COMPLETED),
        ({"saved": {"status": Status.CANCELLED, "closed_reason": "merged"}}, DONE, Status.CANCELLED),
    ],
)
def test_the_status_says_where_it_stands_as_a_whole(
    changes: dict[str, Any],
    moved: Advance,
    status: Status,
) -> None:
    case = replace(
        CASE,
        holds=changes.get("holds", ()),
        deals=(replace(DEAL, **changes.get("deal", {})),),
        account=replace(ACCOUNT, **changes.get("account", {})),
        progress=replace(CASE.progress, **changes.get("saved", {})),
    )
    found, because = status_of(case, moved, NOW)
    assert found is status
    assert because


def test_churn_is_a_day_at_the_customer() -> None:
    case = replace(CASE, account=replace(ACCOUNT, zone="Pacific/Kiritimati", churned_on=date(2026, 3, 12)))
    assert status_of(case, ACTIVE, datetime(2026, 3, 11, 9, 59, tzinfo=UTC))[0] is Status.ACTIVE
    assert status_of(case, ACTIVE, datetime(2026, 3, 11, 10, tzinfo=UTC))[0] is Status.CHURNED


@pytest.mark.parametrize(
    ("signed", "status"),
    [
        (datetime(2026, 3, 11, tzinfo=UTC), Status.CHURNED),
        (datetime(2026, 3, 12, tzinfo=UTC), Status.CHURNED),
        (datetime(2026, 3, 12, 1, tzinfo=UTC), Status.CHURNED),
        (datetime(2026, 3, 12, 12, tzinfo=UTC), Status.ACTIVE),
        (datetime(2026, 3, 13, tzinfo=UTC), Status.ACTIVE),
    ],
)
def test_a_day_of_leaving_before_the_signature_ends_another_onboarding(signed: datetime, status: Status) -> None:
    account = replace(ACCOUNT, zone="Pacific/Kiritimati", churned_on=date(2026, 3, 12))
    case = replace(CASE, account=account, deals=(replace(DEAL, signed_at=signed),))
    assert status_of(case, ACTIVE, NOW)[0] is status


def test_an_onboarding_that_another_one_followed_stays_churned() -> None:
    churned = replace(CASE, progress=replace(CASE.progress, status=Status.CHURNED))
    assert status_of(replace(churned, followed=True), ACTIVE, NOW)[0] is Status.CHURNED
    assert status_of(churned, ACTIVE, NOW)[0] is Status.ACTIVE, "the CRM's day was a mistake, and was taken back"
    assert status_of(replace(CASE, followed=True), DONE, NOW)[0] is Status.COMPLETED


moments = st.integers(0, 100).map(lambda days: SIGNED + timedelta(days=days))
reports = st.builds(
    lambda kind, name, at, late, by, reason: Fact(
        key=f"{kind}:{name}:{at}:{late}:{by}:{reason}",
        kind=kind,
        name=name,
        at=at,
        learned_at=at + timedelta(days=late),
        source="record",
        by=by,
        value={"reason": reason},
    ),
    kind=st.sampled_from(["milestone", "milestone", "milestone", "milestone_undone", "milestone_waived", "skip_stage"]),
    name=st.sampled_from([*NAMES, *(stage.value for stage in STAGES)]),
    at=moments,
    late=st.integers(0, 20),
    by=st.sampled_from(["", "cleo@vendor.test"]),
    reason=st.sampled_from(["", "agreed by mail"]),
)
EVERYTHING = st.lists(st.sampled_from(NAMES), unique=True, max_size=len(NAMES))


@settings(max_examples=examples(150))
@given(done=EVERYTHING, said=st.lists(reports, max_size=12), now=moments)
def test_no_stage_is_left_with_an_unmet_criterion_unless_a_named_person_gave_a_reason(
    done: Sequence[str],
    said: list[Fact],
    now: datetime,
) -> None:
    case = replace(CASE, facts=(*build_done(*done), *said))
    playbook = build_playbook()
    state = fold_facts(case, playbook, now)
    moved = advance(case, state, playbook, now)
    entered = SIGNED
    for leaving in moved.left:
        names = [name for name in playbook.stages[leaving.stage].exit if name in state.milestones]
        all_met = all(state.milestones[name].met for name in names)
        by_person = [
            fact
            for fact in said
            if fact.kind == "skip_stage" and fact.name == leaving.stage and fact.by and fact.value["reason"]
        ]
        assert all_met if leaving.skipped_by is None else by_person
        assert entered <= leaving.at <= now
        entered = leaving.at
    if moved.stage is not Stage.DONE:
        assert not all(criterion.met for criterion in moved.criteria)
