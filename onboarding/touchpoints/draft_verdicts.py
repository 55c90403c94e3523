"""What becomes of a mail that its step, or the playbook, has wait as a draft. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from onboarding.drafts.decisions import DraftDecision, decided_on, draft_of, useful_until
from onboarding.model.effect import Effect, PlannedEffect
from onboarding.model.phrases import moment_words
from onboarding.model.playbook import Step
from onboarding.model.schedule import Draft
from onboarding.model.vocabulary import Channel, Concern, EffectState
from onboarding.touchpoints.context import TouchpointContext
from onboarding.touchpoints.occurrences import numbered
from onboarding.touchpoints.outlook import Occurrence
from onboarding.touchpoints.windows import Window, opening

LAPSED = "its draft was not decided in time, so a person writes: "
"""Prefix of the reason for which a draft became a task."""
MOMENT = timedelta(seconds=1)
THEN = {
    "send": "then it is sent as it is",
    "drop": "then it is given up",
    "task": "then it is left to its owner to write",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftVerdict:
    """The state that the rules for drafts ask for, and why."""

    state: EffectState
    because: str
    waits_until: tuple[Concern, datetime] | None = None
    """When to look at it again if it waits, with the concern of its step."""


def on_draft(context: TouchpointContext, occurrence: Occurrence, key: str, window: Window) -> DraftVerdict | None:
    """Return what becomes of the occurrence's mail with this key; None if it is no draft, or may leave."""
    step = occurrence.step
    draft = draft_of(context.case, context.playbook, step)
    if draft is None:
        return None
    found = decided_on(context.case.facts, key)
    if found.decision is DraftDecision.APPROVED:
        return None
    if found.decision is DraftDecision.DISCARDED:
        reason = f": {found.reason}" if found.reason else ""
        return DraftVerdict(state=EffectState.CANCELLED, because=f"the draft was discarded by {found.by}{reason}")
    planned = [
        one.at for one in context.case.touchpoints if (one.step, one.occurrence) == (step.name, occurrence.number)
    ]
    until = useful_until(draft, max([window.opens_at, *(planned or [context.now])]), window.expires_at)
    if context.now < until:
        because = f"a draft that waits for its owner until {moment_words(until)}; {THEN[draft.then]}"
        return DraftVerdict(state=EffectState.WITHHELD, because=because, waits_until=(step.group, until + MOMENT))
    if draft.then == "send":
        return None
    when = f"until {moment_words(until)}"
    because = f"{LAPSED}{when}" if draft.then == "task" else f"its draft was not decided {when}"
    return DraftVerdict(state=EffectState.CANCELLED, because=because)


def deadlines(context: TouchpointContext, planned: Iterable[PlannedEffect]) -> Iterator[tuple[Concern, datetime]]:
    """Yield when the drafts that are planned now have to be looked at again, with the concern of their step."""
    steps = {step.name: step for step in context.playbook.steps}
    for effect in planned:
        step = steps.get(effect.kind)
        if effect.state is EffectState.WITHHELD and effect.channel is Channel.MAIL and step and effect.expires_at:
            draft = draft_of(context.case, context.playbook, step)
            if draft is not None:
                yield step.group, useful_until(draft, context.now, effect.expires_at) + MOMENT


def waits_until(context: TouchpointContext, step: Step, effect: Effect) -> datetime | None:
    """Return the last useful moment of a draft that waits; None where its step has no such occurrence any more."""
    draft, occurrence = draft_of(context.case, context.playbook, step), numbered(context, step, effect.occurrence)
    if draft is None or occurrence is None or effect.expires_at is None:
        return None
    reader = context.reader(effect.person_id)
    zone, country = (reader.zone, reader.country) if reader else ("UTC", None)
    opens_at = opening(context, zone, country, occurrence.due_at)
    return _until(context, draft, occurrence, Window(opens_at=opens_at, expires_at=effect.expires_at))


def _until(context: TouchpointContext, draft: Draft, occurrence: Occurrence, window: Window) -> datetime:
    """Return until when a draft waits: from the moment at which it would have been sent, or was planned if later."""
    mine = (occurrence.step.name, occurrence.number)
    planned = [one.at for one in context.case.touchpoints if (one.step, one.occurrence) == mine]
    return useful_until(draft, max([window.opens_at, *(planned or [context.now])]), window.expires_at)
