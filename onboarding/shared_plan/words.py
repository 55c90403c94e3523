"""What a reader of the plan page said, in a sentence for the vendor's people. Pure."""

from datetime import date, datetime

from onboarding.clashes.clash import SIDES, First, read_clashes
from onboarding.facts.meetings import KICKOFF_CALL
from onboarding.model.case import Case, Fact
from onboarding.model.parties import Person, ProfileItem
from onboarding.model.phrases import name_words
from onboarding.model.reports import as_learned
from onboarding.model.state import OnboardingState
from onboarding.model.vocabulary import FactKind
from onboarding.sentences.catalogue import BLOCKERS_TABLE
from onboarding.sentences.sentence import Sentence, Value, quoted
from onboarding.sentences.sentence import sentence as phrased
from onboarding.sentences.terms import role_name, utc_day
from onboarding.shared_plan.said import BLOCKERS, SETS_A_CALL, cause_of, day_of
from onboarding.stages.kickoff import WAS_AT, instant

FACES = (1, 2, 3)
"""The answers to how it goes, from not well to well."""


def reader_of(case: Case, state: OnboardingState, person_id: str) -> Person | None:
    """Return the customer's person with this id, including one known only from a report; None if unknown."""
    named = (person for people in state.holders.values() for person in people)
    return case.person(person_id) or next((one for one in named if one.id == person_id), None)


def who_said(case: Case, state: OnboardingState, fact: Fact) -> str:
    """Return the name of whoever said it, as far as it is still known."""
    person = reader_of(case, state, str(fact.value.get("person") or ""))
    return person.name if person else phrased("tasks.somebody_there")


def sentence(case: Case, state: OnboardingState, fact: Fact) -> str:
    """Return what was said. The reader's own words stand in quotation marks."""
    comment = str(fact.value.get("comment") or "")
    said = phrased("said.by", person=who_said(case, state, fact), deed=_deed(case, state, fact))
    return phrased("said.comment", said=said, comment=comment) if comment else said


def _deed(case: Case, state: OnboardingState, fact: Fact) -> str:
    value, title = fact.value, quoted(title_of(state, fact.name))
    match fact.kind:
        case FactKind.MILESTONE:
            return phrased("said.done", title=title)
        case FactKind.MILESTONE_CLAIMED:
            return phrased("said.claimed", title=title)
        case FactKind.MEETING | FactKind.MILESTONE_UNDONE | FactKind.CALL_PROPOSED | FactKind.CALL_HELD:
            return _of_call(case, fact)
        case FactKind.DATE_PROPOSED:
            return _date(state, fact, title)
        case FactKind.BLOCKED:
            return _blocked(fact, title)
        case FactKind.TASK:
            return phrased("said.task", title=str(value.get("title")), day=_day(fact))
        case FactKind.PERSON_NAMED:
            return _named(state, fact)
        case FactKind.PROFILE:
            return phrased("said.matters", item=_item(fact))
        case FactKind.CONFLICT:
            return _raised(fact)
        case FactKind.CONFLICT_DECIDED:
            return _decided(case, fact)
        case FactKind.GOAL | FactKind.GOAL_VALUE | FactKind.GOAL_CONFIRMED:
            return _goal(fact)
        case FactKind.SURVEY:
            return _mood(fact)
    return phrased("said.pace", days=str(value.get("days")))


def title_of(state: OnboardingState, milestone: str) -> str:
    """Return the title of a milestone, its name where the playbook has none any more."""
    found = state.milestones.get(milestone)
    return found.title if found else milestone


def call_words(meeting: str) -> str:
    """Return what a call is called inside a sentence."""
    if meeting == KICKOFF_CALL:
        return phrased("said.the_kickoff")
    return phrased("said.a_call", call=name_words(meeting).replace("check in", "check-in"))


def _blocked(fact: Fact, title: str) -> str:
    cause = cause_of(fact)
    if not cause:
        return phrased("said.unblocked", title=title)
    return phrased("said.blocked", title=title, cause=Sentence(BLOCKERS[cause], f"{BLOCKERS_TABLE}.{cause.value}"))


