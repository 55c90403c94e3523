"""One Slack message to the owner about everything that readers of the plan page said since the last one. Pure.

Answers come in a few at a time, so a message waits some minutes and gathers. Its occurrence counts the answers that it
tells: where more came in before it left, it is cancelled and planned again with all of them.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta

from onboarding.model.case import Case, Fact
from onboarding.model.effect import EffectLine, PlannedEffect
from onboarding.model.reports import as_learned
from onboarding.model.vocabulary import UNSENT, Channel, Concern, EffectState, VendorRole
from onboarding.review_context import ReviewContext
from onboarding.shared_plan.named import PAGE

PLAN_ANSWERS = "plan_answers"
"""The kind of this message, which is no step of a playbook."""
GATHERS = timedelta(minutes=10)
"""How long it waits for further answers. This project's choice."""


def answers(case: Case, now: datetime) -> tuple[Fact, ...]:
    """Return what was said on plan pages by ``now``, in the order of learning."""
    return tuple(fact for fact in as_learned(case.facts) if fact.source == PAGE and fact.at <= now)


def told_by(case: Case, occurrence: str, now: datetime) -> tuple[Fact, ...]:
    """Return the answers that the message of this occurrence tells."""
    last = int(occurrence) if occurrence.isdecimal() else 0
    return answers(case, now)[_told(case.effects, below=last) : last]


def answer_news(context: ReviewContext) -> Iterator[PlannedEffect]:
    """Yield the message that is owed, if any: once for each state of what was said."""
    said, owner = answers(context.case, context.now), context.state.owner
    if owner is None or Concern.STAGES not in context.concerns:
        return
    first_untold = _told(context.case.effects, below=len(said) + 1, but=UNSENT)
    key = f"{context.case.key}:{PLAN_ANSWERS}:{len(said)}:{Channel.SLACK.value}:{owner.id}"
    if first_untold >= len(said) or any(line.key == key and line.state in UNSENT for line in context.case.effects):
        return
    yield PlannedEffect(
        key=key,
        kind=PLAN_ANSWERS,
        occurrence=str(len(said)),
        channel=Channel.SLACK,
        person_id=owner.id,
        recipient=owner.email,
        role=VendorRole.CSM.value,
        due_at=max(said[first_untold].learned_at + GATHERS, context.now),
        because="the customer's people answered on their plan page",
    )


def why_no_news(context: ReviewContext, line: EffectLine) -> str | None:
    """Return why a message that has not left is not to leave as it is, in words; None if it is."""
    owner = context.state.owner
    if owner is None or owner.id != line.person_id:
        return "another person is accountable now, and is told instead"
    if line.occurrence != str(len(answers(context.case, context.now))):
        return "more was said since, and one message tells all of it"
    return None


def _told(lines: Iterable[EffectLine], below: int, but: Collection[EffectState] = ()) -> int:
    """Return how many answers were told by messages of a lower occurrence, except those in the states ``but``."""
    gone = {EffectState.CANCELLED, EffectState.DEAD, *but}
    numbers = [int(one.occurrence) for one in lines if _is_news(one) and one.state not in gone]
    return max((number for number in numbers if number < below), default=0)


def _is_news(line: EffectLine) -> bool:
    return line.kind == PLAN_ANSWERS and line.occurrence.isdecimal()
