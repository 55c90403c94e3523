"""Changes to planned effects that are not leased yet, when circumstances changed since they were planned.

Such an effect follows people, dates and holds: it is withheld while nothing may be sent, cancelled when it has become
pointless or lost its recipient, and moved when its date moved. Withheld mails are released one a day.
"""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime

from onboarding.conditions.conditional import Part
from onboarding.conditions.fitting import left_out
from onboarding.drafts.decisions import DRAFT_POST
from onboarding.model.effect import EffectLine
from onboarding.model.phrases import moment_words, name_words, role_words
from onboarding.model.playbook import Step
from onboarding.model.review import Decision, EffectChange
from onboarding.model.vocabulary import UNSENT, Channel, Concern, EffectState
from onboarding.people.audience import UNKNOWN_ROLE, Audience, LeftOut, Recipient
from onboarding.shared_plan.link_mail import LINK_MAIL, why_no_link_mail
from onboarding.shared_plan.news import OVER, PLAN_ANSWERS, why_no_news
from onboarding.shared_plan.own_calls import OWN_CALL, why_no_own_call
from onboarding.touchpoints.candidates import audiences
from onboarding.touchpoints.context import NO_OWNER, Gate, TouchpointContext
from onboarding.touchpoints.draft_verdicts import on_draft, over_because
from onboarding.touchpoints.effects import decision_on_change, with_change
from onboarding.touchpoints.occurrences import numbered, why_over
from onboarding.touchpoints.outlook import Occurrence
from onboarding.touchpoints.windows import OVERDUE_AFTER, TOO_LATE, MailCounts, Window, lateness, opening, window
from onboarding.values import dataclass, replace

