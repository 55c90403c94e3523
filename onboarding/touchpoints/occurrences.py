"""When a step is due: once, or again and again from its anchor, each time under a number of its own."""

from datetime import datetime, timedelta

from onboarding.dates.anchors import after, shift
from onboarding.model.phrases import day_words, name_words, stage_words
from onboarding.model.playbook import Step
from onboarding.model.vocabulary import Stage
from onboarding.touchpoints import appointments
from onboarding.touchpoints.context import TouchpointContext
from onboarding.touchpoints.outlook import Occurrence, Outlook

MANY = 1000
"""More occurrences than any cadence reaches; a bound for broken data."""


def look(scene: TouchpointContext, step: Step) -> Outlook:
    """The state of a step at the scene's moment; empty while its anchor is unknown or its stages lie
    ahead."""
    if step.calendar is not None:
        return appointments.look(scene, step, step.calendar)
    if step.while_in and scene.entered(step) is None:
        return Outlook()
    settled = scene.settled.get(step.name, ())
    past: list[Occurrence] = []
    for number in range(1, MANY if step.every else 3 if _welcomes_after_all(scene, step) else 2):
        if str(number) in settled:
            # What came before a settled one is history: an anchor that moved back must not bring it up.
            past.clear()
            continue
        found = numbered(scene, step, str(number))
        if found is None:
            break
        if found.due_at > scene.now:
            return Outlook(due=past[-1] if past else None, missed=tuple(past[:-1]), ahead=found)
        if step.every is None or found.due_at >= _floor(scene, step):
            past.append(found)
    return Outlook(due=past[-1] if past else None, missed=tuple(past[:-1]))


def numbered(scene: TouchpointContext, step: Step, number: str) -> Occurrence | None:
    """The occurrence of a step with this number; None while its anchor has no date."""
    if step.calendar is not None:
        return appointments.still_so(scene, step, step.calendar, number)
    anchor_at = scene.anchor_at(step)
    if anchor_at is None or not number.isdigit():
        return None
    later = timedelta(days=step.every.days) * (int(number) - 1) if step.every else timedelta()
    due_at = shift(after(anchor_at, step.due, scene.case) + later, anchor_at, scene.case.holds, scene.now)
    because = _distance(scene, step, later, anchor_at)
    if step.every is None:
        welcomed_at = _asked_for_welcome(scene, step)
        entered = scene.entered(step)
        if welcomed_at is not None and welcomed_at > due_at:
            due_at, because = (
                welcomed_at,
                f"asked for when the account was taken over on {day_words(welcomed_at)}",
            )
        elif entered is not None and entered[0] > due_at:
            due_at, because = entered[0], f"from the start of {stage_words(entered[1]).lower()} on"
    return Occurrence(step=step, number=number, due_at=due_at, because=because)


def _floor(scene: TouchpointContext, step: Step) -> datetime:
    """A cadence begins to count when its stage is entered and when the account is taken over, never
    before."""
    entered = scene.entered(step)
    moments = (entered and entered[0], scene.progress.adopted_at, scene.case.signed_at)
    return max(at for at in moments if at is not None)


def _asked_for_welcome(scene: TouchpointContext, step: Step) -> datetime | None:
    """When ``adopt --welcome`` asked for a welcome although its time had passed."""
    if step.name != "welcome":
        return None
    asked = [fact.at for fact in scene.case.facts if fact.kind == "adopt" and fact.value.get("welcome")]
    return min((at for at in asked if at <= scene.now), default=None)


def _welcomes_after_all(scene: TouchpointContext, step: Step) -> bool:
    """Whether a welcome was asked for when the first one had been given up already: it comes round once more."""
    asked_at = _asked_for_welcome(scene, step)
    given_up = [t.at for t in scene.case.touchpoints if t.step == step.name and t.outcome != "planned"]
    return asked_at is not None and any(at <= asked_at for at in given_up)


def _distance(scene: TouchpointContext, step: Step, later: timedelta, anchor_at: datetime) -> str:
    working, days = step.due.working_days, step.due.days + later.days
    parts = [
        f"{amount} {unit}{'' if amount == 1 else 's'}"
        for amount, unit in ((working, "working day"), (days, "day"), (step.due.hours, "hour"))
        if amount
    ]
    anchor = _anchor_words(scene, step)
    return f"{' '.join(parts) + ' after' if parts else 'at'} {anchor} ({day_words(anchor_at)})"


def _anchor_words(scene: TouchpointContext, step: Step) -> str:
    anchor = step.due.anchor.removeprefix("milestone:")
    if anchor == "stage" and step.stage is not None:
        return "completion" if step.stage is Stage.DONE else f"the start of {stage_words(step.stage).lower()}"
    if anchor == "check_ins":
        anchor = scene.playbook.check_in_anchor
        if anchor == "go_live" and scene.standing.go_live_at is None:
            return "the target date, as there is no go-live"
    return {"go_live": "go-live", "target": "the target date"}.get(anchor, name_words(anchor))
