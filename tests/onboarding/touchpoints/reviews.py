"""Reviews of one onboarding, saved and delivered, and playbooks reduced to a few steps or with one changed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Literal, TypedDict, Unpack
from zoneinfo import ZoneInfo

from onboarding.model.case import Case, Hold, Progress
from onboarding.model.effect import PlannedEffect
from onboarding.model.playbook import Playbook
from onboarding.model.schedule import Draft, Late
from onboarding.model.vocabulary import Concern, EffectState
from onboarding.review_case import review_context
from onboarding.simulation.apply import as_line
from onboarding.touchpoints import Plan, plan

ALL = frozenset(Concern)
BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
KICKOFF = MONDAY + timedelta(days=1)


def progress_at(case: Case, playbook: Playbook, now: datetime) -> Progress:
    return review_context(case, playbook, now).progress


def planned_at(case: Case, playbook: Playbook, now: datetime, concerns: frozenset[Concern] = ALL) -> Plan:
    return plan(review_context(case, playbook, now, concerns))


def saved(case: Case, playbook: Playbook, now: datetime, answer: Plan) -> Case:
    """Return the case as read back after the plan was saved."""
    lines = {old.key: old for old in case.effects}
    for change in answer.changes:
        old = lines[change.key]
        assert old.state in (EffectState.PLANNED, EffectState.WITHHELD), "only what is not leased may change"
        lines[change.key] = replace(
            old,
            state=change.state,
            because=change.because,
            due_at=change.due_at or old.due_at,
            expires_at=change.expires_at or old.expires_at,
            recipient=change.recipient or old.recipient,
        )
    for effect in answer.effects:
        assert effect.key not in lines, f"{effect.key} would exist twice"
        lines[effect.key] = as_line(effect)
    return replace(
        case,
        effects=tuple(lines.values()),
        touchpoints=(*case.touchpoints, *answer.touchpoints),
        progress=progress_at(case, playbook, now),
    )


def delivered(case: Case, now: datetime) -> Case:
    """Return the case after everything due was sent."""
    return replace(
        case,
        effects=tuple(
            replace(old, state=EffectState.SENT, sent_at=now)
            if old.state is EffectState.PLANNED and old.due_at <= now
            else old
            for old in case.effects
        ),
    )


def lived(
    case: Case,
    playbook: Playbook,
    start: datetime,
    end: datetime,
    step: timedelta = timedelta(hours=3),
    deliver: bool = True,
) -> Case:
    """Return the case after a review (and a delivery) every ``step``."""
    now = start
    while now <= end:
        case = saved(case, playbook, now, planned_at(case, playbook, now))
        case = delivered(case, now) if deliver else case
        now += step
    return case


def of(effects: Sequence[PlannedEffect], kind: str) -> list[PlannedEffect]:
    return [effect for effect in effects if effect.kind == kind]


def outcome(answer: Plan | Case, step: str) -> str | None:
    return next((t.outcome for t in answer.touchpoints if t.step == step), None)


def reason(answer: Plan | Case, step: str) -> str:
    return next(t.because for t in answer.touchpoints if t.step == step)


def only(playbook: Playbook, *names: str) -> Playbook:
    """Return the playbook with these steps alone."""
    return replace(playbook, steps=tuple(s for s in playbook.steps if s.name in names))


class StepChanges(TypedDict, total=False):
    """The changes that the tests make to a step."""

    mode: Literal["send", "draft", "task"]
    draft: Draft | None
    late: Late
    unless: tuple[str, ...]
    after_completion: bool
    again_for_new_holder: bool


def bent(playbook: Playbook, name: str, **changes: Unpack[StepChanges]) -> Playbook:
    """Return the playbook with one step changed."""
    steps = [replace(step, **changes) if step.name == name else step for step in playbook.steps]
    return replace(playbook, steps=tuple(steps))


def late(playbook: Playbook, name: str, hours: int, then: Literal["skip", "merge", "ask_owner"]) -> Playbook:
    """Return the playbook with another rule for a late step."""
    rule = next(step for step in playbook.steps if step.name == name).late
    return bent(playbook, name, late=replace(rule, send_for_hours=hours, then=then))


def held(case: Case, since: datetime, *, ended_at: datetime | None = None, resume: str = "shift") -> Case:
    """Return the case on hold, or after a hold that has ended."""
    hold = Hold(since=since, reason="merger", by="mona@vendor.test", ended_at=ended_at, resume=resume)
    return replace(case, holds=(hold,))
