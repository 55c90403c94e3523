"""Support tickets and answers of survey tools, each taken in once as a fact of the onboarding that it belongs to."""

import json
import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from database import key_values
from database.crm import problems
from database.events import signals
from database.events.tickets import contacts_of, signed_times
from database.onboardings import facts
from database.onboardings.counts import count_onboardings
from integrations.ports import Signals, Unreachable
from onboarding.facts.feedback import SCALES
from onboarding.model.case import Fact
from onboarding.model.crm_records import Problem
from onboarding.model.usage import SignalRecord, joined
from onboarding.model.vocabulary import FactKind, SurveyKind
from onboarding.people.stakeholders import person_named
from tasks.intake.erased_people import without_forgotten_users
from tasks.runtime.context import RunContext
from tasks.runtime.reports import Failure, SignalReport

logger = logging.getLogger(__name__)

TICKETS, SURVEYS = "tickets", "surveys"
"""The names under which is kept how far each source was read, which it was, and of how many onboardings."""
WATCHED = timedelta(days=180)
"""Feedback of so long after the signature belongs to an onboarding: the window of early churn (TH-8)."""
Told = Mapping[str, Sequence[SignalRecord]]
"""By the key of the onboarding."""


def take_in_feedback(context: RunContext, as_of: datetime) -> SignalReport:
    """Read the support tickets and the answers to surveys, and keep those of onboardings.

    Safe to run twice: a ticket and an answer have one id, and the same report of it is one fact. Those of accounts
    without an onboarding are left; a source is read from its beginning once another onboarding was opened.
    """
    tickets = _take_in(context, TICKETS, context.tickets, as_of)
    answers = _take_in(context, SURVEYS, context.surveys, as_of)
    return SignalReport(
        tickets=tickets.new,
        answers=answers.new,
        set_aside=(*tickets.set_aside, *answers.set_aside),
        failures=(*tickets.failures, *answers.failures),
    )


def keep_answers(conn: Connection, answers: Sequence[SignalRecord], as_of: datetime) -> int:
    """Keep answers to surveys; return how many are new. Safe to repeat."""
    return _keep(conn, SURVEYS, answers, as_of)


def _take_in(context: RunContext, of: str, source: Signals | None, as_of: datetime) -> SignalReport:
    with context.database.reading() as conn:
        found = key_values.read(conn, of)
        opened = count_onboardings(conn) if source is not None else 0
    known: Mapping[str, Any] = json.loads(found.value) if found else {}
    if source is None:
        if known:
            with context.database.writing() as conn:
                problems.note_problems(conn, (), as_of, [known["source"]])
                key_values.forget(conn, of)
        return SignalReport()
    try:
        batch = joined(source.read(known.get("cursor") if known.get("opened") == opened else None))
    except Unreachable as error:
        logger.error("the %s could not be read: %s", of, error)
        return SignalReport(failures=(Failure(where=f"the {of}", error=str(error)),))
    if batch.unchanged:
        with context.database.reading() as conn:
            return SignalReport(set_aside=_set_aside(conn, batch.source))
    with context.database.writing() as conn:
        new = _keep(conn, of, batch.signals, as_of)
        problems.note_problems(conn, batch.problems, as_of, {batch.source, known.get("source", batch.source)})
        kept = {"cursor": batch.cursor, "opened": opened, "source": batch.source}
        key_values.write(conn, of, json.dumps(kept), as_of)
        return SignalReport(new=new, set_aside=_set_aside(conn, batch.source))


def _keep(conn: Connection, of: str, told: Sequence[SignalRecord], as_of: datetime) -> int:
    """Store the facts that are new, each in the last onboarding of its account that was signed before it."""
    accounts = signals.accounts_named(conn, {one.account for one in told})
    signed = signed_times(conn, set(accounts.values()))
    found: defaultdict[str, list[SignalRecord]] = defaultdict(list)
    for one in told:
        begun = [
            (at, key)
            for at, key in signed.get(accounts.get(one.account, ""), ())
            if at <= one.at <= at + WATCHED and one.at <= as_of
        ]
        if begun:
            account = accounts[one.account]
            found[max(begun)[1]].append(replace(one, account=account))
    new = facts.add_all(conn, MAKERS[of](conn, found, as_of), as_of)
    return sum(map(len, new.values()))


def _tickets(conn: Connection, told: Told, as_of: datetime) -> Mapping[str, Sequence[Fact]]:
    return {key: [_ticket(one, as_of) for one in mine] for key, mine in told.items()}


def _ticket(ticket: SignalRecord, as_of: datetime) -> Fact:
    value: dict[str, Any] = {"topic": ticket.name}
    if ticket.score is not None:
        value["sentiment"] = ticket.score
    name = ticket.key.removeprefix("id:")[:80]
    return Fact(
        key=f"{TICKETS}:{name}:{ticket.at.isoformat()}:{ticket.name}:{ticket.score}",
        kind=FactKind.TICKET,
        name=name,
        at=ticket.at,
        learned_at=as_of,
        source=TICKETS,
        by="support",
        value=value,
    )


def _answers(conn: Connection, told: Told, as_of: datetime) -> Mapping[str, Sequence[Fact]]:
    """Return a fact for each answer. Who answered is kept by the person's id, as facts hold no addresses."""
    known = {key: without_forgotten_users(conn, mine) for key, mine in told.items()}
    contacts = contacts_of(conn, {one.account for mine in known.values() for one in mine})
    return {key: [_answer(one, contacts, as_of) for one in mine] for key, mine in known.items()}


def _answer(answer: SignalRecord, contacts: Mapping[tuple[str, str], str], as_of: datetime) -> Fact:
    scale = SCALES[SurveyKind(answer.name)]
    value: dict[str, Any] = {"score": answer.score, "low": scale.low, "high": scale.high}
    if answer.user:
        value["person"] = contacts.get((answer.account, answer.user)) or person_named(answer.user)
    if answer.comment:
        value["comment"] = answer.comment
    return Fact(
        key=f"{SURVEYS}:{answer.key.removeprefix('id:')[:80]}",
        kind=FactKind.SURVEY,
        name=answer.name,
        at=answer.at,
        learned_at=as_of,
        source=SURVEYS,
        by="survey tool",
        value=value,
    )


MAKERS: Mapping[str, Callable[[Connection, Told, datetime], Mapping[str, Sequence[Fact]]]] = {
    TICKETS: _tickets,
    SURVEYS: _answers,
}


def _set_aside(conn: Connection, source: str) -> tuple[Problem, ...]:
    return tuple(one for one in problems.open_problems(conn) if one.source == source)
