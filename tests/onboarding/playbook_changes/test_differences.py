"""What differs between two versions of a playbook, in words."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from onboarding.model.case import Fact
from onboarding.model.conditions.written import When
from onboarding.model.playbook import Playbook, Step
from onboarding.model.schedule import Call, Due
from onboarding.model.vocabulary import FactKind, Severity, Stage
from onboarding.playbook_changes.differences import Kind, Part, differences
from onboarding.playbook_changes.renames import NameReused, Renames, refuse_reused, renamed, renames
from tests.builders.case import CASE, SIGNED
from tests.builders.changed import with_milestone, with_step, without_milestone, without_step
from tests.builders.playbook import build_playbook

BOOK = build_playbook()


def told(new: Playbook, old: Playbook = BOOK) -> list[str]:
    return [str(one) for one in differences(old, new)]


def test_the_same_content_differs_in_nothing() -> None:
    assert differences(BOOK, build_playbook()) == ()


def test_a_delay_that_is_shortened_is_told_in_days() -> None:
    step = next(one for one in BOOK.steps if one.name == "check_in_30")
    new = with_step(BOOK, replace(step, due=replace(step.due, days=14)))
    assert told(new) == ["~ step check_in_30: due 14 days after check ins (before: 30 days after check ins)"]


def test_what_is_added_and_what_is_taken_out_is_told_with_its_date() -> None:
    step = next(one for one in BOOK.steps if one.name == "kickoff_recap")
    plan = next(one for one in BOOK.milestones() if one.name == "goals_confirmed")
    fewer = without_milestone(without_step(BOOK, "kickoff_recap"), "goals_confirmed")
    assert told(fewer) == [
        "- milestone goals_confirmed of kickoff: “Goals confirmed”, 2 days after kickoff, csm",
        "- step kickoff_recap: “Kickoff recap”, 4 hours after kickoff held, mail kickoff_recap",
    ]
    assert told(with_milestone(with_step(fewer, step), plan, Stage.SETUP), fewer) == [
        "+ milestone goals_confirmed in setup: “Goals confirmed”, 2 days after kickoff, csm",
        "+ step kickoff_recap: “Kickoff recap”, 4 hours after kickoff held, mail kickoff_recap",
    ]


def test_a_milestone_that_moves_to_another_stage_is_not_taken_out() -> None:
    plan = next(one for one in BOOK.milestones() if one.name == "contacts_introduced")
    new = with_milestone(without_milestone(BOOK, plan.name), plan, Stage.TRAINING)
    assert told(new) == ["~ milestone contacts_introduced: stage training (before: kickoff)"]


def test_exits_stalls_and_the_pace_are_told_by_what_they_do() -> None:
    kickoff = BOOK.stages[Stage.KICKOFF]
    exits = (*(name for name in kickoff.exit if name != "plan_agreed"), "goals_confirmed")
    stalls = {name: rule for name, rule in BOOK.stalls.items() if name != "thin_map"}
    new = replace(
        BOOK,
        stages={**BOOK.stages, Stage.KICKOFF: replace(kickoff, exit=exits)},
        stalls={**stalls, "no_activity": replace(stalls["no_activity"], severity=Severity.CRITICAL)},
        pace=replace(BOOK.pace, mails_per_person_and_day=3),
    )
    assert told(new) == [
        "~ playbook: pace.mails_per_person_and_day 3 (before: 2)",
        "+ kickoff cannot be left without goals_confirmed from now on",
        "- kickoff can be left without plan_agreed",
        "~ stall no_activity: severity critical (before: warning)",
        "- stall thin_map: it is not looked for any more",
    ]


def test_for_whom_something_is_is_told_in_words() -> None:
    rule, kickoff = BOOK.stalls["no_activity"], BOOK.stages[Stage.KICKOFF]
    step = next(one for one in BOOK.steps if one.name == "check_in_30")
    emea, analytics = When(region=("EMEA",)), When(products=("Analytics",))
    some = replace(
        with_step(BOOK, replace(step, when=emea)),
        stages={**BOOK.stages, Stage.KICKOFF: replace(kickoff, exit_when={"plan_agreed": analytics})},
        stalls={**BOOK.stalls, "no_activity": replace(rule, when=emea)},
    )
    assert told(some) == [
        "~ exit criterion plan_agreed: only where its products contain Analytics (before: for every customer)",
        "~ step check_in_30: only where its region is EMEA (before: for every customer)",
        "~ stall no_activity: only where its region is EMEA (before: for every customer)",
    ]
    back = [one for one in told(BOOK, some) if "check_in_30" in one]
    assert back == ["~ step check_in_30: for every customer (before: only where its region is EMEA)"]
    fewer = replace(BOOK, stalls={name: one for name, one in BOOK.stalls.items() if name != "no_activity"})
    assert told(replace(fewer, stalls=some.stalls), fewer)[0].endswith(", only where its region is EMEA")


def test_a_condition_of_a_renamed_criterion_is_the_same_condition() -> None:
    plan, kickoff = next(one for one in BOOK.milestones() if one.name == "plan_agreed"), BOOK.stages[Stage.KICKOFF]
    when = When(products=("Analytics",))
    old = replace(BOOK, stages={**BOOK.stages, Stage.KICKOFF: replace(kickoff, exit_when={"plan_agreed": when})})
    exits = tuple("plan_signed" if name == "plan_agreed" else name for name in kickoff.exit)
    milestones = tuple(replace(plan, name="plan_signed") if one == plan else one for one in kickoff.milestones)
    new = replace(kickoff, exit=exits, milestones=milestones, exit_when={"plan_signed": when})
    said = told(replace(old, stages={**old.stages, Stage.KICKOFF: new}), old)
    assert [one for one in said if "criterion" in one or "only where" in one] == []


def test_a_step_under_another_name_is_the_same_step_if_nothing_else_or_its_message_alone_is_the_same() -> None:
    step = next(one for one in BOOK.steps if one.name == "check_in_30")
    alone = replace(step, name="month_one")
    assert renames(BOOK, with_step(without_step(BOOK, step.name), alone)) == Renames(steps={"check_in_30": "month_one"})
    moved = replace(alone, title="First month", due=replace(step.due, days=14))
    new = with_step(without_step(BOOK, step.name), moved)
    found = differences(BOOK, new)
    assert [(one.part, one.kind, one.field) for one in found] == [
        (Part.STEP, Kind.RENAMED, "name"),
        (Part.STEP, Kind.CHANGED, "title"),
        (Part.STEP, Kind.CHANGED, "due"),
    ]


def test_a_name_that_is_given_to_another_message_is_refused() -> None:
    """Whoever got the old message would get it again under its new name, and the new one never."""
    step = next(one for one in BOOK.steps if one.name == "check_in_30")
    assert step.mail is not None
    other = replace(step, mail=replace(step.mail, template="another"))
    new = with_step(with_step(BOOK, other), replace(step, name="month_one"))
    with pytest.raises(
        NameReused, match=r"check_in_30 is another message in the new version, .* called month_one there"
    ):
        refuse_reused(BOOK, new)
    for harmless in (BOOK, with_step(BOOK, other), with_step(BOOK, replace(step, name="month_one"))):
        refuse_reused(BOOK, harmless)


def test_steps_with_the_same_message_are_not_guessed_apart() -> None:
    step = next(one for one in BOOK.steps if one.name == "check_in_30")
    twins = [replace(step, name=name, due=replace(step.due, days=days)) for name, days in (("one", 14), ("two", 60))]
    new = with_step(with_step(without_step(BOOK, step.name), twins[0]), twins[1])
    assert renames(BOOK, new) == Renames()


@pytest.mark.parametrize(
    ("due", "words"),
    [
        ({"days": 1}, "1 day after signature"),
        ({"days": -2}, "2 days before signature"),
        ({"working_days": 3}, "3 working days after signature"),
        ({}, "at signature"),
    ],
)
def test_a_due_date_in_words(due: dict[str, Any], words: str) -> None:
    step = next(one for one in BOOK.steps if one.name == "welcome")
    old = with_step(BOOK, replace(step, due=replace(step.due, days=9)))
    new = with_step(BOOK, replace(step, due=replace(step.due, **due)))
    assert told(new, old) == [f"~ step welcome: due {words} (before: 9 days after signature)"]


NAMED: Mapping[FactKind, str] = {
    FactKind.MILESTONE: "milestone",
    FactKind.MILESTONE_UNDONE: "milestone",
    FactKind.MILESTONE_WAIVED: "milestone",
    FactKind.MILESTONE_DUE: "milestone",
    FactKind.MILESTONE_CLAIMED: "milestone",
    FactKind.DATE_PROPOSED: "milestone",
    FactKind.BLOCKED: "milestone",
    FactKind.PERSON_NAMED: "milestone",
    FactKind.MEETING: "milestone or step",
    FactKind.CALL_PROPOSED: "milestone or step",
    FactKind.CALL_HELD: "milestone or step",
    FactKind.CALL_MISSED: "milestone or step",
    FactKind.TASK: "task of one account",
    FactKind.HANDOFF: "item",
    FactKind.GOAL: "metric",
    FactKind.GOAL_VALUE: "metric",
    FactKind.GOAL_CONFIRMED: "metric",
    FactKind.PROMISE: "promise",
    FactKind.PROMISE_SETTLED: "promise",
    FactKind.STAKEHOLDER: "person",
    FactKind.PROFILE: "item of a profile",
    FactKind.BUY_IN: "state of buy-in",
    FactKind.SURVEY: "survey",
    FactKind.CONFLICT: "conflict",
    FactKind.CONFLICT_DECIDED: "conflict",
    FactKind.TICKET: "ticket",
    FactKind.REPLY: "person",
    FactKind.ADVOCATE: "person",
    FactKind.LESSON: "text",
    FactKind.RENEWAL: "renewal",
    FactKind.DRAFT: "key of an effect",
    FactKind.NOTE: "text",
    FactKind.PLAN_LINK: "person",
    FactKind.MAIL_PACE: "person",
    FactKind.SKIP_STAGE: "stage",
    FactKind.RETIER: "tier",
    FactKind.REASSIGN: "role",
    FactKind.ADOPT: "nothing",
}
"""What the name of a fact of each kind is."""


@pytest.mark.parametrize("kind", FactKind)
def test_every_fact_that_names_a_milestone_or_a_step_has_the_new_name(kind: FactKind) -> None:
    names = Renames(steps={"asked": "asked_again"}, milestones={"done": "done_well"})
    expected = {
        "milestone": {"done": "done_well", "asked": "asked"},
        "milestone or step": {"done": "done_well", "asked": "asked_again"},
    }.get(NAMED[kind], {"done": "done", "asked": "asked"})
    told = [
        Fact(key=name, kind=kind, name=name, at=SIGNED, learned_at=SIGNED, source="person", by="jo")
        for name in expected
    ]
    found = renamed(replace(CASE, facts=tuple(told)), names)
    assert {one.key: one.name for one in found.facts} == expected


def test_a_call_taken_back_under_the_old_name_of_its_step_stays_taken_back() -> None:
    """The step ``activation`` has the name of a milestone, whose facts are not those of the step."""
    steps = {"check_in_7": "first_check_in", "activation": "active", "kickoff_recap": "first_call"}
    books = [
        replace(BOOK, steps=tuple(_named(step, names, names.get("check_in_7", "check_in_7")) for step in BOOK.steps))
        for names in ({}, steps)
    ]
    names = renames(*books)
    assert names.steps == steps
    assert names.calls == {"check_in_7": "first_check_in"}
    assert names.back().back() == names
    told = [
        Fact(key=f"{kind}{name}", kind=kind, name=name, at=SIGNED, learned_at=SIGNED, source="person", by="jo")
        for kind in (FactKind.MILESTONE, FactKind.MILESTONE_UNDONE)
        for name in ("check_in_7", "activation")
    ]
    found = renamed(replace(CASE, facts=tuple(told)), names)
    assert [one.name for one in found.facts] == ["first_check_in", "activation"] * 2


def _named(step: Step, names: Mapping[str, str], meeting: str) -> Step:
    """Return the step under its new name; one of them invites to this call."""
    renamed_step = replace(step, name=names.get(step.name, step.name))
    if step.name != "kickoff_recap":
        return renamed_step
    call = Call(meeting=meeting, title="Check-in", minutes=15, source="ours")
    return replace(renamed_step, due=Due(anchor="meeting", source="ours"), calendar=call)
