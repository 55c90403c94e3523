"""Facts in from the CRM and the product: records taken in, won deals opened, ticked milestones taken back."""

import logging
from collections import Counter
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from database import counts, cursors, openings, problems, signals
from database.cursors import SIGNALS
from database.lookup import spelt_otherwise
from integrations.ports import Unreachable
from onboarding.identity import lost_capitals
from onboarding.records import CrmBatch, Problem, SignalBatch
from tasks import crm_looks
from tasks.acceptance import open_won_deals, settle_tiers
from tasks.allowance import note_allowance, rests
from tasks.clock import note_run
from tasks.crm_edits import TakenBack, take_back
from tasks.crm_looks import MILESTONES, look
from tasks.crm_records import take_in
from tasks.first_day import first_moment
from tasks.kept_out import pseudonymous
from tasks.references import note_references
from tasks.reports import Failure, IntakeReport, SignalReport
from tasks.scope import Scope
from tasks.usage_quality import note_ahead, note_our_people, note_unreadable
from tasks.workplace import Workplace

logger = logging.getLogger(__name__)


def take_in_deals(place: Workplace, as_of: datetime, scope: Scope) -> IntakeReport:
    """Read what changed in the CRM, take it in, and open or extend an onboarding for every won deal that waits.

    Milestones that people ticked, un-ticked, re-dated or waived count here, with who and when (CT-1). Safe to run
    twice and beside other runs: an unchanged CRM costs one look, a record that did not change costs no write, a deal
    opens under its own id, the same milestone row gives facts with the same keys, and a look that another run
    overtook is left to the next one. A CRM that cannot be read is reported; deals that wait are opened all the same.
    """
    found, again = _look(place, as_of, scope)
    if not again:
        return found
    more, _ = _look(place, as_of, scope)
    counts = {name: getattr(found, name) + getattr(more, name) for name in ("opened", "adopted", "extended", "changed")}
    return replace(more, **counts, unchanged=found.unchanged)


def look_over(place: Workplace, batch: CrmBatch, as_of: datetime) -> tuple[Problem, ...]:
    """What would be set aside of a whole read, references included.

    For a dry workplace: what was read is kept in its scratch copy alone.
    """
    with place.database.writing() as conn:
        take_in(conn, place, batch, as_of)
        since = first_moment(conn, place.settings, as_of)
        note_references(conn, place, since, as_of, changed=True)
        return tuple(one for one in problems.open_problems(conn) if one.source in batch.sources)


def _look(place: Workplace, as_of: datetime, scope: Scope) -> tuple[IntakeReport, bool]:
    """One look at the CRM, and what follows from it in one transaction; and whether milestones must be looked at
    again, because rows that were nobody's when they were read are somebody's now."""
    seen = look(place, as_of, scope)
    with place.database.writing() as conn:
        changed, unchanged = 0, True
        if not seen.records.unchanged and not crm_looks.overtaken(conn, seen):
            changed, unchanged = take_in(conn, place, seen.records, as_of), False
            crm_looks.keep_records(conn, seen, as_of)
            settle_tiers(conn, place, as_of)
        found = open_won_deals(conn, place, as_of, scope)
        note_references(conn, place, first_moment(conn, place.settings, as_of), as_of, changed=not unchanged)
        again = crm_looks.passed_over(conn, seen) and not seen.failures
        taken = TakenBack()
        if not seen.milestones.unchanged:
            unchanged = False
            taken = take_back(conn, place, seen.milestones, as_of, seen.read_at)
            if not taken.waiting and not again:
                crm_looks.keep_milestones(conn, seen.milestones, taken.nobodys, as_of)
        if seen.asked:
            note_allowance(conn, place, as_of)
        note_run(conn, place, as_of)
        won, set_aside = counts.count_won(conn), problems.open_problems(conn)
    report = replace(
        found,
        seen=won,
        changed=changed + taken.changed,
        unchanged=unchanged,
        set_aside=set_aside,
        failures=seen.failures,
    )
    return report, again


def take_back_milestones(place: Workplace, as_of: datetime, scope: Scope) -> IntakeReport:
    """Milestones that people changed in the CRM since this last looked, taken back without opening anything.

    Safe to run twice, and beside ``take_in_deals``: the same row gives facts with the same keys.
    """
    with place.database.reading() as conn:
        kept = cursors.read_all(conn, (MILESTONES, cursors.ALLOWANCE))
    if scope.accounts is None and rests(kept.get(cursors.ALLOWANCE), as_of):
        return IntakeReport(unchanged=True)
    cursor = kept.get(MILESTONES)
    read_at = place.wall_clock()
    try:
        batch = place.crm.read_milestones(cursor.value if cursor else None)
    except Unreachable as error:
        return IntakeReport(failures=crm_looks.unreachable(error))
    with place.database.writing() as conn:
        taken = TakenBack() if batch.unchanged else take_back(conn, place, batch, as_of, read_at)
        if not batch.unchanged and not taken.waiting:
            crm_looks.keep_milestones(conn, batch, taken.nobodys, as_of)
        note_allowance(conn, place, as_of)
    return IntakeReport(changed=taken.changed, unchanged=batch.unchanged)


def take_in_signals(place: Workplace, as_of: datetime, scope: Scope) -> SignalReport:
    """Read the product's signals and put the onboardings they concern up for review.

    Safe to run twice: an event counts once under its key. Signals of accounts that we do not know are counted.
    """
    if place.signals is None:
        with place.database.writing() as conn:
            cursors.forget(conn, SIGNALS)
        return SignalReport()
    with place.database.reading() as conn:
        cursor = cursors.read(conn, SIGNALS)
    try:
        batch = place.signals.read(cursor.value if cursor else None)
    except Unreachable as error:
        logger.error("the signals could not be read: %s", error)
        return SignalReport(failures=(Failure(where="the signals", error=str(error)),))
    with place.database.writing() as conn:
        batch = _with_capitals(conn, batch)
        taken = signals.take_signals(conn, pseudonymous(conn, batch.signals))
        found = taken.accounts | signals.match_signals(conn)
        openings.touch(conn, openings.onboardings_of(conn, accounts=found), as_of)
        if not batch.unchanged:
            problems.note_problems(conn, batch.problems, as_of, [batch.source])
        note_unreadable(conn, batch, as_of)
        note_our_people(conn, place.team, as_of)
        dated_ahead = note_ahead(conn, batch, as_of)
        cursors.write(conn, SIGNALS, batch.cursor, as_of)
        unmatched = signals.count_unmatched(conn).total()
        set_aside = tuple(p for p in problems.open_problems(conn) if p.source in (batch.source, dated_ahead))
    return SignalReport(new=taken.new, unmatched=unmatched, set_aside=set_aside)


def _with_capitals(conn: Connection, batch: SignalBatch) -> SignalBatch:
    """The batch without events whose account's id lost its capitals; those are problems of it."""
    meant = spelt_otherwise(conn, {one.account for one in batch.signals})
    lost = Counter(one.account for one in batch.signals if one.account in meant)
    problems = [
        Problem(
            source=batch.source,
            record=f"account {account}",
            field="account_id",
            problem=f"{lost_capitals(meant[account])}; events left out: {number}",
        )
        for account, number in sorted(lost.items())
    ]
    kept = tuple(one for one in batch.signals if one.account not in meant)
    return replace(batch, signals=kept, problems=(*batch.problems, *problems))