def _mood(fact: Fact) -> str:
    face = int(fact.value.get("score") or 0)
    return phrased(f"said.mood_{face if face in FACES else 0}")


def _goal(fact: Fact) -> str:
    value, goal = fact.value, fact.name
    if fact.kind is FactKind.GOAL_CONFIRMED:
        return phrased("said.goal_confirmed", goal=goal)
    if fact.kind is FactKind.GOAL_VALUE:
        return phrased("said.goal_value", goal=goal, value=value["value"])
    return phrased(
        "said.goal_stated" if value.get("new") else "said.goal_corrected",
        goal=goal,
        baseline=value["baseline"],
        target=value["target"],
        unit=str(value.get("unit")),
        due=str(value.get("due")),
    )


def _of_call(case: Case, fact: Fact) -> str:
    call, was_at = call_words(fact.name), instant(fact.value.get(WAS_AT))
    match fact.kind:
        case FactKind.MEETING:
            return _booked(case, fact)
        case FactKind.MILESTONE_UNDONE:
            return phrased("said.cancelled", call=call)
        case FactKind.CALL_PROPOSED:
            return phrased("said.other_time", call=call)
    return phrased("said.held_at", call=call, at=was_at) if was_at else phrased("said.held", call=call)


def _booked(case: Case, fact: Fact) -> str:
    at = instant(fact.value.get("meeting_at"))
    when: Value = at if at else phrased("said.another_time")
    before = [one for one in as_learned(case.facts) if one.name == fact.name and one.kind in SETS_A_CALL]
    earlier = before[: before.index(fact)][-1:] if fact in before else []
    was = instant(earlier[0].value.get("meeting_at")) if earlier else None
    if was is not None and was <= fact.at:
        return phrased("said.not_held", call=call_words(fact.name), at=was, when=when)
    moved = bool(earlier) and earlier[0].kind is not FactKind.MILESTONE_UNDONE
    return phrased("said.moved" if moved else "said.booked", call=call_words(fact.name), when=when)


def _named(state: OnboardingState, fact: Fact) -> str:
    value = fact.value
    person = phrased(
        "said.person",
        name=str(value.get("name")),
        email=str(value.get("email")),
        role=role_name(str(value.get("role"))),
    )
    if value.get("instead"):
        return phrased("said.not_the_reader", person=person)
    if not fact.name:
        return phrased("said.names", person=person)
    return phrased("said.names_for", person=person, title=quoted(title_of(state, fact.name)))


def _item(fact: Fact) -> str:
    item = phrased(f"said.item_{fact.name}") if fact.name in set(ProfileItem) else fact.name
    return phrased("said.item", item=item, text=str(fact.value.get("text")))


def _raised(fact: Fact) -> str:
    this, other = (fact.value.get(side) for side in SIDES)
    if not this or not other:
        return phrased("said.clash_erased")
    return phrased("said.clash", clash=phrased("stalls.clash", this=str(this), other=str(other)))


def _decided(case: Case, fact: Fact) -> str:
    rounds = [one for one in read_clashes(case.facts, fact.at) if one.id == fact.name]
    if not rounds:
        return phrased("said.decision_erased")
    # The same two may have clashed and been decided before: it is about the round that was last by then.
    clash = rounds[-1]
    first = {First.THIS: clash.this, First.OTHER: clash.other}.get(clash.first)
    if first:
        return phrased("said.goes_first", first=first)
    return phrased("said.decided_between", this=clash.this, other=clash.other)


def _day(fact: Fact) -> date | str:
    return day_of(fact) or phrased("said.another_day")


def _date(state: OnboardingState, fact: Fact, title: str) -> str:
    found = state.milestones.get(fact.name)
    due_at: datetime | None = found.due_at if found else None
    if due_at is None:
        return phrased("said.date", day=_day(fact), title=title)
    return phrased("said.date_planned", day=_day(fact), title=title, planned=utc_day(due_at))
