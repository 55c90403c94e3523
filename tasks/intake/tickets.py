"""Support tickets, each taken in once as a fact of the onboarding that it belongs to."""

import json
import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from database import key_values
from database.crm import problems
from database.events import signals
from database.events.tickets import signed_times
from database.onboardings import facts
from database.onboardings.counts import count_onboardings
from integrations.ports import Unreachable
from onboarding.model.case import Fact
from onboarding.model.crm_records import Problem, SignalRecord
from onboarding.model.vocabulary import FactKind
from tasks.runtime.context import RunContext
from tasks.runtime.reports import Failure, SignalReport

logger = logging.getLogger(__name__)

TICKETS = "tickets"
"""The name under which is kept how far the source was read, which it was, and of how many onboardings."""
WATCHED = timedelta(days=180)
"""Tickets of so long after the signature belong to an onboarding: the window of early churn (TH-8)."""


def take_in_tickets(context: RunContext, as_of: datetime) -> SignalReport:
    """Read the support tickets and keep those of onboardings.

    Safe to run twice: a ticket has one id, and the same report of it is one fact. Tickets of accounts without an
    onboarding are left; the source is read from its beginning once another onboarding was opened.
    """
    with context.database.reading() as conn:
        found = key_values.read(conn, TICKETS)
        opened = count_onboardings(conn) if context.tickets is not None else 0
    known: Mapping[str, Any] = json.loads(found.value) if found else {}
    if context.tickets is None:
        if known:
            with context.database.writing() as conn:
                problems.note_problems(conn, (), as_of, [known["source"]])
                key_values.forget(conn, TICKETS)
        return SignalReport()
    try:
        batch = context.tickets.read(known.get("cursor") if known.get("opened") == opened else None)
    except Unreachable as error:
        logger.error("the support tickets could not be read: %s", error)
        return SignalReport(failures=(Failure(where="the support tickets", error=str(error)),))
    if batch.unchanged:
        with context.database.reading() as conn:
            return SignalReport(set_aside=_set_aside(conn, batch.source))
    with context.database.writing() as conn:
        new = facts.add_all(conn, _by_onboarding(conn, batch.signals, as_of), as_of)
        problems.note_problems(conn, batch.problems, as_of, {batch.source, known.get("source", batch.source)})
        kept = {"cursor": batch.cursor, "opened": opened, "source": batch.source}
        key_values.write(conn, TICKETS, json.dumps(kept), as_of)
        return SignalReport(tickets=sum(map(len, new.values())), set_aside=_set_aside(conn, batch.source))


def _by_onboarding(conn: Connection, tickets: Sequence[SignalRecord], as_of: datetime) -> Mapping[str, list[Fact]]:
    """Return the facts by key of the onboarding: the last one of the account that was signed before the ticket."""
    accounts = signals.accounts_named(conn, {ticket.account for ticket in tickets})
    signed = signed_times(conn, set(accounts.values()))
    found: defaultdict[str, list[Fact]] = defaultdict(list)
    for ticket in tickets:
        begun = [
            (at, key)
            for at, key in signed.get(accounts.get(ticket.account, ""), ())
            if at <= ticket.at <= at + WATCHED and ticket.at <= as_of
        ]
        if begun:
            found[max(begun)[1]].append(_fact(ticket, as_of))
    return found


def _fact(ticket: SignalRecord, as_of: datetime) -> Fact:
    value: dict[str, Any] = {"topic": ticket.name}
    if ticket.sentiment is not None:
        value["sentiment"] = ticket.sentiment
    name = ticket.key.removeprefix("id:")[:80]
    return Fact(
        key=f"{TICKETS}:{name}:{ticket.at.isoformat()}:{ticket.name}:{ticket.sentiment}",
        kind=FactKind.TICKET,
        name=name,
        at=ticket.at,
        learned_at=as_of,
        source=TICKETS,
        by="support",
        value=value,
    )


def _set_aside(conn: Connection, source: str) -> tuple[Problem, ...]:
    return tuple(one for one in problems.open_problems(conn) if one.source == source)
