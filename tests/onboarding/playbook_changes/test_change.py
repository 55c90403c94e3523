"""What another version of its playbook means for one onboarding: shown, and then what a run does."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from onboarding.model.case import Case, Fact
from onboarding.model.playbook import Playbook
from onboarding.model.schedule import Due, Late
from onboarding.model.vocabulary import Channel, EffectState, FactKind, Stage
from onboarding.playbook_changes.adoption import moved
from onboarding.playbook_changes.as_json import as_json
from onboarding.playbook_changes.change import Change, Version, change_of
from onboarding.playbook_changes.plan import Plan
from onboarding.review_case import review
from onboarding.review_context import ALL_CONCERNS
from onboarding.simulation.apply import decided, delivered
from tests.builders.case import CASE, SIGNED
from tests.builders.changed import with_milestone, with_step, without_milestone, without_step
from tests.builders.facts import build_done
from tests.builders.playbook import build_playbook

BOOK = build_playbook()
DAYS = timedelta(days=1)


def version(playbook: Playbook) -> Version:
    return Version(hash=f"{abs(hash(repr(playbook))):x}", playbook=playbook)


def lived(case: Case, moments: Iterable[datetime], playbook: Playbook = BOOK) -> Case:
    """The case after a run at each of these moments."""
    for now in moments:
        case = decided(case, review(case, playbook, now, ALL_CONCERNS).review)
        due = [line.key for line in case.effects if line.state is EffectState.PLANNED and line.due_at <= now]
        case = delivered(case, due, now)
    return case


def at_day(day: int, case: Case = CASE) -> tuple[Case, datetime]:
    """The case after a run every second day, and the moment of the last one: 10:00 in Berlin."""
    now = SIGNED + day * DAYS
    return lived(case, [SIGNED + step * DAYS for step in range(0, day + 1, 2)]), now


def changed(case: Case, new: Playbook, now: datetime) -> Change:
    return change_of(case, version(BOOK), version(new), now)


def adopted(case: Case, new: Playbook, now: datetime) -> Case:
    found = moved(case, version(new), changed(case, new, now), now)
    return decided(found.case, found.review)


def mails(case: Case, step: str) -> list[str]:
    return [line.person_id for line in case.effects if line.kind == step and line.channel is Channel.MAIL]


def delay(name: str, days: int, hours: int = 72) -> Playbook:
    step = next(one for one in BOOK.steps if one.name == name)
    late = Late(send_for_hours=hours, then="skip", source="ours")
    return with_step(BOOK, replace(step, due=replace(step.due, days=days), late=late))


def test_a_shorter_delay_moves_what_is_ahead() -> None:
    case, now = at_day(8)
    found = changed(case, delay("check_in_30", 14), now)
    (move,) = found.move
    assert (move.item.name, move.old, move.item.at) == (
        "check_in_30",
        SIGNED + 30 * DAYS,
        SIGNED + 14 * DAYS,
    )
    assert (found.appear, found.vanish, found.send_now, found.skipped) == ((), (), (), ())


def test_what_a_shorter_delay_makes_late_is_sent_while_it_is_useful_and_else_given_up() -> None:
    case, now = at_day(16)
    soon = changed(case, delay("check_in_30", 14), now)
    assert [(one.name, one.role) for one in soon.send_now] == [("check_in_30", "champion")]
    assert soon.skipped == ()
    case, now = at_day(22)
    late = changed(case, delay("check_in_30", 14), now)
    assert late.send_now == ()
    assert [one.item.name for one in late.skipped] == ["check_in_30"]
    assert "late" in late.skipped[0].because


def test_a_new_milestone_and_a_step_taken_out_appear_and_vanish() -> None:
    case, now = at_day(4)
    plan = replace(BOOK.milestones()[0], name="data_cleaned", title="Data cleaned", proof=None)
    new = with_milestone(without_step(BOOK, "check_in_30"), plan, Stage.SETUP)
    found = changed(case, new, now)
    assert [(one.kind, one.name) for one in found.appear] == [("milestone", "data_cleaned")]
    assert [(gone.item.name, gone.because) for gone in found.vanish] == [
        ("check_in_30", "the new version has no such step")
    ]


def cleaned(stage: Stage = Stage.HANDOFF, **due: int | str) -> Playbook:
    """The playbook with a milestone added to a stage."""
    given: dict[str, Any] = {"anchor": "signature", "source": "ours", **due}
    plan = replace(BOOK.milestones()[0], name="data_cleaned", title="Data cleaned", proof=None, due=Due(**given))
    return with_milestone(BOOK, plan, stage)


def overdue_work(case: Case, new: Playbook, now: datetime) -> list[str]:
    """What the stall about overdue work is about, at this moment."""
    stalls = review(case, new, now, ALL_CONCERNS).review.stalls
    return [one.about for one in stalls if one.kind == "milestone_overdue"]


def test_what_a_new_version_adds_is_not_overdue_at_once_and_counts_from_the_move() -> None:
    case, now = at_day(12)
    new = cleaned(days=3)
    found = changed(case, new, now)
    assert (found.late.counted_anew, found.late.overdue) == (("data_cleaned",), ())
    assert [one.at for one in found.appear] == [now + 3 * DAYS]
    assert as_json(found)["appear"][0]["counted_anew"] is True
    assert changed(case, new, now + timedelta(hours=2)).digest == found.digest, "the plan holds while the same follows"
    after = adopted(case, new, now)
    dated = {one.name: one.due_at for one in review(after, new, now + 9 * DAYS, ALL_CONCERNS).review.milestones}
    assert dated["data_cleaned"] == now + 3 * DAYS, "also later on"


def test_what_is_added_raises_no_stall_before_it_had_its_time() -> None:
    case, now = at_day(12)
    new = cleaned(stage=Stage.FIRST_VALUE, days=0)
    without = decided(case, review(case, new, now, ALL_CONCERNS).review)
    assert overdue_work(without, new, now + 2 * DAYS) == ["data_cleaned"], "by its own date it is the oldest"
    assert "data_cleaned" not in overdue_work(adopted(case, new, now), new, now + 2 * DAYS)


def test_what_is_added_with_time_left_keeps_its_date_and_what_ends_before_a_date_has_its_span_too() -> None:
    case, now = at_day(12)
    found = changed(case, cleaned(days=20), now)
    assert (found.late.counted_anew, [one.at for one in found.appear]) == ((), [SIGNED + 20 * DAYS])
    before = changed(case, cleaned(anchor="signature", days=-5), now)
    assert [one.at for one in before.appear] == [now + 5 * DAYS]
    at_once = changed(case, cleaned(days=0), now)
    assert at_once.appear[0].at is not None
    assert at_once.appear[0].at > now, "at least two working days"


def test_a_date_that_moves_into_the_past_is_warned_of() -> None:
    case, now = at_day(12)
    name = next(one.item.name for one in changed(case, shifted(days=11), now).move)
    assert changed(case, shifted(days=11), now).late.overdue == (name,)
    assert changed(case, shifted(days=13), now).late.overdue == ()


def shifted(days: int) -> Playbook:
    """The playbook with another date of one milestone that is ahead on day 12."""
    plan = next(one for one in BOOK.milestones() if one.name == "kickoff_held")
    return with_milestone(BOOK, replace(plan, due=Due(anchor="signature", days=days, source="ours")), Stage.KICKOFF)


def test_a_step_whose_date_is_not_known_yet_appears_and_vanishes_too() -> None:
    found = changed(CASE, without_step(BOOK, "activation"), SIGNED)
    assert [(gone.item.name, gone.item.at) for gone in found.vanish] == [("activation", None)]


def test_what_was_sent_is_not_sent_again_where_its_step_moved_or_is_called_something_else() -> None:
    case, now = at_day(8)
    assert mails(case, "check_in_7") == ["003CHAMPION"]
    step = next(one for one in BOOK.steps if one.name == "check_in_7")
    later = replace(step, due=replace(step.due, days=9))
    for new in (with_step(BOOK, later), with_step(without_step(BOOK, "check_in_7"), replace(later, name="first_week"))):
        assert changed(case, new, now).send_now == ()
        after = lived(adopted(case, new, now), [now + day * DAYS for day in range(5)], new)
        assert mails(after, "check_in_7") + mails(after, "first_week") == ["003CHAMPION"]


def test_a_message_that_is_planned_stays_planned_under_the_new_name_of_its_step() -> None:
    case, _ = at_day(6)
    now = SIGNED + 7 * DAYS - timedelta(hours=3)  # before working hours
    case = decided(case, review(case, BOOK, SIGNED + 7 * DAYS - timedelta(minutes=1), ALL_CONCERNS).review)
    step = next(one for one in BOOK.steps if one.name == "welcome")
    new = with_step(without_step(BOOK, "welcome"), replace(step, name="hello"))
    assert not changed(case, new, now).vanish
    assert sorted(mails(adopted(case, new, now), "hello")) == ["003CHAMPION", "003EXECUTIVE_SPONSOR"]


def test_ticks_dates_and_exceptions_of_people_stay_and_clashes_are_told() -> None:
    def fact(kind: FactKind, name: str, **value: str) -> Fact:
        at = SIGNED + DAYS
        return Fact(
            key=f"{kind}:{name}", kind=kind, name=name, at=at, learned_at=at, source="person", by="jo", value=value
        )

    facts = (
        *build_done("materials_prepared", at=SIGNED + DAYS),
        fact(FactKind.MILESTONE_DUE, "security_review", due_on="2026-04-01"),
        fact(FactKind.MILESTONE_WAIVED, "go_live", reason="no rollout"),
        fact(FactKind.MILESTONE_DUE, "health_tracked", due_on="2026-06-01"),
    )
    case, now = at_day(4, replace(CASE, facts=facts))
    review_plan = next(one for one in BOOK.milestones() if one.name == "security_review")
    sooner = replace(review_plan, due=replace(review_plan.due, days=7))
    found = changed(case, with_milestone(without_milestone(BOOK, "health_tracked"), sooner, Stage.SETUP), now)
    assert {(one.what, one.name) for one in found.kept} == {
        ("done", "materials_prepared"),
        ("due", "security_review"),
        ("not_applicable", "go_live"),
        ("due", "health_tracked"),
    }
    assert found.move == ()
    assert [line.partition(";")[2].strip() for line in found.conflicts] == [
        "the new version has no such milestone, the fact is kept",
        "the new version has another date, 1 April 2026 stays",
    ]


def test_a_stage_that_ends_without_the_criterion_taken_out_is_told() -> None:
    case, now = at_day(4, replace(CASE, facts=build_done("kickoff_held", "cadence_agreed", at=SIGNED + DAYS)))
    found = changed(case, without_milestone(BOOK, "plan_agreed"), now)
    assert found.stages == (Stage.KICKOFF, Stage.SETUP)


def test_the_same_version_changes_nothing_and_the_json_says_what_the_contract_names() -> None:
    case, now = at_day(4)
    found = changed(case, BOOK, now)
    assert not found.differs
    assert not found.moves
    told = as_json(changed(case, delay("check_in_30", 14), now))
    assert {"deal_id", "from", "to", "appear", "vanish", "move", "send_now", "kept", "policy"} <= told.keys()
    assert told["move"] == [
        {
            "kind": "step",
            "name": "check_in_30",
            "occurrence": "1",
            "old_date": "2026-04-01T09:00:00Z",
            "new_date": "2026-03-16T09:00:00Z",
        }
    ]


def test_a_plan_has_the_same_id_while_the_same_would_happen_and_says_which_part_is_another() -> None:
    case, now = at_day(16)
    new = delay("check_in_30", 14)

    def plan(now: datetime, new: Playbook = new, key: str = CASE.key) -> Plan:
        return Plan(changes=(changed(replace(case, key=key), new, now),))

    mine = plan(now)
    assert mine.why_not(mine.id) is None
    assert plan(now + timedelta(minutes=7)).id == mine.id
    assert "the playbooks are not those" in str(mine.why_not(plan(now, delay("check_in_30", 15)).id))
    assert "not the same onboardings" in str(mine.why_not(plan(now, key="006X").id))
    assert "time has passed" in str(mine.why_not(plan(now + 6 * DAYS).id))
    assert "no id of a plan" in str(mine.why_not("nonsense"))
