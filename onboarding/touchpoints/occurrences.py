"""The occurrences of a step: one, a numbered series from its anchor, or one for each conflict of priorities, newcomer
or call that did not take place."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from onboarding.clashes.clash import ANCHOR, Clash, open_clashes
from onboarding.clashes.words import why_not_asked
from onboarding.dates.anchors import after, shift
from onboarding.model.identity import one_spelling
from onboarding.model.phrases import day_words, moment_words, name_words, stage_words
from onboarding.model.playbook import Step
from onboarding.model.vocabulary import FactKind, Stage, TouchpointOutcome
from onboarding.newcomers.newcomers import ANCHOR as JOINED
from onboarding.newcomers.newcomers import Newcomer, decided_as, had_as, newcomers, who_joined
from onboarding.shared_plan.passed_calls import ANCHOR as MISSED
from onboarding.shared_plan.passed_calls import MissedCall, missed_calls
from onboarding.touchpoints import appointments
from onboarding.touchpoints.context import TouchpointContext
from onboarding.touchpoints.outlook import Occurrence, Outlook

MANY = 1000
"""An upper bound for broken data; no cadence reaches it."""


def read_outlook(context: TouchpointContext, step: Step) -> Outlook:
    """Return the outlook of a step at the context's moment; empty while its anchor is unknown or its stages are
    ahead."""
    if step.calendar is not None:
        return appointments.read_outlook(context, step, step.calendar)
    if step.due.anchor in EACH:
        return _each(context, step)
    if step.while_in and context.entered(step) is None:
        return Outlook()
    settled = context.settled.get(step.name, ())
    past: list[Occurrence] = []
    for number in range(1, MANY if step.every else 3 if _welcomes_after_all(context, step) else 2):
        if str(number) in settled:
            # Occurrences before a settled one are over: an anchor moved into the past must not revive them.
            past.clear()
            continue
        found = numbered(context, step, str(number))
        if found is None:
            break
        if found.due_at > context.now:
            return Outlook(due=past[-1] if past else None, missed=tuple(past[:-1]), ahead=found)
        if step.every is None or found.due_at >= _floor(context, step):
            past.append(found)
    return Outlook(due=past[-1] if past else None, missed=tuple(past[:-1]))


def numbered(context: TouchpointContext, step: Step, number: str) -> Occurrence | None:
    """Return the occurrence of a step with this number; None while its anchor has no date."""
    if step.calendar is not None:
        return appointments.current_version(context, step, step.calendar, number)
    if step.due.anchor == ANCHOR:
        clashes = open_clashes(context.case.facts, context.now)
        return next((_decision(context, step, one) for one in clashes if one.number == number), None)
    if step.due.anchor == JOINED:
        newcomer = who_joined(context, step, number)
        if newcomer is None or had_as(context.case, step, newcomer) - {number}:
            return None
        return _catch_up(context, step, newcomer)
    if step.due.anchor == MISSED:
        return next((one for one in _new_times(context, step) if one.number == number), None)
    anchor_at = context.anchor_at(step)
    if anchor_at is None or not number.isdigit():
        return None
    later = timedelta(days=step.every.days) * (int(number) - 1) if step.every else timedelta()
    due_at = shift(after(anchor_at, step.due, context.case) + later, anchor_at, context.case.holds, context.now)
    because = _distance(context, step, later, anchor_at)
    if step.every is None:
        welcomed_at = _asked_for_welcome(context, step)
        entered = context.entered(step)
        if welcomed_at is not None and welcomed_at > due_at:
            due_at, because = (
                welcomed_at,
                f"asked for when the account was taken over on {day_words(welcomed_at)}",
            )
        elif entered is not None and entered[0] > due_at:
            due_at, because = entered[0], f"from the start of {stage_words(entered[1]).lower()} on"
    return Occurrence(step=step, number=number, due_at=due_at, because=because)


def why_over(context: TouchpointContext, step: Step, number: str) -> str | None:
    """Return why an occurrence that is known no longer is over for good, in words; None while it only has no date."""
    if step.calendar is not None:
        return "what it says of the call holds no longer"
    if step.due.anchor == JOINED:
        return _no_newcomer(context, step, number)
    if step.due.anchor == MISSED:
        return "another time is agreed for this call, or none is needed any more"
    return why_not_asked(context.case.facts, number, context.now) if step.due.anchor == ANCHOR else None


def _no_newcomer(context: TouchpointContext, step: Step, person_id: str) -> str:
    """Return why the mail to a newcomer is over."""
    reader = context.reader(person_id)
    address = one_spelling(reader.email or "") if reader else ""
    if address and any(one.address == address for one in newcomers(context, step)):
        return "another mail of this step goes to the same address"
    if any(person_id == person.id for people in context.state.holders.values() for person in people):
        return "its reader knows where things stand without it"
    return "its reader has no part in the onboarding any more"


def _each(context: TouchpointContext, step: Step) -> Outlook:
    """Return what is due once for each conflict of priorities, newcomer or missed call: each that is not settled is an
    occurrence of its own."""
    settled = context.settled.get(step.name, ())
    found = [one for one in EACH[step.due.anchor](context, step) if one.number not in settled]
    due = [one for one in found if one.due_at <= context.now]
    ahead = sorted((one for one in found if one.due_at > context.now), key=lambda one: one.due_at)
    return Outlook(
        due=due[0] if due else None,
        beside=tuple(due[1:]),
        ahead=ahead[0] if ahead else None,
        further=tuple(ahead[1:]),
    )


def _decisions(context: TouchpointContext, step: Step) -> list[Occurrence]:
    return [_decision(context, step, one) for one in open_clashes(context.case.facts, context.now)]


def _decision(context: TouchpointContext, step: Step, clash: Clash) -> Occurrence:
    because = f"two priorities clash, as was said on {day_words(clash.raised_at)}"
    due_at = _after_holds(context, step, clash.raised_at)
    return Occurrence(step=step, number=clash.number, due_at=due_at, because=because)


def _catch_ups(context: TouchpointContext, step: Step) -> list[Occurrence]:
    case = context.case
    found = (one for one in newcomers(context, step) if not had_as(case, step, one))
    return [_catch_up(context, step, one) for one in found if not decided_as(case, step, one)]


def _catch_up(context: TouchpointContext, step: Step, newcomer: Newcomer) -> Occurrence:
    because = f"{newcomer.person.name} joined on {day_words(newcomer.at)}, after the welcome"
    due_at = _after_holds(context, step, newcomer.at)
    return Occurrence(step=step, number=newcomer.person.id, due_at=due_at, because=because)


def _new_times(context: TouchpointContext, step: Step) -> list[Occurrence]:
    found = missed_calls(context.case, context.state, context.playbook, context.now)
    return [_anew(context, step, one) for one in found]


def _anew(context: TouchpointContext, step: Step, missed: MissedCall) -> Occurrence:
    because = f"the {missed.call.title.lower()} of {moment_words(missed.was_at)} did not take place"
    due_at = _after_holds(context, step, missed.learned_at)
    return Occurrence(step=step, number=missed.number, due_at=due_at, because=because)


EACH: Mapping[str, Callable[[TouchpointContext, Step], list[Occurrence]]] = {
    ANCHOR: _decisions,
    JOINED: _catch_ups,
    MISSED: _new_times,
}
"""The anchors of steps that are sent once for each of something, whatever its moment."""


def _after_holds(context: TouchpointContext, step: Step, at: datetime) -> datetime:
    """Return when something of this moment is due. What happens on hold is told after the hold, however long that
    is."""
    due_at = shift(after(at, step.due, context.case), at, context.case.holds, context.now)
    ends = [(hold, hold.ended_at or hold.until or context.now) for hold in context.case.holds if hold.resume != "skip"]
    return max((end for hold, end in ends if hold.since <= due_at < end), default=due_at)


def _floor(context: TouchpointContext, step: Step) -> datetime:
    """Return the moment from which a cadence counts: the entry of its stage or the adoption of the account, not
    before."""
    entered = context.entered(step)
    moments = (entered and entered[0], context.progress.adopted_at, context.case.signed_at)
    return max(at for at in moments if at is not None)


def _asked_for_welcome(context: TouchpointContext, step: Step) -> datetime | None:
    """Return when ``adopt --welcome`` requested a welcome although its time had passed; None if it did not."""
    if step.name != "welcome":
        return None
    asked = [fact.at for fact in context.case.facts if fact.kind == FactKind.ADOPT and fact.value.get("welcome")]
    return min((at for at in asked if at <= context.now), default=None)


def _welcomes_after_all(context: TouchpointContext, step: Step) -> bool:
    """Return whether a welcome was requested after the first one had been given up, which makes a second occurrence."""
    asked_at = _asked_for_welcome(context, step)
    given_up = [
        t.at for t in context.case.touchpoints if t.step == step.name and t.outcome != TouchpointOutcome.PLANNED
    ]
    return asked_at is not None and any(at <= asked_at for at in given_up)


def _distance(context: TouchpointContext, step: Step, later: timedelta, anchor_at: datetime) -> str:
    working, days = step.due.working_days, step.due.days + later.days
    parts = [
        f"{amount} {unit}{'' if amount == 1 else 's'}"
        for amount, unit in ((working, "working day"), (days, "day"), (step.due.hours, "hour"))
        if amount
    ]
    anchor = _anchor_words(context, step)
    return f"{' '.join(parts) + ' after' if parts else 'at'} {anchor} ({day_words(anchor_at)})"


def _anchor_words(context: TouchpointContext, step: Step) -> str:
    anchor = step.due.anchor.removeprefix("milestone:")
    if anchor == "stage" and step.stage is not None:
        return "completion" if step.stage is Stage.DONE else f"the start of {stage_words(step.stage).lower()}"
    if anchor == "track":
        return f"the start of “{context.tracks[step.track].track.title}”"
    if anchor == "check_ins":
        anchor = context.playbook.check_in_anchor
        if anchor == "go_live" and context.state.go_live_at is None:
            return "the target date, as there is no go-live"
    return {"go_live": "go-live", "target": "the target date"}.get(anchor, name_words(anchor))
