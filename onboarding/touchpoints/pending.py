"""What becomes of effects that are owed but not leased yet, when the world has changed since they were
planned.

What is not yet leased follows people, dates and holds: it is kept back while nothing may leave, cancelled
where it has lost its point or its reader, and moved where its date moved. What was kept back comes out
again one mail a day.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from onboarding.model.effect import EffectLine
from onboarding.model.phrases import moment_words, name_words, role_words
from onboarding.model.playbook import Step
from onboarding.model.review import Decision, EffectChange
from onboarding.model.vocabulary import UNSENT, Channel, EffectState
from onboarding.people.audience import UNTOLD, Audience, LeftOut, Recipient
from onboarding.touchpoints.candidates import audiences
from onboarding.touchpoints.context import NO_OWNER, Gate, TouchpointContext
from onboarding.touchpoints.occurrences import numbered
from onboarding.touchpoints.outlook import Occurrence
from onboarding.touchpoints.windows import OVERDUE_AFTER, TOO_LATE, Diary, Window, lateness, opening, window

STALL = "stall"
"""The kind of the posts on an escalation; they are no steps of a playbook."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What an unsent effect should be, and why; with its reader and window where it may go out."""

    state: EffectState
    because: str
    to: Recipient | None = None
    window: Window | None = None
    occurrence: Occurrence | None = None

    @property
    def priority(self) -> int:
        """On a crowded day the higher goes first."""
        return self.occurrence.step.priority if self.occurrence else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The changes to what is owed, and the diary with all that still stands."""

    diary: Diary
    changes: tuple[EffectChange, ...] = ()
    decisions: tuple[Decision, ...] = ()
    lines: Mapping[str, EffectLine] = field(default_factory=dict)
    """All effects of the case by key, as they stand after the changes."""


def judge(scene: TouchpointContext, gate: Gate) -> Judgement:
    """Judge every effect of the case that is not leased yet. Safe to repeat: applied changes give no
    further ones."""
    lines = {line.key: line for line in scene.case.effects}
    steps = {step.name: step for step in scene.playbook.steps}
    changes: dict[str, EffectChange] = {}
    waiting: list[tuple[EffectLine, Verdict]] = []
    for line in sorted(scene.case.effects, key=lambda line: line.key):
        if line.state not in UNSENT:
            continue
        verdict = _verdict(scene, gate, line, steps.get(line.kind))
        if verdict.state is EffectState.PLANNED and _must_be_placed(scene, line, verdict):
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
    standing = [
        line
        for line in lines.values()
        if line.key not in apart and line.key not in changes and line.state is not EffectState.WITHHELD
    ]
    standing += [replace(lines[c.key], recipient=c.recipient) for c in changes.values() if c.recipient]
    diary = Diary(scene, standing)
    for line, verdict in sorted(waiting, key=lambda pair: (-pair[1].priority, pair[0].due_at, pair[0].key)):
        changes[line.key] = _place(scene, line, verdict, diary)
    decisions = tuple(_decision(lines[key], change) for key, change in sorted(changes.items()))
    return Judgement(
        diary=diary,
        changes=tuple(change for _, change in sorted(changes.items())),
        decisions=decisions,
        lines={key: _changed(line, changes.get(key)) for key, line in lines.items()},
    )


def _verdict(scene: TouchpointContext, gate: Gate, line: EffectLine, step: Step | None) -> Verdict:
    if line.channel is Channel.CRM:
        blocked = scene.progress.blocked
        return _kept(blocked) if blocked else Verdict(state=EffectState.PLANNED, because="no longer blocked")
    if step is None:
        return _verdict_on_post(scene, gate, line)
    if gate.state == "withheld":
        return _kept(gate.because)
    if not gate.admits(step) and step.calendar is None:
        return _gone(gate.because)
    occurrence = numbered(scene, step, line.occurrence)
    if occurrence is None and step.calendar is not None:
        return _gone("what it says of the call holds no longer")
    if occurrence is None:
        return _kept(f"{name_words(step.due.anchor.removeprefix('milestone:'))} has no date any more")
    pointless = scene.pointless(step) or scene.skipped_by_hold(occurrence.due_at)
    if pointless and step.calendar is None:
        return _gone(pointless)
    audience = dict(audiences(scene, occurrence)).get(line.channel, Audience())
    to = next((person for person in audience.to if person.id == line.person_id), None)
    if to is None:
        left_out = next((one for one in audience.left_out if one.id == line.person_id), _perhaps(line, audience))
        if left_out is None or left_out.withheld is None:
            return _gone(_why_not(line, audience))
        on_time = _verdict_on_time(scene, occurrence, line, left_out.withheld)
        return on_time if on_time.to is None else _kept(f"{left_out.name} {left_out.because}")
    on_time = _verdict_on_time(scene, occurrence, line, to)
    if on_time.to is not None and line.channel is Channel.MAIL and scene.standing.owner is None:
        return _kept(NO_OWNER)
    return on_time


def _verdict_on_time(scene: TouchpointContext, occurrence: Occurrence, line: EffectLine, to: Recipient) -> Verdict:
    planned = window(scene, occurrence, to)
    expires_at = max(line.expires_at or planned.expires_at, planned.expires_at)
    at = opening(scene, to.zone, to.country, max(line.due_at, planned.opens_at, scene.now))
    if at > expires_at:
        return _gone(f"{TOO_LATE}{lateness(scene, occurrence, planned.opens_at)}")
    return Verdict(
        state=EffectState.PLANNED,
        because="nothing is in the way any more" if line.state is EffectState.WITHHELD else occurrence.because,
        to=to,
        window=Window(opens_at=planned.opens_at, expires_at=expires_at),
        occurrence=occurrence,
    )


def _verdict_on_post(scene: TouchpointContext, gate: Gate, line: EffectLine) -> Verdict:
    """Judge a post on an escalation. One that tells of its end still goes out when the onboarding is over, and a hold
    lets edits of what is out through."""
    if line.kind != STALL:
        return _gone(f"the playbook has no step {line.kind} any more")
    if gate.state == "withheld" and not (line.edits and gate.edits):
        return _kept(gate.because)
    number = line.occurrence.partition(".")[0]
    ends = any(str(one.number) == number and one.closed_at is not None for one in scene.case.episodes)
    if gate.state in ("completed", "closed") and not ends:
        return _gone(gate.because)
    return Verdict(state=EffectState.PLANNED, because="nothing is in the way any more")


def _must_be_placed(scene: TouchpointContext, line: EffectLine, verdict: Verdict) -> bool:
    """Kept back until now, due later than planned, or part of a backlog."""
    if line.channel is Channel.CRM:
        return False
    moved = verdict.window is not None and verdict.window.opens_at > line.due_at
    backlog = verdict.window is not None and line.due_at + OVERDUE_AFTER < scene.now
    return line.state is EffectState.WITHHELD or moved or backlog


def _place(scene: TouchpointContext, line: EffectLine, verdict: Verdict, diary: Diary) -> EffectChange:
    if verdict.to is None or verdict.window is None or verdict.occurrence is None:
        owner = scene.case.owners.get(line.person_id)
        zone, country = (owner.zone, owner.country) if owner else ("UTC", None)
        at = opening(scene, zone, country, max(line.due_at, scene.now))
        return EffectChange(key=line.key, state=EffectState.PLANNED, because=verdict.because, due_at=at)
    at = max(line.due_at, verdict.window.opens_at, scene.now)
    if line.channel is Channel.MAIL:
        at = diary.slot(verdict.occurrence, verdict.to, at, verdict.window.opens_at)
    else:
        at = opening(scene, verdict.to.zone, verdict.to.country, at)
    if at > verdict.window.expires_at:
        because = f"{TOO_LATE}no day with room for it before {moment_words(verdict.window.expires_at)}"
        return EffectChange(key=line.key, state=EffectState.CANCELLED, because=because)
    if line.channel is Channel.MAIL:
        diary.note(verdict.to.address, verdict.to.zone, at)
    return EffectChange(
        key=line.key,
        state=EffectState.PLANNED,
        because=verdict.because,
        due_at=at,
        expires_at=verdict.window.expires_at,
        recipient=verdict.to.address if verdict.to.address != line.recipient else None,
    )


def _perhaps(line: EffectLine, audience: Audience) -> LeftOut | None:
    """Return whoever holds the reader's role and cannot be read: as far as anybody can tell, that is the reader."""
    roles = (line.role, UNTOLD)
    return next((one for one in audience.left_out if one.reason == "unreadable" and one.role in roles), None)


def _why_not(line: EffectLine, audience: Audience) -> str:
    for person in audience.left_out:
        if person.id == line.person_id:
            return f"{person.name} {person.because}"
    return f"its reader is no longer {role_words(line.role)} here"


def _decision(line: EffectLine, change: EffectChange) -> Decision:
    kind = {EffectState.CANCELLED: "cancelled", EffectState.WITHHELD: "withheld"}.get(change.state)
    if kind is None:
        kind = "released" if line.state is EffectState.WITHHELD else "moved"
    when = f"; due {moment_words(change.due_at)}" if change.due_at else ""
    return Decision(kind=kind, about=line.key, because=f"{change.because}{when}")


def _changed(line: EffectLine, change: EffectChange | None) -> EffectLine:
    if change is None:
        return line
    due_at: datetime = change.due_at or line.due_at
    return replace(line, state=change.state, due_at=due_at, recipient=change.recipient or line.recipient)


def _kept(because: str | None) -> Verdict:
    return Verdict(state=EffectState.WITHHELD, because=because or "")


def _gone(because: str) -> Verdict:
    return Verdict(state=EffectState.CANCELLED, because=because)