STALL = "stall"
"""The kind of escalation posts, which are not steps of a playbook."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The state that an unsent effect should have, and why; with its recipient and window if it may be sent."""

    state: EffectState
    because: str
    to: Recipient | None = None
    window: Window | None = None
    occurrence: Occurrence | None = None
    waits_until: tuple[Concern, datetime] | None = None
    """When a draft stops waiting, with the concern of its step."""

    @property
    def priority(self) -> int:
        """Return the priority of its step; on a day with too many mails the higher number goes first."""
        return self.occurrence.step.priority if self.occurrence else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The changes to unsent effects, and the mail counts of all that remain."""

    mail_counts: MailCounts
    changes: tuple[EffectChange, ...] = ()
    decisions: tuple[Decision, ...] = ()
    lines: Mapping[str, EffectLine] = field(default_factory=dict)
    """All effects of the case by key, with the changes applied."""
    deadlines: tuple[tuple[Concern, datetime], ...] = ()
    """When drafts stop waiting, each with the concern of its step."""


def judge(context: TouchpointContext, gate: Gate) -> Judgement:
    """Return the changes to the effects of the case that are not leased yet. Safe to repeat: with the changes applied
    there are no further ones."""
    lines = {line.key: line for line in context.case.effects}
    steps = {step.name: step for step in context.playbook.steps}
    changes: dict[str, EffectChange] = {}
    waiting: list[tuple[EffectLine, Verdict]] = []
    deadlines: list[tuple[Concern, datetime]] = []
    unsent = [line for line in context.case.effects if line.state in UNSENT]
    for line in sorted(unsent, key=lambda line: line.key):
        verdict = _verdict(context, gate, line, steps.get(line.kind))
        deadlines += [verdict.waits_until] if verdict.waits_until else []
        if verdict.state is EffectState.PLANNED and _must_be_placed(context, line, verdict):
            waiting.append((line, verdict))
        elif verdict.state is not line.state:
            changes[line.key] = EffectChange(key=line.key, state=verdict.state, because=verdict.because)
        elif verdict.to is not None and verdict.to.address != line.recipient:
            changes[line.key] = EffectChange(
                key=line.key,
                state=line.state,
                because=f"{verdict.to.name} has another address now",
                recipient=verdict.to.address,
            )
    apart = {line.key for line, _ in waiting}
    state = [
        line
        for line in lines.values()
        if line.key not in apart and line.key not in changes and line.state is not EffectState.WITHHELD
    ]
    state += [replace(lines[c.key], recipient=c.recipient) for c in changes.values() if c.recipient]
    mail_counts = MailCounts(context, state)
    for line, verdict in sorted(waiting, key=lambda pair: (-pair[1].priority, pair[0].due_at, pair[0].key)):
        changes[line.key] = _place(context, line, verdict, mail_counts)
    return Judgement(
        mail_counts=mail_counts,
        changes=tuple(change for _, change in sorted(changes.items())),
        decisions=tuple(decision_on_change(lines[key], change) for key, change in sorted(changes.items())),
        lines={key: with_change(line, changes.get(key)) for key, line in lines.items()},
        deadlines=tuple(deadlines),
    )


def _verdict(context: TouchpointContext, gate: Gate, line: EffectLine, step: Step | None) -> Verdict:
    if line.channel is Channel.CRM:
        blocked = context.progress.blocked
        return _withheld(blocked) if blocked else Verdict(state=EffectState.PLANNED, because="no longer blocked")
    if step is None:
        return _verdict_without_step(context, gate, line)
    occurrence = numbered(context, step, line.occurrence)
    if gate.state == "withheld" and not (occurrence and gate.settles(occurrence)):
        return _withheld(gate.because)
    if not gate.admits(step) and step.calendar is None:
        return _cancelled(gate.because)
    if occurrence is None and (over := why_over(context, step, line.occurrence)) is not None:
        return _cancelled(over)
    if occurrence is None:
        return _withheld(f"{name_words(step.due.anchor.removeprefix('milestone:'))} has no date any more")
    pointless = context.pointless(step) or context.skipped_by_hold(occurrence.due_at)
    if pointless and step.calendar is None:
        return _cancelled(pointless)
    audience = dict(audiences(context, occurrence)).get(line.channel, Audience())
    to = next((person for person in audience.to if person.id == line.person_id), None)
    if to is None:
        left_out = next(
            (one for one in audience.left_out if one.id == line.person_id), _possible_recipient(line, audience)
        )
        if left_out is None or left_out.withheld is None:
            return _cancelled(_why_not(line, audience))
        on_time = _verdict_on_time(context, occurrence, line, left_out.withheld)
        return on_time if on_time.to is None else _withheld(f"{left_out.name} {left_out.because}")
    on_time = _verdict_on_time(context, occurrence, line, to)
    if on_time.to is not None and line.channel is Channel.MAIL and context.state.owner is None:
        return _withheld(NO_OWNER)
    return _verdict_on_draft(context, line, on_time)


def _verdict_on_draft(context: TouchpointContext, line: EffectLine, on_time: Verdict) -> Verdict:
    """Return the verdict on a mail by its time, unless it is a draft; a late one ends as the playbook says."""
    if line.channel is not Channel.MAIL or on_time.occurrence is None or on_time.window is None:
        return on_time
    draft = on_draft(context, on_time.occurrence, line, on_time.window, over=on_time.to is None)
    said = draft and Verdict(state=draft.state, because=draft.because, waits_until=draft.waits_until)
    return said or on_time


def _verdict_on_time(context: TouchpointContext, occurrence: Occurrence, line: EffectLine, to: Recipient) -> Verdict:
    planned = window(context, occurrence, to)
    limits = replace(planned, expires_at=max(line.expires_at or planned.expires_at, planned.expires_at))
    at = opening(context, to.zone, to.country, max(line.due_at, planned.opens_at, context.now))
    if at > limits.expires_at:
        because = f"{TOO_LATE}{lateness(context, occurrence, planned.opens_at)}"
        return Verdict(state=EffectState.CANCELLED, because=because, window=limits, occurrence=occurrence)
    return Verdict(
        state=EffectState.PLANNED,
        because="nothing is in the way any more" if line.state is EffectState.WITHHELD else occurrence.because,
        to=to,
        window=limits,
        occurrence=occurrence,
    )


def _verdict_without_step(context: TouchpointContext, gate: Gate, line: EffectLine) -> Verdict:
    """Return the verdict on a message that is no step of the playbook. News of the end of an episode leave even after
    the onboarding ended; a hold admits edits, answers from the plan page, and a link that its reader asked for."""
    because: str | None = None
    if line.kind == LINK_MAIL:
        because = why_no_link_mail(context, line.person_id, line.recipient)
    elif line.kind == OWN_CALL:
        if gate.state == "withheld" and not gate.edits:
            return _withheld(gate.because)
        because = why_no_own_call(context, line)
    elif line.kind not in (STALL, PLAN_ANSWERS, DRAFT_POST):
        why_not = left_out(context.playbook).get((Part.STEP, line.kind))
        because = why_not or f"the playbook has no step {line.kind} any more"
    elif gate.state == "withheld" and not (gate.edits and (line.edits or line.kind == PLAN_ANSWERS)):
        return _withheld(gate.because)
    elif line.kind == DRAFT_POST:
        because = gate.because if gate.state == "closed" else over_because(context, line)
        if because is None and context.state.owner is None:
            return _withheld(NO_OWNER)
    elif line.kind == PLAN_ANSWERS:
        because = f"{OVER}{gate.because}" if gate.state == "closed" else why_no_news(context, line)
    elif gate.state in ("completed", "closed"):
        over = {str(one.number) for one in context.case.episodes if one.closed_at is not None}
        because = None if line.occurrence.partition(".")[0] in over else gate.because
    planned = Verdict(state=EffectState.PLANNED, because="nothing is in the way any more")
    return _cancelled(because) if because else planned


def _must_be_placed(context: TouchpointContext, line: EffectLine, verdict: Verdict) -> bool:
    """Return whether it needs a new slot: withheld until now, due later than planned, or part of a backlog."""
    if line.channel is Channel.CRM:
        return False
    moved = verdict.window is not None and verdict.window.opens_at > line.due_at
    backlog = verdict.window is not None and line.due_at + OVERDUE_AFTER < context.now
    return line.state is EffectState.WITHHELD or moved or backlog


def _place(context: TouchpointContext, line: EffectLine, verdict: Verdict, mail_counts: MailCounts) -> EffectChange:
    if verdict.to is None or verdict.window is None or verdict.occurrence is None:
        owner = context.case.owners.get(line.person_id)
        zone, country = (owner.zone, owner.country) if owner else ("UTC", None)
        at = opening(context, zone, country, max(line.due_at, context.now))
        return EffectChange(key=line.key, state=EffectState.PLANNED, because=verdict.because, due_at=at)
    at = max(line.due_at, verdict.window.opens_at, context.now)
    if line.channel is Channel.MAIL:
        at = mail_counts.slot(verdict.occurrence, verdict.to, at, verdict.window.opens_at)
    else:
        at = opening(context, verdict.to.zone, verdict.to.country, at)
    if at > verdict.window.expires_at:
        because = f"{TOO_LATE}no day with room for it before {moment_words(verdict.window.expires_at)}"
        return EffectChange(key=line.key, state=EffectState.CANCELLED, because=because)
    if line.channel is Channel.MAIL:
        mail_counts.note(verdict.to.address, verdict.to.zone, at)
    return EffectChange(
        key=line.key,
        state=EffectState.PLANNED,
        because=verdict.because,
        due_at=at,
        expires_at=verdict.window.expires_at,
        recipient=verdict.to.address if verdict.to.address != line.recipient else None,
    )


def _possible_recipient(line: EffectLine, audience: Audience) -> LeftOut | None:
    """Return an unreadable contact with the recipient's role, who may be the recipient; None if there is none."""
    roles = (line.role, UNKNOWN_ROLE)
    return next((one for one in audience.left_out if one.reason == "unreadable" and one.role in roles), None)


def _why_not(line: EffectLine, audience: Audience) -> str:
    for person in audience.left_out:
        if person.id == line.person_id:
            return f"{person.name} {person.because}"
    return f"its reader is no longer {role_words(line.role)} here"


def _withheld(because: str | None) -> Verdict:
    return Verdict(state=EffectState.WITHHELD, because=because or "")


def _cancelled(because: str) -> Verdict:
    return Verdict(state=EffectState.CANCELLED, because=because)
