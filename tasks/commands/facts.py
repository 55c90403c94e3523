"""Facts that a person reports by hand: stored under a key that makes a repeat harmless, and reviewed by the next run.

Each function returns a sentence for the person, and raises Refused or NotFound where nothing was changed.
"""

import json
from datetime import datetime
from hashlib import sha256

from database.events import signals
from database.onboardings import openings, orders
from database.onboardings.lookup import find_onboarding
from onboarding.dates.limits import MOST_EVENTS
from onboarding.model.crm_records import SignalRecord
from onboarding.model.identity import many_lines, one_spelling
from onboarding.model.vocabulary import CustomerRole, HandoffItem
from onboarding.stages.handoff import is_answer
from tasks.commands.erasure import refuse_forgotten
from tasks.commands.fact_entry import SOURCE, need_address, open_entry, refuse_ahead, said_once
from tasks.runtime.context import RunContext
from tasks.runtime.refusals import Guard, Refused, refuse_far, unguarded


def record_milestone(
    context: RunContext,
    wanted: str,
    name: str,
    *,
    at: datetime | None,
    meeting_at: datetime | None,
    undo: bool,
    by: str,
    now: datetime,
    guard: Guard = unguarded,
) -> str:
    """Record that a milestone was reached at ``at`` (default now), or a call agreed for ``meeting_at``, or ``undo``.

    A call is recorded under a milestone or under a step with a call, such as ``check_in_30``. ``at`` may not lie ahead.
    """
    with context.database.writing() as conn:
        report = open_entry(context, conn, wanted, by, now)
        guard(conn, report.case.key)
        titles = {plan.name: plan.title for plan in report.playbook.milestones()}
        if undo or meeting_at is not None:
            titles |= {step.calendar.meeting: step.calendar.title for step in report.playbook.steps if step.calendar}
        if name not in titles:
            raise Refused(
                f"the {report.playbook.tier} playbook has no milestone {name!r}; `first90 playbook show "
                f"{report.playbook.tier}` lists them"
            )
        if undo:
            report.keep("milestone_undone", name, None, {})
            return f"Taken back: {titles[name]}."
        if meeting_at is not None:
            refuse_far(meeting_at, "--meeting-at")
            refuse_ahead(at, now)
            fresh = report.keep("meeting", name, at, {"meeting_at": meeting_at.isoformat()})
            return said_once(fresh, f"{titles[name]} agreed for {meeting_at:%Y-%m-%d %H:%M}Z.")
        refuse_ahead(at, now)
        return said_once(report.keep("milestone", name, at, {}), f"Done: {titles[name]}.")


def record_handoff(
    context: RunContext, wanted: str, item: str, said: str, *, at: datetime | None, by: str, now: datetime
) -> str:
    """Record one of the five handoff items that sales owes (HO-1 to HO-5)."""
    if item not in set(HandoffItem):
        raise Refused(f"{item!r} is no handoff item; use one of {', '.join(HandoffItem)}")
    text = many_lines(said)
    if not is_answer(text):
        raise Refused(f"{text!r} says nothing about {item.replace('_', ' ')}; say what sales knows")
    refuse_ahead(at, now)
    with context.database.writing() as conn:
        fresh = open_entry(context, conn, wanted, by, now).keep("handoff", item, at, {"text": text})
    return said_once(fresh, f"Handoff item kept: {item.replace('_', ' ')}.")


def record_stakeholder(
    context: RunContext,
    wanted: str,
    email: str,
    role: str,
    *,
    left: bool,
    at: datetime | None,
    by: str,
    now: datetime,
) -> str:
    """Record that a person has a role at the customer, or (``left``) has it no longer."""
    if role not in set(CustomerRole):
        raise Refused(f"{role!r} is no role; use one of {', '.join(CustomerRole)}")
    address = need_address(email)
    refuse_ahead(at, now)
    value = {"email": address, "role": role, "left": left}
    with context.database.writing() as conn:
        refuse_forgotten(conn, address)
        fresh = open_entry(context, conn, wanted, by, now).keep("stakeholder", role, at, value)
    words = role.replace("_", " ")
    return said_once(fresh, f"No longer {words}: {address}." if left else f"Now {words}: {address}.")


def record_signal(
    context: RunContext,
    wanted: str,
    name: str,
    *,
    user: str,
    count: int,
    at: datetime | None,
    by: str,
    now: datetime,
) -> str:
    """Record product usage that no source reported. The same signal of the same user and moment counts once."""
    if not 1 <= count <= MOST_EVENTS:
        raise Refused(f"--count {count} is no whole number from 1 to {MOST_EVENTS}")
    refuse_ahead(at, now)
    user = one_spelling(user)
    with context.database.writing() as conn:
        report = open_entry(context, conn, wanted, by, now)
        said = json.dumps([report.case.account.id, name, user, count, (at or now).isoformat()])
        record = SignalRecord(
            key=f"{SOURCE}:{sha256(said.encode()).hexdigest()[:24]}",
            account=report.case.account.id,
            name=name,
            at=at or now,
            user=user,
            count=count,
        )
        fresh = signals.take_signals(conn, [record]).new
        counted = f"{count} at {(at or now):%Y-%m-%d %H:%M}Z"
        openings.note(conn, [(report.case.key, "signal", name, counted)] if fresh else [], at=now, by=by)
        openings.touch(conn, [report.case.key], now)
    return said_once(bool(fresh), f"Signal kept: {name}.")


def record_bounce(context: RunContext, wanted: str, email: str, *, at: datetime | None, by: str, now: datetime) -> str:
    """Record that an address bounced: no mail is sent to it again, from any onboarding."""
    address = need_address(email)
    refuse_ahead(at, now)
    with context.database.writing() as conn:
        refuse_forgotten(conn, address)
        report = open_entry(context, conn, wanted, by, now)
        fresh = orders.suppress(conn, address, reason="bounced", by=by, at=at or now)
        openings.note(conn, [(report.case.key, "bounce", "", "an address bounced")] if fresh else [], at=now, by=by)
        openings.touch(conn, openings.onboardings_of(conn, addresses=[address]) | {report.case.key}, now)
    return said_once(fresh, "No more mail goes to this address.")


def record_note(context: RunContext, wanted: str, said: str, *, at: datetime | None, by: str, now: datetime) -> str:
    """Write a line into the journal."""
    text = many_lines(said)
    if not text:
        raise Refused("the note is empty; say something")
    refuse_ahead(at, now)
    with context.database.writing() as conn:
        key = find_onboarding(conn, wanted)
        openings.note(conn, [(key, "note", "", text)], at=at or now, by=by)
    return "Noted."
