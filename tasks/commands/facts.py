"""Facts that a person reports by hand: stored under a key that makes a repeat harmless, and reviewed by the next run.

Each function returns a sentence for the person, and raises Refused or NotFound where nothing was changed.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from hashlib import sha256

from database.events import daily, signals
from database.onboardings import openings
from database.onboardings.lookup import find_onboarding
from database.privacy import suppressions
from onboarding.conditions.fitting import FittedPlaybook, calls_left_out
from onboarding.dates.limits import MOST_EVENTS
from onboarding.facts.fold import fold_facts
from onboarding.facts.meetings import KICKOFF_CALL
from onboarding.model.identity import many_lines, one_spelling
from onboarding.model.playbook import Playbook
from onboarding.model.schedule import Call
from onboarding.model.suppressions import Suppressed
from onboarding.model.usage import SignalRecord
from onboarding.model.vocabulary import CustomerRole, FactKind, HandoffItem
from onboarding.orders import FactReport
from onboarding.sentences.sentence import of_playbook, sentence
from onboarding.sentences.terms import item_name
from onboarding.shared_plan.passed_calls import ANCHOR as MISSED
from onboarding.stages.handoff import is_answer
from onboarding.stages.kickoff import KICKOFF, WAS_AT
from tasks.commands.erasure import refuse_forgotten
from tasks.commands.fact_entry import SOURCE, FactEntry, need_address, open_entry, refuse_ahead, said_once
from tasks.runtime.context import RunContext
from tasks.runtime.refusals import Refused, refuse_far


def record_milestone(context: RunContext, report: FactReport, wanted: str, name: str) -> str:
    """Record that a milestone was reached, or that the call of this name took place. Raises Refused where that lies
    ahead."""
    refuse_ahead(report)
    with context.database.writing() as conn:
        entry = open_entry(context, conn, report, wanted)
        if name in _calls(entry.playbook) and name not in _milestone_titles(entry.playbook):
            call, at = _agreed(entry, name)
            fresh = entry.keep(FactKind.CALL_HELD, name, {WAS_AT: at.isoformat()})
            return said_once(
                fresh, sentence("replies.call_held", call=of_playbook(call.title), at=f"{at:%Y-%m-%d %H:%M}Z")
            )
        title = _title(entry.playbook, _milestone_titles(entry.playbook), name)
        return said_once(
            entry.keep(FactKind.MILESTONE, name, {}), sentence("replies.milestone_done", title=of_playbook(title))
        )


def record_meeting(context: RunContext, report: FactReport, wanted: str, name: str, meeting_at: datetime) -> str:
    """Record that a call was agreed for ``meeting_at``, which may lie ahead.

    ``name`` is a milestone, or a step that is a call: ``check_in_30``.
    """
    refuse_far(meeting_at, "--meeting-at")
    refuse_ahead(report)
    with context.database.writing() as conn:
        entry = open_entry(context, conn, report, wanted)
        if why_not := calls_left_out(entry.playbook).get(name):
            raise Refused(f"nobody would be invited to the call {name}: it is {why_not}")
        title = _title(entry.playbook, _titles(entry.playbook), name)
        fresh = entry.keep(FactKind.MEETING, name, {"meeting_at": meeting_at.isoformat()})
        return said_once(fresh, f"{title} agreed for {meeting_at:%Y-%m-%d %H:%M}Z.")


def record_missed_call(context: RunContext, report: FactReport, wanted: str, name: str) -> str:
    """Record that an agreed call did not take place: it has no time until another one is agreed, and the playbook may
    have a mail with new times.

    Raises Refused where no time was agreed for it, or one that lies ahead.
    """
    refuse_ahead(report)
    with context.database.writing() as conn:
        entry = open_entry(context, conn, report, wanted)
        name, calls = KICKOFF_CALL if name in KICKOFF else name, _calls(entry.playbook)
        if name not in calls:
            raise Refused(f"{name!r} is no call; only a call can be missed, such as {', '.join(sorted(calls))}")
        call, at = _agreed(entry, name)
        fresh = entry.keep(FactKind.CALL_MISSED, name, {WAS_AT: at.isoformat()})
        offered = any(step.due.anchor == MISSED for step in entry.playbook.steps)
    then = "new times are offered" if offered else "its playbook has no mail with new times: agree one yourself"
    return said_once(fresh, f"{call.title} of {at:%Y-%m-%d %H:%M}Z did not take place; {then}.")


def _agreed(entry: FactEntry, name: str) -> tuple[Call, datetime]:
    """Return the call of this name and when it was to begin. Raises Refused."""
    meeting = fold_facts(entry.case, entry.playbook, entry.report.now).meetings.get(name)
    if meeting is None:
        raise Refused(
            f"no time is agreed for {name}, so it can neither be held nor be missed; record one: --meeting-at"
        )
    if meeting.at > entry.report.now:
        raise Refused(f"{name} is agreed for {meeting.at:%Y-%m-%d %H:%M}Z, which lies ahead; cancel it with --undo")
    return _calls(entry.playbook)[name], meeting.at


def record_due(context: RunContext, report: FactReport, wanted: str, name: str, day: date) -> str:
    """Record that another due date of a milestone was agreed."""
    with context.database.writing() as conn:
        entry = open_entry(context, conn, report, wanted)
        title = _title(entry.playbook, _milestone_titles(entry.playbook), name)
        entry.keep(FactKind.MILESTONE_DUE, name, {"due_on": day.isoformat()})
        return f"{title}: due on {day.isoformat()} from now on."


def take_back_milestone(context: RunContext, report: FactReport, wanted: str, name: str) -> str:
    """Record that a milestone, or a call, was not done after all. ``at`` is ignored: it counts from now."""
    with context.database.writing() as conn:
        entry = open_entry(context, conn, replace(report, at=None), wanted)
        title = _title(entry.playbook, _titles(entry.playbook), name)
        entry.keep(FactKind.MILESTONE_UNDONE, name, {})
        return f"Taken back: {title}."


def waive_milestone(context: RunContext, report: FactReport, wanted: str, name: str, reason: str) -> str:
    """Record that a milestone does not apply to this onboarding, and why. ``at`` is ignored: it counts from now."""
    if not is_answer(why := many_lines(reason)):
        raise Refused("a milestone is not applicable for a reason; say why")
    with context.database.writing() as conn:
        entry = open_entry(context, conn, replace(report, at=None), wanted)
        title = _title(entry.playbook, _milestone_titles(entry.playbook), name)
        entry.keep(FactKind.MILESTONE_WAIVED, name, {"reason": why})
        return f"Not applicable: {title}."


def record_handoff(context: RunContext, report: FactReport, wanted: str, item: str, said: str) -> str:
    """Record one of the five handoff items that sales owes (HO-1 to HO-5)."""
    return record_handoffs(context, report, wanted, {item: said})


def record_handoffs(context: RunContext, report: FactReport, wanted: str, items: Mapping[str, str]) -> str:
    """Record handoff items: all of them, or none where one is refused."""
    refuse_ahead(report)
    texts = {item: _handoff_text(item, said) for item, said in items.items()}
    with context.database.writing() as conn:
        entry = open_entry(context, conn, report, wanted)
        fresh = [entry.keep(FactKind.HANDOFF, item, {"text": text}) for item, text in texts.items()]
    names = tuple(map(item_name, texts))
    return said_once(any(fresh), sentence("replies.items_kept", count=len(names), items=names))


def _handoff_text(item: str, said: str) -> str:
    if item not in set(HandoffItem):
        raise Refused(f"{item!r} is no handoff item; use one of {', '.join(HandoffItem)}")
    text = many_lines(said)
    if not is_answer(text):
        raise Refused(f"{text!r} says nothing about {item.replace('_', ' ')}; say what sales knows")
    return text


def record_stakeholder(
    context: RunContext, report: FactReport, wanted: str, email: str, role: str, *, left: bool = False
) -> str:
    """Record that a person has a role at the customer, or (``left``) has it no longer."""
    if role not in set(CustomerRole):
        raise Refused(f"{role!r} is no role; use one of {', '.join(CustomerRole)}")
    address = need_address(email)
    refuse_ahead(report)
    value = {"email": address, "role": role, "left": left}
    with context.database.writing() as conn:
        refuse_forgotten(conn, address)
        fresh = open_entry(context, conn, report, wanted).keep(FactKind.STAKEHOLDER, role, value)
    words = role.replace("_", " ")
    return said_once(fresh, f"No longer {words}: {address}." if left else f"Now {words}: {address}.")


def record_signal(context: RunContext, report: FactReport, wanted: str, name: str, *, user: str, count: int) -> str:
    """Record product usage that no source reported. The same signal of the same user and moment counts once."""
    if not 1 <= count <= MOST_EVENTS:
        raise Refused(f"--count {count} is no whole number from 1 to {MOST_EVENTS}")
    refuse_ahead(report)
    user, at = one_spelling(user), report.happened_at
    with context.database.writing() as conn:
        daily.take_usage_turn(conn)  # before the onboarding, as sweeps do
        case = open_entry(context, conn, report, wanted).case
        said = json.dumps([case.account.id, name, user, count, at.isoformat()])
        record = SignalRecord(
            key=f"{SOURCE}:{sha256(said.encode()).hexdigest()[:24]}",
            account=case.account.id,
            name=name,
            at=at,
            user=user,
            count=count,
        )
        fresh = signals.take_signals(conn, [record]).new
        lines = [(case.key, "signal", name, f"{count} at {at:%Y-%m-%d %H:%M}Z")] if fresh else []
        openings.note(conn, lines, at=report.now, by=report.by)
        openings.touch(conn, [case.key], report.now)
    return said_once(bool(fresh), f"Signal kept: {name}.")


def record_bounce(context: RunContext, report: FactReport, wanted: str, email: str) -> str:
    """Record that an address bounced: no mail is sent to it again, from any onboarding."""
    address = need_address(email)
    refuse_ahead(report)
    with context.database.writing() as conn:
        refuse_forgotten(conn, address)
        key = find_onboarding(conn, wanted)
        fresh = suppressions.suppress(conn, [address], Suppressed.BOUNCED, replace(report, now=report.happened_at))
        lines = [(key, "bounce", "", "an address bounced")] if fresh else []
        openings.note(conn, lines, at=report.now, by=report.by)
        openings.touch(conn, openings.onboardings_of(conn, addresses=[address]) | {key}, report.now)
    return said_once(bool(fresh), "No more mail goes to this address.")


def record_note(context: RunContext, report: FactReport, wanted: str, said: str) -> str:
    """Write a line into the journal."""
    text = many_lines(said)
    if not text:
        raise Refused("the note is empty; say something")
    refuse_ahead(report)
    with context.database.writing() as conn:
        key = find_onboarding(conn, wanted)
        openings.note(conn, [(key, "note", "", text)], at=report.happened_at, by=report.by)
    return "Noted."


def _titles(playbook: Playbook) -> dict[str, str]:
    """Return the titles of the milestones and of the steps with a call, by name."""
    return _milestone_titles(playbook) | {name: call.title for name, call in _calls(playbook).items()}


def _calls(playbook: Playbook) -> dict[str, Call]:
    return {step.calendar.meeting: step.calendar for step in playbook.steps if step.calendar}


def _milestone_titles(playbook: Playbook) -> dict[str, str]:
    """Return the titles of the milestones by name, also of those that its conditions leave out for this customer: what
    a person says has happened counts from then on."""
    whole = playbook.whole.milestones() if isinstance(playbook, FittedPlaybook) else ()
    return {plan.name: plan.title for plan in (*whole, *playbook.milestones())}


def _title(playbook: Playbook, titles: Mapping[str, str], name: str) -> str:
    """Return the title of this name. Raises Refused for a name that is none of them."""
    if name not in titles:
        tier = playbook.tier
        raise Refused(f"the {tier} playbook has no milestone {name!r}; `first90 playbook show {tier}` lists them")
    return titles[name]
