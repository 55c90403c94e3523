"""What becomes of a mail that its step, or the playbook, has wait as a draft. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from onboarding.drafts.decisions import (
    DRAFT_POST,
    MAIL,
    UNDECIDED,
    DraftDecision,
    decided_on,
    decisions_by_draft,
    draft_of,
    post_occurrence,
    shown_by,
    useful_until,
)
from onboarding.model.effect import Effect, EffectLine, PlannedEffect, is_edit
from onboarding.model.phrases import moment_words
from onboarding.model.playbook import Step
from onboarding.model.schedule import Draft
from onboarding.model.vocabulary import ON_ITS_WAY, UNSENT, Channel, Concern, EffectState, VendorRole
from onboarding.touchpoints.context import TouchpointContext
from onboarding.touchpoints.occurrences import numbered
from onboarding.touchpoints.outlook import Occurrence
from onboarding.touchpoints.windows import Window, opening
from onboarding.values import dataclass

LAPSED = "its draft was not decided in time, so a person writes: "
"""Prefix of the reason for which a draft became a task."""
NO_MORE = "its draft waits no more"
ELSEWHERE = "another person is accountable now, and is shown it instead"
"""Why a message about a draft is cancelled that is owed again once the draft waits again, or for the same person."""
MOMENT = timedelta(seconds=1)
SHOWN_FOR = timedelta(days=2)
"""How long after a draft left its message is edited to show what left: later nobody looks at it. This project's
choice."""
ROOM, STEP_BACK = timedelta(hours=1), timedelta(hours=6)
"""The working time that a draft which is sent as it is has left to leave, and how finely that is sought. This project's
choice."""
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


def on_draft(
    context: TouchpointContext, occurrence: Occurrence, effect: Effect, window: Window, *, over: bool = False
) -> DraftVerdict | None:
    """Return what becomes of the occurrence's mail; None if it is no draft, or may leave.

    ``over``: it cannot leave any more, so that it waits no longer. What was discarded stays so, also where its step
    waits for nobody under another version of the playbook.
    """
    step = occurrence.step
    found = decided_on(context.case.facts, effect.key)
    if found.decision is DraftDecision.DISCARDED:
        reason = f": {found.reason}" if found.reason else ""
        return DraftVerdict(state=EffectState.CANCELLED, because=f"the draft was discarded by {found.by}{reason}")
    draft = draft_of(context.case, context.playbook, step)
    if draft is None or found.decision is DraftDecision.APPROVED:
        return None
    until = _until(context, draft, occurrence, effect, window)
    if context.now < until and not over:
        because = f"a draft that waits for its owner until {moment_words(until)}; {THEN[draft.then]}"
        return DraftVerdict(state=EffectState.WITHHELD, because=because, waits_until=(step.group, until + MOMENT))
    if draft.then == "send":
        return None
    when = f"until {moment_words(min(until, context.now))}"
    because = f"{LAPSED}{when}" if draft.then == "task" else f"its draft was not decided {when}"
    return DraftVerdict(state=EffectState.CANCELLED, because=because)


def deadlines(context: TouchpointContext, planned: Iterable[PlannedEffect]) -> Iterator[tuple[Concern, datetime]]:
    """Yield when the drafts that are planned now have to be looked at again, with the concern of their step."""
    steps = {step.name: step for step in context.playbook.steps}
    for effect in planned:
        step = steps.get(effect.kind)
        if effect.state is EffectState.WITHHELD and effect.channel is Channel.MAIL and step:
            until = waits_until(context, step, effect)
            if until is not None:
                yield step.group, until + MOMENT


def waits_until(context: TouchpointContext, step: Step, effect: Effect) -> datetime | None:
    """Return the last useful moment of a draft that waits; None where its step has no such occurrence any more."""
    draft, occurrence = draft_of(context.case, context.playbook, step), numbered(context, step, effect.occurrence)
    if draft is None or occurrence is None or effect.expires_at is None:
        return None
    opens_at = _opening(context, effect.person_id, occurrence.due_at)
    return _until(context, draft, occurrence, effect, Window(opens_at=opens_at, expires_at=effect.expires_at))


def _until(
    context: TouchpointContext, draft: Draft, occurrence: Occurrence, effect: Effect, window: Window
) -> datetime:
    """Return until when a draft waits: from the moment at which it would have been sent, or was planned if later.

    One that is sent as it is then stops early enough to leave: it has at least an hour of its reader's working time.
    """
    mine = (occurrence.step.name, occurrence.number)
    planned = [one.at for one in context.case.touchpoints if (one.step, one.occurrence) == mine]
    # A mail that was let go has the date of its release, which is not when its wait began.
    let_go = isinstance(effect, EffectLine) and effect.state is EffectState.PLANNED
    starts_at = max([window.opens_at, *planned, *(() if let_go else (effect.due_at,))])
    until = useful_until(draft, starts_at, window.expires_at)
    if draft.then != "send":
        return until
    soonest = starts_at + (window.expires_at - starts_at) / 4
    while until > soonest and _opening(context, effect.person_id, until) + ROOM > window.expires_at:
        until = max(until - STEP_BACK, soonest)
    return until


def _opening(context: TouchpointContext, person_id: str, at: datetime) -> datetime:
    reader = context.reader(person_id)
    zone, country = (reader.zone, reader.country) if reader else ("UTC", None)
    return opening(context, zone, country, at)


def draft_posts(context: TouchpointContext, effects: Iterable[EffectLine | PlannedEffect]) -> Iterator[PlannedEffect]:
    """Yield the Slack messages that show drafts to the accountable owner, in their working hours; none without one.

    ``effects`` are all of the onboarding, with those planned now. Each draft that waits is owed to whoever is
    accountable now, whenever it was planned: once, but again where the message was cancelled as things stood then.
    """
    owner, steps = context.state.owner, {step.name: step for step in context.playbook.steps}
    if owner is None or context.gate.state not in ("open", "completed"):
        return
    known = tuple(effects)
    messages = _by_draft(known)
    for mail in known:
        if not _waits(context, mail):
            continue
        occurrence = post_occurrence(mail)
        mine = [one for one in messages.get(occurrence, ()) if one.person_id == owner.id and not _is_edit(one)]
        stopped = [one for one in mine if one.state is EffectState.CANCELLED and one.because in (ELSEWHERE, NO_MORE)]
        if len(stopped) < len(mine):
            continue
        again = f".{len(stopped)}" if stopped else ""
        yield PlannedEffect(
            key=f"{context.case.key}:{DRAFT_POST}:{occurrence}{again}:{Channel.SLACK}:{owner.id}",
            kind=DRAFT_POST,
            occurrence=occurrence,
            channel=Channel.SLACK,
            person_id=owner.id,
            recipient=owner.email,
            role=VendorRole.CSM.value,
            due_at=opening(context, owner.zone, owner.country, context.now),
            expires_at=mail.expires_at,
            because=f"the draft of “{steps[mail.kind].title}” waits for its owner",
        )


def draft_edits(context: TouchpointContext, effects: Iterable[EffectLine | PlannedEffect]) -> Iterator[PlannedEffect]:
    """Yield the edits of posted messages whose draft was given other words, approved or discarded since, or has left.

    What was shown is known by what each edit was planned for, and not by when it was sent: a message may leave just
    after a decision that it does not show. One that waits is rendered when it is sent, so that no second one is planned
    beside it.
    """
    known = tuple(effects)
    messages, decisions = _by_draft(known), decisions_by_draft(context.case.facts)
    for mail in known if messages else ():
        mine = messages.get(post_occurrence(mail), ()) if mail.channel is Channel.MAIL else ()
        decided, left = decisions.get(mail.key, ()), _has_left(context, mail)
        if not decided and not left:
            continue
        because = "its draft has left" if left else f"its draft was {decided[-1].value['decision']} by {decided[-1].by}"
        for post in mine:
            if not isinstance(post, EffectLine) or post.edits or post.state not in ON_ITS_WAY:
                continue
            stands = f"e{len(decided)}{'.left' if left else ''}"
            key = f"{context.case.key}:{DRAFT_POST}:{post.occurrence}.{stands}:{Channel.SLACK}:{post.person_id}"
            edits = [one for one in mine if one.person_id == post.person_id and _is_edit(one)]
            if any(one.key == key or one.state in UNSENT for one in edits):
                continue
            yield PlannedEffect(
                key=key,
                kind=DRAFT_POST,
                occurrence=post.occurrence,
                channel=Channel.SLACK,
                person_id=post.person_id,
                recipient=post.recipient,
                role=post.role,
                due_at=context.now,
                because=because,
                data={"method": "update", "parent": post.key, MAIL: mail.key},
            )


def _has_left(context: TouchpointContext, mail: EffectLine | PlannedEffect) -> bool:
    """Return whether the mail was sent so lately that its message is still looked at."""
    sent_at = mail.sent_at if isinstance(mail, EffectLine) and mail.state is EffectState.SENT else None
    return sent_at is not None and context.now < sent_at + SHOWN_FOR


def _by_draft(effects: Iterable[EffectLine | PlannedEffect]) -> Mapping[str, Sequence[EffectLine | PlannedEffect]]:
    """Return the Slack messages that show drafts, and their edits, by occurrence: by the mail that they show."""
    found: defaultdict[str, list[EffectLine | PlannedEffect]] = defaultdict(list)
    for one in effects:
        if one.kind == DRAFT_POST:
            found[one.occurrence].append(one)
    return found


def _is_edit(one: EffectLine | PlannedEffect) -> bool:
    return one.edits if isinstance(one, EffectLine) else is_edit(one)


def over_because(context: TouchpointContext, post: EffectLine) -> str | None:
    """Return why the Slack message about a draft is pointless; None while the draft waits and no other person is
    accountable, and for an edit, which says how the draft stands."""
    if post.edits:
        return None
    mail, owner = shown_by(context.case, post), context.state.owner
    if mail is None or not _waits(context, mail):
        decided = decided_on(context.case.facts, mail.key) if mail else UNDECIDED
        return f"its draft was {decided.decision} by {decided.by}" if decided.decision else NO_MORE
    return ELSEWHERE if owner is not None and owner.id != post.person_id else None


def _waits(context: TouchpointContext, mail: EffectLine | PlannedEffect) -> bool:
    """Return whether it is a draft that nobody has decided."""
    if mail.state is not EffectState.WITHHELD or mail.channel is not Channel.MAIL:
        return False
    step = next((step for step in context.playbook.steps if step.name == mail.kind), None)
    draft = draft_of(context.case, context.playbook, step) if step else None
    return draft is not None and decided_on(context.case.facts, mail.key).decision is None
