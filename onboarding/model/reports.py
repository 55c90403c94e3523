"""Facts in an order that does not depend on when or how often they were received."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from operator import attrgetter

from onboarding.model.case import Fact
from onboarding.model.phrases import day_words
from onboarding.model.vocabulary import FactKind

CORRECTIONS = frozenset({FactKind.MILESTONE_UNDONE, FactKind.MILESTONE_WAIVED})
"""Kinds of facts after which only newer usage proves a milestone."""
_AS_HAPPENED = attrgetter("at", "learned_at", "key")
_AS_LEARNED = attrgetter("learned_at", "key")


def known(facts: Iterable[Fact], now: datetime) -> tuple[Fact, ...]:
    """Return each fact that has happened by ``now`` once, sorted by the time it happened.

    Of repeats, which share a key, the one learned first counts. Facts of the same moment are in the order in
    which they were learned. Where later reports replace earlier ones, the last in this order holds.
    """
    once: dict[str, Fact] = {}
    for fact in facts:
        if fact.at <= now and (fact.key not in once or fact.learned_at < once[fact.key].learned_at):
            once[fact.key] = fact
    return tuple(sorted(once.values(), key=_AS_HAPPENED))


def as_learned(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """Return the facts in the order in which they were learned, for corrections: an undo applies to what was known when
    it was reported.
    """
    return tuple(sorted(facts, key=_AS_LEARNED))


def words(fact: Fact) -> str:
    """Return what a fact says besides its kind and name, for the journal; never an address or a free text about a
    customer."""
    value = fact.value
    match fact.kind:
        case FactKind.MILESTONE:
            return _with(f"done on {day_words(fact.at)}", value.get("reason") or value.get("note"))
        case FactKind.MILESTONE_UNDONE:
            return _with("taken back", value.get("reason"))
        case FactKind.MILESTONE_WAIVED:
            return _with("not applicable", value.get("reason"))
        case FactKind.MILESTONE_DUE:
            return f"due on {value.get('due_on')} from now on"
        case FactKind.MEETING:
            return f"agreed for {value.get('meeting_at')}"
        case FactKind.GOAL:
            return f"from {value.get('baseline')} to {value.get('target')} {value.get('unit')} by {value.get('due')}"
        case FactKind.SURVEY:
            return f"answered {value.get('score')}"
        case FactKind.GOAL_VALUE:
            return f"stands at {value.get('value')}"
        case FactKind.PROMISE:
            return f"promised, due on {value['due']}" if value.get("due") else "promised"
        case FactKind.PROMISE_SETTLED | FactKind.RENEWAL:
            return f"{value.get('state') or value.get('outlook')}".replace("_", " ")
        case FactKind.TICKET:
            return f"about {value.get('topic')}"
        case FactKind.STAKEHOLDER:
            return "has left" if value.get("left") else "named"
    told = _TOLD.get(fact.kind)
    return told(fact) if told else _ALWAYS.get(fact.kind, "")


_ALWAYS: Mapping[FactKind, str] = {
    FactKind.GOAL_CONFIRMED: "confirmed by the customer's side",
    FactKind.REPLY: "answered us",
    FactKind.PLAN_LINK: "all links of this person to the plan page are revoked",
    FactKind.MILESTONE_CLAIMED: "said to be done; there is no evidence yet",
    FactKind.BUY_IN: "where a decision maker stands",
    FactKind.PROFILE: "what matters to a person is known",
    FactKind.CONFLICT: "two priorities clash; the customer's executive sponsor is to decide",
    FactKind.CONFLICT_DECIDED: "the conflict of priorities is decided",
    FactKind.CALL_PROPOSED: "another time proposed on the plan page; one of us agrees it",
    FactKind.CALL_HELD: "the call took place",
    FactKind.CALL_MISSED: "the call did not take place",
    FactKind.PERSON_NAMED: "named on the plan page; one of us has to confirm them",
}
"""What facts of a kind always say."""


def _task(fact: Fact) -> str:
    value = fact.value
    owner = f"{value.get('side')}, {value.get('owner')}".replace("_", " ")
    stage = f"{'needed for the end of' if value.get('needed') else 'in'} {value.get('stage')}"
    return f"task added ({owner}), due on {value.get('due_on')}, {stage}: {value.get('title')}"


def _draft(fact: Fact) -> str:
    value = fact.value
    if "of" in value:
        return f"customer {value.get('number')} of the first {value.get('of')} of its tier, whose mails are drafts"
    return _with(str(value.get("decision")), value.get("reason"))


def _wish(fact: Fact) -> str:
    if fact.kind is FactKind.DATE_PROPOSED:
        return f"proposed for {fact.value.get('due_on')}"
    if fact.kind is FactKind.MAIL_PACE:
        return f"status mails every {fact.value.get('days')} days"
    return f"blocked: {fact.value['cause']}" if fact.value.get("cause") else "nothing blocks it any more"


_TOLD: Mapping[FactKind, Callable[[Fact], str]] = {
    FactKind.DATE_PROPOSED: _wish,
    FactKind.BLOCKED: _wish,
    FactKind.MAIL_PACE: _wish,
    FactKind.DRAFT: _draft,
    FactKind.TASK: _task,
}


def _with(said: str, reason: object) -> str:
    return f"{said}: {reason}" if reason else said
