"""Takes in product usage, part by part, and marks the onboardings that it concerns for review."""

import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection

from database import key_values
from database.crm import problems
from database.events import signals
from database.key_values import SIGNALS
from database.onboardings import openings
from database.onboardings.lookup import spelt_otherwise
from database.statements import chunks
from integrations.ports import Unreachable
from onboarding.model.crm_records import Problem
from onboarding.model.identity import lost_capitals
from onboarding.model.usage import SignalBatch, SignalRecord
from tasks.intake.erased_people import pseudonymous
from tasks.intake.usage_quality import (
    ARRIVAL,
    FAR_AHEAD,
    end_other_source,
    note_ahead,
    note_arrivals,
    note_our_people,
    note_unreadable,
)
from tasks.runtime.context import RunContext
from tasks.runtime.reports import Failure, SignalReport

logger = logging.getLogger(__name__)

STORED = 1000
"""How many events are stored in one transaction. Our choice: some 0.1 s."""


def take_in_usage(context: RunContext, as_of: datetime) -> SignalReport:
    """Read the product's signals and store the new ones.

    Some events of a part share a transaction, so that memory holds one part and a long read blocks no other run for
    long. A read that breaks off keeps its parts and not its cursor: it is read again, and an event counts once.
    """
    if context.signals is None:
        with context.database.writing() as conn:
            key_values.forget(conn, SIGNALS)
            end_other_source(conn, "", as_of)
            note_arrivals(conn, as_of)
        return SignalReport()
    with context.database.reading() as conn:
        cursor = key_values.read(conn, SIGNALS)
    intake = _Intake(context, as_of)
    try:
        for batch in context.signals.read(cursor.value if cursor else None):
            for some in chunks(batch.signals, STORED):
                with context.database.writing() as conn:
                    intake.store(conn, some)
            if not batch.more:
                with context.database.writing() as conn:
                    return intake.finish(conn, batch)
    except Unreachable as error:
        logger.error("the signals could not be read: %s", error)
        with context.database.writing() as conn:
            note_arrivals(conn, as_of)
        return SignalReport(new=intake.new, failures=(Failure(where="the signals", error=str(error)),))
    raise AssertionError("a source of signals ends with a part that has no more")


class _Intake:
    """One read of the source, and what its parts add up to."""

    def __init__(self, context: RunContext, as_of: datetime) -> None:
        self.new = 0
        self._context, self._as_of = context, as_of
        self._ahead: set[str] = set()
        self._lost: Counter[str] = Counter()
        self._meant: dict[str, str] = {}

    def store(self, conn: Connection, found: Iterable[SignalRecord]) -> None:
        """Store the new ones of these events; those of an account whose id lost its capitals are left out."""
        found = list(found)
        meant = spelt_otherwise(conn, {one.account for one in found})
        self._meant |= meant
        self._lost.update(one.account for one in found if one.account in meant)
        kept = [one for one in found if one.account not in meant]
        self._ahead |= {one.account for one in kept if one.at > self._as_of + FAR_AHEAD}
        taken = signals.take_signals(conn, pseudonymous(conn, kept))
        self.new += taken.new
        openings.touch(conn, openings.onboardings_of(conn, accounts=taken.accounts), self._as_of)

    def finish(self, conn: Connection, batch: SignalBatch) -> SignalReport:
        """Note what the whole read has shown, and how far it went."""
        as_of = self._as_of
        matched = signals.match_signals(conn)
        openings.touch(conn, openings.onboardings_of(conn, accounts=matched), as_of)
        if not batch.unchanged:
            told = (*batch.problems, *_lost_capitals(batch.source, self._lost, self._meant))
            problems.note_problems(conn, told, as_of, [batch.source])
        end_other_source(conn, batch.source, as_of)
        note_unreadable(conn, batch, as_of)
        note_our_people(conn, self._context.team, as_of)
        dated_ahead = note_ahead(conn, batch.source, self._ahead, as_of)
        key_values.write(conn, SIGNALS, batch.cursor, as_of)
        note_arrivals(conn, as_of)
        unmatched = signals.count_unmatched(conn).total()
        listed = (batch.source, dated_ahead, ARRIVAL)
        set_aside = tuple(one for one in problems.open_problems(conn) if one.source in listed)
        return SignalReport(new=self.new, unmatched=unmatched, set_aside=set_aside)


def _lost_capitals(source: str, lost: Counter[str], meant: Mapping[str, str]) -> list[Problem]:
    """Return a problem for each account whose id lost its capitals, with the number of its events."""
    return [
        Problem(
            source=source,
            record=f"account {account}",
            field="account_id",
            problem=f"{lost_capitals(meant[account])}; events left out: {number}",
        )
        for account, number in sorted(lost.items())
    ]
