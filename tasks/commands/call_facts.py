"""What a person reports of an agreed call whose time has come: it took place, or it did not."""

from datetime import datetime

from onboarding.facts.fold import fold_facts
from onboarding.model.schedule import Call
from onboarding.model.vocabulary import FactKind
from onboarding.orders import FactReport
from onboarding.stages.kickoff import KICKOFF, WAS_AT
from tasks.commands.fact_entry import FactEntry, open_entry, refuse_ahead, said_once
from tasks.runtime.context import RunContext
from tasks.runtime.refusals import Refused


def is_call(entry: FactEntry, name: str) -> bool:
    """Return whether a name is that of a call and of no milestone, so that nothing but this says that it was held."""
    return name in _calls(entry) and name not in {plan.name for plan in entry.playbook.milestones()}


def call_held(entry: FactEntry, name: str) -> str:
    """Keep that a call took place. Raises Refused where no time was agreed for it, or one that lies ahead."""
    call, at = _agreed(entry, name)
    fresh = entry.keep(FactKind.CALL_HELD, name, {WAS_AT: at.isoformat()})
    return said_once(fresh, f"Done: {call.title} of {at:%Y-%m-%d %H:%M}Z.")


def record_missed_call(context: RunContext, report: FactReport, wanted: str, name: str) -> str:
    """Record that an agreed call did not take place: it has no time until another one is agreed, and whoever was to
    come gets new times. Raises Refused where no time was agreed for it, or one that lies ahead."""
    refuse_ahead(report)
    with context.database.writing() as conn:
        entry = open_entry(context, conn, report, wanted)
        name = "kickoff_booked" if name in KICKOFF else name
        if name not in _calls(entry):
            raise Refused(f"{name!r} is no call; only a call can be missed, such as {', '.join(sorted(_calls(entry)))}")
        call, at = _agreed(entry, name)
        fresh = entry.keep(FactKind.CALL_MISSED, name, {WAS_AT: at.isoformat()})
    return said_once(fresh, f"{call.title} of {at:%Y-%m-%d %H:%M}Z did not take place; new times are offered.")


def _calls(entry: FactEntry) -> dict[str, Call]:
    return {step.calendar.meeting: step.calendar for step in entry.playbook.steps if step.calendar}


def _agreed(entry: FactEntry, name: str) -> tuple[Call, datetime]:
    """Return the call of this name and when it was to begin."""
    state = fold_facts(entry.case, entry.playbook, entry.report.now)
    meeting, call = state.meetings.get(name), _calls(entry)[name]
    if meeting is None:
        raise Refused(
            f"no time is agreed for {name}, so it can neither be held nor be missed; record one: --meeting-at"
        )
    if meeting.at > entry.report.now:
        raise Refused(f"{name} is agreed for {meeting.at:%Y-%m-%d %H:%M}Z, which lies ahead; cancel it with --undo")
    return call, meeting.at
