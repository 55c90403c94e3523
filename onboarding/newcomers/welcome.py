"""The welcome, as far as it decides who is new: when the people had it, and who has it or will get it."""

from collections.abc import Sequence
from datetime import datetime

from onboarding.model.case import Case
from onboarding.model.effect import EffectLine
from onboarding.model.identity import one_spelling
from onboarding.model.playbook import Step
from onboarding.model.vocabulary import ON_ITS_WAY, Channel, EffectState, FactKind, TouchpointOutcome
from onboarding.people.recipients import recipients
from onboarding.review_context import ReviewContext

WELCOME = "welcome"


def welcomed_at(case: Case) -> datetime | None:
    """Return the moment (UTC) after which somebody who joins is new; None while the welcome is still ahead.

    It is when the first welcome was sent; where none will be, when that was settled (a person welcomes, or did); for
    an account that was taken over the takeover. A welcome that was planned and has not left settles nothing: it
    follows whoever holds its roles.
    """
    moments = [line.sent_at for line in _welcomes(case) if line.sent_at]
    points = [one for one in case.touchpoints if one.step == WELCOME]
    if not moments and all(one.outcome is not TouchpointOutcome.PLANNED for one in points):
        moments = [one.at for one in points]
    if case.progress.adopted_at is not None:
        moments.append(case.progress.adopted_at)
    return min(moments, default=None)


def with_welcome(context: ReviewContext) -> frozenset[str]:
    """Return the ids and addresses (in one spelling) of those who had a welcome, have one on its way, or are recipients
    of one that may still leave: they need no other mail that says where they are."""
    lines = _welcomes(context.case)
    found = {(line.person_id, line.recipient) for line in lines if line.state not in _CAME_TO_NOTHING}
    step = next((one for one in context.playbook.steps if one.name == WELCOME and one.mail is not None), None)
    if step is not None and _may_leave(context.case, step, lines):
        found |= {(one.id, one.address) for one in recipients(step, context.case, context.state).to}
    return frozenset(name for person_id, address in found for name in (person_id, one_spelling(address)) if name)


_CAME_TO_NOTHING = frozenset({EffectState.CANCELLED, EffectState.DEAD})


def _may_leave(case: Case, step: Step, lines: Sequence[EffectLine]) -> bool:
    """Return whether a welcome may still be planned for somebody who holds its roles."""
    if any(line.state in ON_ITS_WAY for line in lines):
        return step.again_for_new_holder
    points = [one for one in case.touchpoints if one.step == WELCOME]
    if not points or any(one.outcome is TouchpointOutcome.PLANNED for one in points):
        return True
    asked = [fact.at for fact in case.facts if fact.kind is FactKind.ADOPT and fact.value.get("welcome")]
    return any(at >= max(one.at for one in points) for at in asked)


def _welcomes(case: Case) -> tuple[EffectLine, ...]:
    return tuple(line for line in case.effects if line.kind == WELCOME and line.channel is Channel.MAIL)
