"""What a reader of the plan page said, in a sentence for the vendor's people. Pure."""

from datetime import datetime

from onboarding.clashes.clash import SIDES, First, read_clashes
from onboarding.facts.meetings import KICKOFF_CALL
from onboarding.model.case import Case, Fact
from onboarding.model.parties import Person, ProfileItem
from onboarding.model.phrases import change_words, day_words, moment_words, name_words, number_words, role_words
from onboarding.model.reports import as_learned
from onboarding.model.state import OnboardingState
from onboarding.model.vocabulary import FactKind
from onboarding.profiles.words import ITEM_WORDS
from onboarding.shared_plan.said import BLOCKERS, SETS_A_CALL, cause_of, day_of
from onboarding.stages.kickoff import WAS_AT, instant

FACES = {1: "not well", 2: "so-so", 3: "well"}


def reader_of(case: Case, state: OnboardingState, person_id: str) -> Person | None:
    """Return the customer's person with this id, including one known only from a report; None if unknown."""
    named = (person for people in state.holders.values() for person in people)
    return case.person(person_id) or next((one for one in named if one.id == person_id), None)


def who_said(case: Case, state: OnboardingState, fact: Fact) -> str:
    """Return the name of whoever said it, as far as it is still known."""
    person = reader_of(case, state, str(fact.value.get("person") or ""))
    return person.name if person else "Somebody there"


def sentence(case: Case, state: OnboardingState, fact: Fact) -> str:
    """Return what was said. The reader's own words stand in quotation marks."""
    comment = str(fact.value.get("comment") or "")
    said = f"{who_said(case, state, fact)} {_deed(case, state, fact)}"
    return f"{said}: “{comment}”" if comment else said


def _deed(case: Case, state: OnboardingState, fact: Fact) -> str:
    value, title = fact.value, f"“{title_of(state, fact.name)}”"
    match fact.kind:
        case FactKind.MILESTONE:
            return f"marked {title} as done"
        case FactKind.MILESTONE_CLAIMED:
            return f"says that {title} is done; there is no evidence yet"
        case FactKind.MEETING | FactKind.MILESTONE_UNDONE | FactKind.CALL_PROPOSED | FactKind.CALL_HELD:
            return _of_call(case, fact)
        case FactKind.DATE_PROPOSED:
            return f"proposes {_day(fact)} for {title}{_due(state, fact.name)}"
        case FactKind.BLOCKED:
            cause = cause_of(fact)
            return f"says what blocks {title}: {BLOCKERS[cause]}" if cause else f"says that nothing blocks {title} now"
        case FactKind.TASK:
            return f"adds work of their side, “{value.get('title')}”, due on {_day(fact)}"
        case FactKind.PERSON_NAMED:
            return _named(state, fact)
        case FactKind.PROFILE:
            return f"says what matters to them, {_item(fact)}"
        case FactKind.CONFLICT:
            return _raised(fact)
        case FactKind.CONFLICT_DECIDED:
            return _decided(case, fact)
        case FactKind.GOAL | FactKind.GOAL_VALUE | FactKind.GOAL_CONFIRMED:
            return _goal(fact)
        case FactKind.SURVEY:
            return f"says that it goes {FACES.get(int(value.get('score') or 0), 'somehow')}"
    return f"wants status mails every {value.get('days')} days"


def title_of(state: OnboardingState, milestone: str) -> str:
    """Return the title of a milestone, its name where the playbook has none any more."""
    found = state.milestones.get(milestone)
    return found.title if found else milestone


def call_words(meeting: str) -> str:
    """Return what a call is called inside a sentence."""
    return (
        "the kickoff" if meeting == KICKOFF_CALL else f"the {name_words(meeting).replace('check in', 'check-in')} call"
    )


def _goal(fact: Fact) -> str:
    value, goal = fact.value, f"the goal “{fact.name}”"
    if fact.kind is FactKind.GOAL_CONFIRMED:
        return f"confirmed {goal}"
    if fact.kind is FactKind.GOAL_VALUE:
        return f"says where {goal} stands: {number_words(value['value'])}"
    figures = change_words(value["baseline"], value["target"], value.get("unit"))
    return f"{'stated' if value.get('new') else 'corrected'} {goal}: {figures} by {value.get('due')}"


def _of_call(case: Case, fact: Fact) -> str:
    call, was_at = call_words(fact.name), instant(fact.value.get(WAS_AT))
    match fact.kind:
        case FactKind.MEETING:
            return _booked(case, fact)
        case FactKind.MILESTONE_UNDONE:
            return f"cancelled {call}"
        case FactKind.CALL_PROPOSED:
            return f"proposes another time for {call}"
    return f"says that {call}{f' of {moment_words(was_at)}' if was_at else ''} took place"


def _booked(case: Case, fact: Fact) -> str:
    at = instant(fact.value.get("meeting_at"))
    when = moment_words(at) if at else "another time"
    before = [one for one in as_learned(case.facts) if one.name == fact.name and one.kind in SETS_A_CALL]
    earlier = before[: before.index(fact)][-1:] if fact in before else []
    was = instant(earlier[0].value.get("meeting_at")) if earlier else None
    if was is not None and was <= fact.at:
        return f"says that {call_words(fact.name)} of {moment_words(was)} did not take place, and booked it for {when}"
    moved = bool(earlier) and earlier[0].kind is not FactKind.MILESTONE_UNDONE
    return f"moved {call_words(fact.name)} to {when}" if moved else f"booked {call_words(fact.name)} for {when}"


def _named(state: OnboardingState, fact: Fact) -> str:
    value = fact.value
    person = f"{value.get('name')} ({value.get('email')}) as {role_words(str(value.get('role')))}"
    if value.get("instead"):
        return f"is not who opened the page; they say to be {person}"
    return f"names {person}" + (f", for “{title_of(state, fact.name)}”" if fact.name else "")


def _item(fact: Fact) -> str:
    words = ITEM_WORDS[ProfileItem(fact.name)] if fact.name in set(ProfileItem) else fact.name
    return f"{words}: “{fact.value.get('text')}”"


def _raised(fact: Fact) -> str:
    this, other = (fact.value.get(side) for side in SIDES)
    if not this or not other:
        return "raised a conflict of priorities whose words were erased"
    return f"says that “{this}” clashes with “{other}”"


def _decided(case: Case, fact: Fact) -> str:
    rounds = [one for one in read_clashes(case.facts, fact.at) if one.id == fact.name]
    if not rounds:
        return "decided about a conflict of priorities whose words were erased"
    # The same two may have clashed and been decided before: it is about the round that was last by then.
    clash = rounds[-1]
    first = {First.THIS: clash.this, First.OTHER: clash.other}.get(clash.first)
    return f"decided that “{first}” goes first" if first else f"decided between “{clash.this}” and “{clash.other}”"


def _day(fact: Fact) -> str:
    day = day_of(fact)
    return day_words(day) if day else "another day"


def _due(state: OnboardingState, milestone: str) -> str:
    found = state.milestones.get(milestone)
    due_at: datetime | None = found.due_at if found else None
    return f" (planned for {day_words(due_at)})" if due_at else ""
