"""The fold of facts: the same result for any order, repetition or delay, and the effect of each kind of fact."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onboarding.facts.fold import fold_facts, next_change
from onboarding.facts.milestones import IN_TRIAL
from onboarding.model.case import Case, Fact, Hold, Touchpoint
from onboarding.model.effect import EffectLine
from onboarding.model.parties import Stakeholder
from onboarding.model.playbook import Playbook
from onboarding.model.state import OnboardingState
from onboarding.model.usage import Detection, SignalUse, Usage
from onboarding.model.vocabulary import STAGES, Channel, CustomerRole, EffectState, HandoffItem, Stage, VendorRole
from onboarding.simulation.apply import learned, used
from onboarding.stages import Advance, advance
from tests.builders.case import CASE, DEAL
from tests.builders.facts import build_done, build_fact, build_use
from tests.builders.playbook import build_playbook
from tests.builders.tiers import BUNDLED_TIERS, HIGH
from tests.examples import examples

Make = Callable[..., Any]
SIGNED = datetime(2026, 3, 2, 9, tzinfo=UTC)
NOW = SIGNED + timedelta(days=100)
NAMES = (
    "kickoff_held",
    "kickoff_booked",
    "cadence_agreed",
    "plan_agreed",
    "requirements_documented",
    "security_review",
    "integrations_connected",
    "access_configured",
    "validation_passed",
    "tasks_done_end_users",
    "go_live",
    "activation",
)


def day(number: float) -> datetime:
    return SIGNED + timedelta(days=number)


def fold_all(case: Case, playbook: Playbook, now: datetime = NOW) -> tuple[OnboardingState, Advance]:
    state = fold_facts(case, playbook, now)
    return state, advance(case, state, playbook, now)


def one_by_one(case: Case, playbook: Playbook) -> tuple[OnboardingState, Advance]:
    """The same facts one at a time, with a review and a save after each."""
    arrived: list[Fact] = []
    for fact in sorted(case.facts, key=lambda fact: (fact.learned_at, fact.key)):
        arrived.append(fact)
        case = replace(case, facts=tuple(arrived))
        _, moved = fold_all(case, playbook, fact.learned_at)
        case = replace(case, progress=replace(case.progress, stage=moved.stage, stage_times=dict(moved.stage_times)))
    return fold_all(case, playbook)


def with_key(**parts: Any) -> Fact:
    return Fact(key=repr(sorted(parts.items(), key=str)), source="record", by="cleo@vendor.test", **parts)


ats = st.integers(0, 80).map(day)
Told = dict[str, st.SearchStrategy[tuple[str, dict[str, Any]]]]
tiers = st.sampled_from(BUNDLED_TIERS).map(lambda tier: {"tier": tier, "reason": "grew"})
owners = st.sampled_from(["005SELLER", "005MANAGER"]).map(lambda owner: {"owner_id": owner})
texts = st.sampled_from(["tbd", "Yes", "No"]).map(lambda text: {"text": text})
targets = st.integers(1, 90).map(lambda n: {"baseline": 0, "target": n, "unit": "%", "due": "2026-06-30"})
REPORTS: Told = {
    "milestone": st.tuples(st.sampled_from(NAMES), st.just({})),
    "meeting": st.tuples(st.just("kickoff_booked"), ats.map(lambda at: {"meeting_at": at.isoformat()})),
    "milestone_due": st.tuples(st.sampled_from(NAMES), ats.map(lambda at: {"due_on": at.date().isoformat()})),
    "goal": st.tuples(st.sampled_from(["Win rate", "win  rate", "Churn"]), targets),
    "handoff": st.tuples(st.sampled_from(list(HandoffItem)), texts),
    "skip_stage": st.tuples(st.sampled_from(list(STAGES)), st.just({"reason": "agreed"})),
    "retier": st.tuples(st.just(""), tiers),
    "reassign": st.tuples(st.just("csm"), owners),
    "survey": st.tuples(st.just("effort"), st.integers(0, 10).map(lambda n: {"score": n})),
    "goal_value": st.tuples(st.sampled_from(["Win rate", "Churn"]), st.integers(0, 90).map(lambda n: {"value": n})),
    "goal_confirmed": st.tuples(st.sampled_from(["", "Win rate"]), st.just({"person": "003CHAMPION"})),
    "promise": st.tuples(st.sampled_from(["a1", "b2"]), st.just({"text": "A day on site", "due": "2026-05-31"})),
    "promise_settled": st.tuples(
        st.sampled_from(["a1", "b2"]),
        st.sampled_from(["kept", "broken"]).map(lambda state: {"state": state, "text": "A day on site"}),
    ),
    "ticket": st.tuples(
        st.sampled_from(["T-1", "T-2"]), st.sampled_from(["import", "access"]).map(lambda topic: {"topic": topic})
    ),
    "reply": st.tuples(st.just(""), st.just({"person": "003CHAMPION"})),
}
CORRECTIONS: Told = {
    "milestone_undone": st.tuples(st.sampled_from(NAMES), st.just({})),
    "milestone_waived": st.tuples(st.sampled_from(NAMES), st.sampled_from([{}, {"reason": "not needed"}])),
    "stakeholder": st.tuples(
        st.just(""),
        st.sampled_from(["end_user", "champion"]).flatmap(
            lambda role: st.booleans().map(lambda left: {"email": "new@kunde.test", "role": role, "left": left})
        ),
    ),
}


def facts_of(kinds: Told, unique_by: Callable[[Fact], Any]) -> st.SearchStrategy[list[Fact]]:
    one = st.sampled_from(list(kinds)).flatmap(
        lambda kind: st.builds(
            lambda what, at, late: with_key(
                kind=kind, name=str(what[0]), at=at, learned_at=at + timedelta(days=late), value=what[1]
            ),
            what=kinds[kind],
            at=ats,
            late=st.integers(0, 15),
        )
    )
    return st.lists(one, min_size=5, max_size=25, unique_by=unique_by)


@settings(max_examples=examples(100))
@given(told=facts_of({**REPORTS, **CORRECTIONS}, lambda fact: fact.key), data=st.data())
def test_the_order_and_the_repetition_of_facts_change_nothing(told: list[Fact], data: st.DataObject) -> None:
    repeats = data.draw(st.lists(st.sampled_from(told), max_size=12))
    again = [replace(fact, learned_at=fact.learned_at + timedelta(days=3)) for fact in repeats]
    shuffled = data.draw(st.permutations([*told, *again]))
    straight = fold_all(replace(CASE, facts=tuple(told)), build_playbook())
    assert fold_all(replace(CASE, facts=tuple(shuffled)), build_playbook()) == straight


@settings(max_examples=examples(60))
@given(
    told=facts_of(REPORTS, lambda fact: (fact.kind, fact.at)),
    late=st.lists(st.integers(0, 15), min_size=25, max_size=25),
)
def test_late_facts_lead_where_punctual_ones_lead(told: list[Fact], late: list[int]) -> None:
    # Two reports of one moment replace each other in the order of learning, so each moment occurs once here.
    punctual = [replace(fact, learned_at=fact.at) for fact in told]
    delayed = [replace(fact, learned_at=fact.at + timedelta(days=n)) for fact, n in zip(told, late, strict=False)]
    deal = replace(DEAL, handoff={}, handoff_seen_at=None)
    playbook = build_playbook()
    orderly = one_by_one(replace(CASE, deals=(deal,), facts=tuple(punctual)), playbook)
    assert one_by_one(replace(CASE, deals=(deal,), facts=tuple(delayed)), playbook) == orderly
    assert (
        fold_all(replace(CASE, deals=(deal,), facts=tuple(delayed)), playbook)[1].stage_times == orderly[1].stage_times
    )


def test_the_earliest_report_dates_a_milestone() -> None:
    late = replace(build_done("plan_agreed", at=day(2))[0], learned_at=day(30))
    state, _ = fold_all(replace(CASE, facts=(*build_done("plan_agreed", at=day(5)), late)), build_playbook())
    assert state.milestones["plan_agreed"].done_at == day(2)


def test_what_lies_ahead_does_not_count_yet_but_says_when_it_will() -> None:
    case = replace(CASE, facts=build_done("plan_agreed", at=day(5)))
    state, _ = fold_all(case, build_playbook(), day(4))
    assert state.milestones["plan_agreed"].status == "open"
    assert next_change(case, build_playbook(), state, day(4)) == day(5)
    assert next_change(case, build_playbook(), state, day(5)) is None


def test_taking_back_clears_what_was_known_by_then() -> None:
    done, undone = build_done("plan_agreed", at=day(1)), build_fact("milestone_undone", "plan_agreed", day(3))
    state, _ = fold_all(replace(CASE, facts=(*done, undone)), build_playbook())
    assert state.milestones["plan_agreed"].status == "open"
    # The same work again, with a better date before the correction.
    better = build_fact("milestone", "plan_agreed", day(2), learned_at=day(4))
    state, _ = fold_all(replace(CASE, facts=(*done, undone, better)), build_playbook())
    assert state.milestones["plan_agreed"].done_at == day(2)


def test_a_repeated_report_does_not_overrule_a_correction() -> None:
    (done,) = build_done("plan_agreed", at=day(1))
    undone = build_fact("milestone_undone", "plan_agreed", day(3))
    facts = (done, undone, replace(done, learned_at=day(9)))
    for order in (facts, facts[::-1]):
        state, _ = fold_all(replace(CASE, facts=order), build_playbook())
        assert state.milestones["plan_agreed"].status == "open"


def test_the_last_report_to_happen_holds_whenever_it_is_learned() -> None:
    late = build_fact("retier", "", day(1), learned_at=day(9), value={"tier": "tech", "reason": "small"})
    last = build_fact("retier", "", day(2), value={"tier": "high", "reason": "strategic"})
    state, _ = fold_all(replace(CASE, facts=(late, last)), build_playbook())
    assert (state.tier, state.tier_because) == (HIGH, "set by cleo@vendor.test: strategic")


def test_a_goal_that_is_sharpened_keeps_the_kickoff_where_it_ended() -> None:
    def goal(at: datetime, target: int) -> Fact:
        value = {"metric": "Win rate", "baseline": 20, "target": target, "unit": "%", "due": "2026-06-30"}
        return build_fact("goal", "", at, value=value)

    items = {**DEAL.handoff, HandoffItem.SUCCESS_METRICS: "win more often"}
    facts = (*build_done("kickoff_held", "cadence_agreed", "plan_agreed"), goal(day(2), 30), goal(day(9), 35))
    state, moved = fold_all(replace(CASE, deals=(replace(DEAL, handoff=items),), facts=facts), build_playbook())
    assert [goal.target for goal in state.goals] == [35.0]
    assert moved.stage_times["setup"] == day(2)
    assert [goal.text for goal in state.vague_goals] == ["win more often"]


def test_a_late_report_brings_a_stage_change_back_to_when_it_happened() -> None:
    rest = build_done("cadence_agreed", "plan_agreed", at=day(1))
    told_late = replace(build_done("kickoff_held", at=day(3))[0], learned_at=day(20))
    case = replace(CASE, facts=(*rest, *build_done("kickoff_held", at=day(8)), told_late))
    assert one_by_one(case, build_playbook())[1].stage_times["setup"] == day(3)


def test_a_report_after_not_applicable_makes_it_done() -> None:
    waived = build_fact("milestone_waived", "plan_agreed", day(1), value={"reason": "theirs holds"})
    state, _ = fold_all(replace(CASE, facts=(waived,)), build_playbook())
    assert state.milestones["plan_agreed"].met
    assert state.milestones["plan_agreed"].waived_at == day(1)
    state, _ = fold_all(replace(CASE, facts=(waived, *build_done("plan_agreed", at=day(2)))), build_playbook())
    assert state.milestones["plan_agreed"].done_at == day(2)


def test_usage_proves_a_milestone_at_the_event_that_reaches_the_threshold() -> None:
    use = build_use("task_completed", (day(20), "ulla"), (day(21), "ulla"), (day(23), "otto"), (day(24), "otto"))
    usage = Usage(known=True, read_at=NOW, signals=(use,))
    milestone = fold_all(replace(CASE, usage=usage), build_playbook())[0].milestones["tasks_done_end_users"]
    assert (milestone.done_at, milestone.done_by) == (day(23), "product usage")
    before = fold_all(replace(CASE, usage=usage), build_playbook(), day(22))[0].milestones["tasks_done_end_users"]
    assert before.status == "open"


def test_usage_before_the_signature_proves_a_milestone_and_says_so() -> None:
    def activated(days: int) -> tuple[str | None, datetime | None]:
        use = build_use("activation", (SIGNED + timedelta(days=days), "ulla"))
        state = fold_facts(replace(CASE, usage=Usage(known=True, signals=(use,))), build_playbook(), NOW)
        return state.milestones["activation"].reason, state.milestones["activation"].done_at

    assert activated(-3) == (IN_TRIAL, SIGNED - timedelta(days=3))
    assert activated(0) == (None, SIGNED)


def test_a_signal_of_its_own_name_proves_a_milestone() -> None:
    usage = Usage(known=True, signals=(build_use("go_live", (day(30), "")),))
    state, _ = fold_all(replace(CASE, usage=usage), build_playbook())
    assert state.milestones["go_live"].done_at == day(30) == state.go_live_at


def test_usage_before_a_correction_does_not_undo_it() -> None:
    usage = Usage(known=True, signals=(build_use("content_shared", (day(20), "ulla")),))
    undone = build_fact("milestone_undone", "activation", day(25))
    state, _ = fold_all(replace(CASE, usage=usage, facts=(undone,)), build_playbook())
    assert state.activated_at is None
    usage = Usage(known=True, signals=(build_use("content_shared", (day(20), "ulla"), (day(40), "ulla")),))
    state, _ = fold_all(replace(CASE, usage=usage, facts=(undone,)), build_playbook())
    assert state.activated_at == day(40)


def test_usage_after_a_correction_counts_where_the_first_events_of_all_are_older() -> None:
    old = tuple((day(0) + timedelta(minutes=n), "ulla", 1) for n in range(50))
    fresh = ((day(40), "ulla", 1),)
    use = SignalUse(
        name="content_shared", total=51, users=1, first_at=day(0), last_at=day(40), events=old, after={day(25): fresh}
    )
    usage = Usage(known=True, signals=(use,))
    undone = build_fact("milestone_undone", "activation", day(25))
    state, _ = fold_all(replace(CASE, usage=usage, facts=(undone,)), build_playbook())
    assert state.activated_at == day(40)
    state, _ = fold_all(replace(CASE, usage=usage, facts=(undone,)), build_playbook(), now=day(39))
    assert state.activated_at is None


def test_in_memory_too_usage_after_a_correction_counts() -> None:
    old = [("content_shared", "ulla", day(0) + timedelta(minutes=n)) for n in range(80)]
    undone = build_fact("milestone_undone", "activation", day(25))
    case = used(used(CASE, old, day(20)), [("content_shared", "ulla", day(24))], day(24))
    case = used(learned(case, [undone]), [("content_shared", "ulla", day(40))], day(40))
    state, _ = fold_all(case, build_playbook())
    assert state.activated_at == day(40)


def test_in_memory_too_a_window_is_reached_after_any_number_of_events() -> None:
    playbook = build_playbook()
    stage = playbook.stages[Stage.FIRST_VALUE]
    often = Detection(signal="content_shared", count=4, within_days=1, source="ours")
    plans = tuple(replace(one, signal=often) if one.name == "activation" else one for one in stage.milestones)
    stages = {**playbook.stages, Stage.FIRST_VALUE: replace(stage, milestones=plans)}
    playbook = replace(playbook, title="four on one day", stages=stages)
    sparse = [("content_shared", "ulla", day(0) + timedelta(hours=9 * n)) for n in range(60)]
    case = used(CASE, sparse, day(30), playbook.windowed)
    assert fold_all(case, playbook)[0].activated_at is None
    burst = [("content_shared", "ulla", day(31 + hour / 24)) for hour in (8, 9, 10, 11)]
    case = used(case, burst, day(32), playbook.windowed)
    assert fold_all(case, playbook)[0].activated_at == day(31 + 11 / 24)
    busy = [("content_shared", "ulla", day(31) + timedelta(minutes=n)) for n in range(60)]
    case = used(used(CASE, sparse[:49], day(30), playbook.windowed), busy, day(32), playbook.windowed)
    assert fold_all(case, playbook)[0].activated_at == day(31) + timedelta(minutes=3), "of each day the first ones"
    kept = used(CASE, sparse, day(30)).usage.signals[0].events
    assert [at for at, *_ in kept] == [at for *_, at in (*sparse[:50], sparse[-1])], (
        "the first ones, and the last of a user"
    )


def test_a_user_beyond_the_first_fifty_events_dates_what_asks_for_two() -> None:
    events = tuple((day(n), "ulla", 1) for n in range(50))
    use = SignalUse(
        name="task_completed",
        total=80,
        users=2,
        first_at=day(0),
        last_at=day(70),
        events=(*events, (day(70), "bob", 1)),
    )
    state, _ = fold_all(replace(CASE, usage=Usage(known=True, signals=(use,))), build_playbook())
    assert state.milestones["tasks_done_end_users"].done_at == day(70)
    assert state.last_activity_at == day(70)


def test_a_milestone_is_due_when_the_playbook_or_a_person_says() -> None:
    state, _ = fold_all(CASE, build_playbook())
    assert state.milestones["kickoff_held"].due_at == day(14)
    moved = build_fact("milestone_due", "kickoff_held", day(1), value={"due_on": "2026-03-20"})
    state, _ = fold_all(replace(CASE, facts=(moved,)), build_playbook())
    # The last second of that Friday in Berlin.
    assert state.milestones["kickoff_held"].due_at == datetime(2026, 3, 20, 22, 59, 59, tzinfo=UTC)
    back = build_fact("milestone_due", "kickoff_held", day(2), value={"due_on": None})
    state, _ = fold_all(replace(CASE, facts=(moved, back)), build_playbook())
    assert state.milestones["kickoff_held"].due_at == day(14)


def test_a_stage_that_is_entered_dates_its_work_in_the_same_breath() -> None:
    case = replace(CASE, facts=build_done("kickoff_held", "cadence_agreed", "plan_agreed", at=day(6)))
    state, moved = fold_all(case, build_playbook())
    assert moved.stage_times["setup"] == day(6)
    assert state.milestones["security_review"].due_at == day(20)
    assert state.milestones["resources_shared"].due_at is None


def test_the_last_agreement_on_the_kickoff_holds_and_the_first_dates_the_booking() -> None:
    first = build_fact("meeting", "kickoff_booked", day(1), value={"meeting_at": day(8).isoformat()})
    moved = build_fact("meeting", "kickoff_booked", day(3), value={"meeting_at": day(12).isoformat()})
    state, _ = fold_all(replace(CASE, facts=(moved, first)), build_playbook())
    assert (state.kickoff_at, state.kickoff_booked_at) == (day(12), day(1))
    assert state.milestones["kickoff_booked"].status == "done"


def test_the_kickoff_in_the_crm_counts_from_our_first_sight_of_it() -> None:
    deal = replace(DEAL, kickoff_at=day(7), kickoff_seen_at=day(2))
    state, _ = fold_all(replace(CASE, deals=(deal,)), build_playbook())
    assert (state.kickoff_at, state.kickoff_booked_at) == (day(7), day(2))
    older = build_fact("meeting", "kickoff_booked", day(1), value={"meeting_at": day(5).isoformat()})
    state, _ = fold_all(replace(CASE, deals=(deal,), facts=(older,)), build_playbook())
    assert (state.kickoff_at, state.kickoff_booked_at) == (day(7), day(1))
    undone = build_fact("milestone_undone", "kickoff_booked", day(3))
    state, _ = fold_all(replace(CASE, deals=(deal,), facts=(older, undone)), build_playbook())
    assert (state.kickoff_at, state.kickoff_booked_at) == (None, None)


def test_a_kickoff_that_was_held_had_been_booked() -> None:
    state, _ = fold_all(replace(CASE, facts=build_done("kickoff_held", at=day(4))), build_playbook())
    assert state.kickoff_at == state.kickoff_booked_at == day(4)


def test_the_go_live_is_the_one_that_happened_else_the_last_one_planned() -> None:
    deals = (
        replace(DEAL, go_live_on=date(2026, 4, 1)),
        replace(DEAL, id="006000000000002AAA", go_live_on=date(2026, 4, 20)),
        replace(DEAL, id="006000000000003AAA", go_live_on=date(2026, 8, 1), won=False),
    )
    state, _ = fold_all(replace(CASE, deals=deals), build_playbook())
    assert state.go_live_at == datetime(2026, 4, 19, 22, tzinfo=UTC)
    state, _ = fold_all(replace(CASE, deals=deals, facts=build_done("go_live", at=day(9))), build_playbook())
    assert state.go_live_at == day(9)


def test_without_a_go_live_the_check_ins_count_from_the_target_once_it_is_long_past() -> None:
    case, playbook = CASE, build_playbook("high")
    target = day(45)
    state, _ = fold_all(case, playbook, target + timedelta(days=30))
    assert state.check_in_anchor_at is None
    soon = next_change(case, playbook, state, target + timedelta(days=30))
    assert soon is not None
    state, _ = fold_all(case, playbook, soon)
    assert state.check_in_anchor_at == target


@pytest.mark.parametrize(
    ("hold", "target"),
    [
        (Hold(since=day(10), reason="r", by="b", ended_at=day(15)), day(50)),
        (Hold(since=day(10), reason="r", by="b", ended_at=day(15), resume="catch-up"), day(45)),
        (Hold(since=day(10), reason="r", by="b", ended_at=day(15), resume="skip"), day(45)),
        (Hold(since=day(10), reason="r", by="b"), day(45 + 90)),
        (Hold(since=day(10), reason="r", by="b", until=day(120)), day(45 + 110)),
        (Hold(since=day(46), reason="r", by="b", ended_at=day(60)), day(45)),
    ],
)
def test_a_hold_moves_the_target_only_if_it_shifts(hold: Hold, target: datetime) -> None:
    assert fold_all(replace(CASE, holds=(hold,)), build_playbook())[0].target_at == target


def test_stakeholders_come_and_go() -> None:
    case = CASE
    people = tuple(
        replace(person, left_on=date(2026, 3, 20)) if person.id == "003CHAMPION" else person for person in case.people
    )
    joined = build_fact(
        "stakeholder", "", day(20), value={"email": "Neu@Kunde.test", "role": "champion", "left": False}
    )
    gone = build_fact("stakeholder", "", day(30), value={"person_id": "003MANAGER", "left": True})
    case = replace(case, people=people, facts=(joined, gone))
    before = fold_all(case, build_playbook(), datetime(2026, 3, 19, 22, 59, tzinfo=UTC))[0]
    assert [person.id for person in before.holders[CustomerRole.CHAMPION]] == ["003CHAMPION"]
    after = fold_all(case, build_playbook())[0]
    assert [person.email for person in after.holders[CustomerRole.CHAMPION]] == ["Neu@Kunde.test"]
    assert CustomerRole.MANAGER not in after.holders
    assert [(person.id, role.value) for person, role in after.left] == [
        ("003CHAMPION", "champion"),
        ("003MANAGER", "manager"),
    ]
    assert after.milestones["tasks_done_managers"].reason == "nobody at the customer holds the role manager"


def test_a_role_of_an_unknown_person_is_left_out() -> None:
    stranger = Stakeholder(person_id="003NOBODY", role=CustomerRole.CHAMPION)
    assert fold_all(replace(CASE, stakeholders=(stranger,)), build_playbook())[0].holders == {}


def test_our_own_records_prove_welcome_and_check_ins() -> None:
    def sent(kind: str, at: datetime) -> EffectLine:
        return EffectLine(
            key=kind,
            kind=kind,
            occurrence="1",
            channel=Channel.MAIL,
            person_id="003CHAMPION",
            recipient="hanna@kunde.test",
            role="champion",
            state=EffectState.SENT,
            due_at=at,
            expires_at=None,
            sent_at=at,
        )

    skipped = Touchpoint(step="check_in_90", occurrence="1", outcome="skipped", at=day(95), because="late")
    effects = (sent("welcome", day(0)), sent("check_in_7", day(7)), sent("check_in_30", day(30)))
    part, _ = fold_all(replace(CASE, effects=effects), build_playbook())
    assert part.milestones["welcome_sent"].done_at == day(0)
    assert part.milestones["check_ins_sent"].status == "open"
    whole, _ = fold_all(replace(CASE, effects=effects, touchpoints=(skipped,)), build_playbook())
    assert whole.milestones["check_ins_sent"].done_at == day(95)


def test_there_is_no_handover_to_the_same_person() -> None:
    state, _ = fold_all(CASE, build_playbook())
    assert state.milestones["owner_transferred"].status == "not_applicable"
    other = build_fact("reassign", "onboarding_specialist", day(1), value={"owner_id": "005MANAGER"})
    state, _ = fold_all(replace(CASE, facts=(other,)), build_playbook())
    assert state.milestones["owner_transferred"].status == "open"
    assert state.team[VendorRole.ONBOARDING_SPECIALIST].id == "005MANAGER"


def test_the_last_answer_about_effort_counts() -> None:
    answers = (
        build_fact("survey", "effort", day(30), value={"score": 4}),
        build_fact("survey", "satisfaction", day(60), value={"score": 8}),
        build_fact("survey", "nps", day(70), value={"score": 1}),
        build_fact("survey", "effort", day(80), value={"score": "ten"}),
    )
    assert fold_all(replace(CASE, facts=answers), build_playbook())[0].effort_score == 8.0


def test_a_note_changes_nothing() -> None:
    note = build_fact("note", "", day(3), value={"text": "They are nice people"})
    assert fold_all(replace(CASE, facts=(note,)), build_playbook()) == fold_all(CASE, build_playbook())
