"""Feedback of the customer's people: survey answers on fixed scales, support tickets, replies."""

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from typing import NamedTuple

from onboarding.model.case import Fact
from onboarding.model.state import Reply, SurveyAnswer, Ticket
from onboarding.model.vocabulary import FactKind, SurveyKind


class Scale(NamedTuple):
    """The ends of a scale and their meaning; the higher end is always the better one."""

    low: int
    high: int
    worst: str
    best: str

    def __str__(self) -> str:
        return f"{self.low} ({self.worst}) to {self.high} ({self.best})"


SCALES: Mapping[SurveyKind, Scale] = {
    SurveyKind.CES: Scale(1, 7, "very hard", "very easy"),
    SurveyKind.CSAT: Scale(1, 5, "very dissatisfied", "very satisfied"),
    SurveyKind.NPS: Scale(0, 10, "not at all likely", "extremely likely"),
    SurveyKind.EFFORT: Scale(0, 10, "very hard", "very easy"),
    SurveyKind.SATISFACTION: Scale(0, 10, "very dissatisfied", "very satisfied"),
    SurveyKind.PULSE: Scale(1, 3, "not well", "well"),
}
"""The scale of each survey (ME-6, ME-21): effort as agreement that it was easy, satisfaction in five steps, the
likelihood to recommend from 0 to 10. ``effort`` and ``satisfaction`` are for tools that ask both from 0 to 10;
``pulse`` are the three faces of the plan page."""
QUESTIONS: Mapping[SurveyKind, str] = {
    SurveyKind.CES: "How easy was it to get started with us?",
    SurveyKind.CSAT: "Looking back at the training, how satisfied are you with it?",
    SurveyKind.NPS: "How likely are you to recommend us to a colleague?",
}
"""The question of each survey that has a page of its own."""
BAD_TO: Mapping[SurveyKind, float] = {
    SurveyKind.CES: 3,
    SurveyKind.CSAT: 2,
    SurveyKind.NPS: 6,
    SurveyKind.EFFORT: 4,
    SurveyKind.SATISFACTION: 4,
    SurveyKind.PULSE: 1,
}
"""Up to which score, on the kind's own scale, a person of ours calls: for NPS the detractors, else our choice."""
LONGEST_COMMENT = 500
"""Characters of a comment that are kept."""
OF_EFFORT = frozenset({SurveyKind.CES, SurveyKind.CSAT, SurveyKind.EFFORT, SurveyKind.SATISFACTION})


def read_answers(facts: Sequence[Fact]) -> tuple[SurveyAnswer, ...]:
    """Return every answer within its scale, in the order of ``facts``; without a scale it is 0 to 10."""
    found = []
    for fact in facts:
        if fact.kind != FactKind.SURVEY or fact.name not in set(SurveyKind):
            continue
        score = _number(fact.value.get("score"))
        low, high = _number(fact.value.get("low", 0)), _number(fact.value.get("high", 10))
        if score is None or low is None or high is None or not low <= score <= high or low == high:
            continue
        found.append(
            SurveyAnswer(
                kind=SurveyKind(fact.name),
                at=fact.at,
                score=score,
                low=low,
                high=high,
                person=str(fact.value.get("person") or ""),
                comment=str(fact.value.get("comment") or ""),
            )
        )
    return tuple(found)


def is_bad(answer: SurveyAnswer) -> bool:
    """Return whether a person of ours should call; an answer on another scale is put on that of its kind."""
    scale = SCALES[answer.kind]
    return scale.low + answer.share * (scale.high - scale.low) <= BAD_TO[answer.kind]


def effort_of(answers: Iterable[SurveyAnswer]) -> float | None:
    """Return the last answer about effort or satisfaction, rescaled to 0 to 10 (ME-6)."""
    last = [(one.score - one.low) * 10 / (one.high - one.low) for one in answers if one.kind in OF_EFFORT]
    return last[-1] if last else None


def read_tickets(facts: Sequence[Fact]) -> tuple[Ticket, ...]:
    """Return every ticket once, dated by its first report; the last report of it holds."""
    found: dict[str, Ticket] = {}
    for fact in facts:
        if fact.kind == FactKind.TICKET:
            sentiment = _number(fact.value.get("sentiment"))
            at = found[fact.name].at if fact.name in found else fact.at
            found[fact.name] = Ticket(fact.name, str(fact.value.get("topic") or ""), at, sentiment)
    return tuple(found.values())


def read_replies(facts: Sequence[Fact]) -> tuple[Reply, ...]:
    """Return every reply that was recorded, in the order of ``facts``."""
    return tuple(
        Reply(fact.at, str(fact.value.get("person") or ""), fact.by) for fact in facts if fact.kind == FactKind.REPLY
    )


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if isfinite(value) else None
