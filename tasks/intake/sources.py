"""Reads the CRM and the product's signals: records stored, won deals opened, edited milestones taken back."""

import logging
from dataclasses import replace
from datetime import datetime

from database import key_values
from database.bulk import collector_resting
from database.crm import problems
from database.key_values import MILESTONES
from database.onboardings import counts
from integrations.ports import Unreachable
from onboarding.model.crm_records import CrmBatch, Problem
from tasks.intake import crm_poll
from tasks.intake.absences import note_absences, read_calendars
from tasks.intake.changed_crm import note_crm
from tasks.intake.crm_poll import read_crm
from tasks.intake.crm_upsert import take_in
from tasks.intake.feedback import take_in_feedback
from tasks.intake.first_tiers import settle_tiers
from tasks.intake.milestone_edits import TakenBack, take_back
from tasks.intake.open_deals import Opening
from tasks.intake.references import check_references, found_loose, note_references, references_to_check
from tasks.intake.storing import store_all_but_last
from tasks.intake.usage import take_in_usage
from tasks.playbooks.following import follow_playbooks, note_newest
from tasks.progress import Progress
from tasks.runtime.api_allowance import note_allowance, rests
from tasks.runtime.clock import note_run
from tasks.runtime.context import RunContext
from tasks.runtime.first_day import first_moment
from tasks.runtime.reports import IntakeReport, SignalReport
from tasks.runtime.scope import Scope

logger = logging.getLogger(__name__)


def take_in_deals(context: RunContext, as_of: datetime, scope: Scope) -> IntakeReport:
    """Read what changed in the CRM, store it, and open or extend an onboarding for every won deal that waits.

    Milestones that people ticked, un-ticked, re-dated or waived become facts, with who and when (CT-1). Safe to run
    twice and beside other runs: an unchanged CRM costs one reading, an unchanged record no write, an onboarding has
    its deal's id, the same milestone row gives facts with the same keys, and a reading that another run overtook is
    left to the next one. A CRM that cannot be read is reported; waiting deals are opened all the same. Onboardings
    whose policy is to follow move to the newest version of their playbook, before anything of them is reviewed.
    """
    found, again = _read_and_store(context, as_of, scope)
    followed = follow_playbooks(context, as_of, scope)
    found = replace(found, failures=(*found.failures, *followed.failures))
    if not again:
        return found
    more, _ = _read_and_store(context, as_of, scope)
    counts = {name: getattr(found, name) + getattr(more, name) for name in ("opened", "adopted", "extended", "changed")}
    return replace(more, **counts, unchanged=found.unchanged)


def problems_of(context: RunContext, batch: CrmBatch, as_of: datetime) -> tuple[Problem, ...]:
    """Return what would be set aside of a whole reading, references included.

    Call it with a dry run's context: what was read is stored in the scratch copy only.
    """
    with context.database.writing() as conn:
        take_in(conn, context, batch, as_of)
        since = first_moment(conn, context.settings, as_of)
        note_references(conn, context, found_loose(conn, context, since), as_of)
        return tuple(one for one in problems.open_problems(conn) if one.source in batch.sources)


def _read_and_store(context: RunContext, as_of: datetime, scope: Scope) -> tuple[IntakeReport, bool]:
    """Read the CRM once and store what follows; return the report, and whether milestones must be read again, because
    an onboarding is known now whose rows were read before it was.

    What fits into one transaction is stored in one: a large reading is stored in parts before, and what waits for the
    whole of it (deals to be opened, references to be checked) follows in further ones.
    """
    seen = read_crm(context, as_of, scope)
    calendars = read_calendars(context, seen.records.users, as_of)
    stored = store_all_but_last(context, seen, as_of)
    opening, changed, unchanged = Opening(context, as_of, scope), stored.changed, True
    with context.database.writing() as conn, collector_resting():
        if stored.last is not None and not crm_poll.overtaken(conn, seen, stored.token):
            changed += take_in(conn, context, stored.last, as_of)
            unchanged = False
            crm_poll.keep_records(conn, seen, as_of, stored.token)
            note_crm(conn, context, seen, as_of)
            settle_tiers(conn, context, as_of)
        note_absences(conn, context.team, calendars, as_of, people=not unchanged)
        if key_values.read(conn, key_values.HALF_STORED) is None:
            opening.begin(conn)
            opening.open_some(conn)
            opening.end(conn, key_values.read(conn, key_values.UNTOLD))
        since = first_moment(conn, context.settings, as_of)
        to_check = references_to_check(conn, context, since, changed=not unchanged)
        again = crm_poll.passed_over(conn, seen) and not seen.failures
        taken = TakenBack()
        if not seen.milestones.unchanged:
            unchanged = False
            taken = take_back(conn, context, seen.milestones, as_of, seen.read_at)
            if not taken.waiting and not again:
                crm_poll.keep_milestones(conn, seen.milestones, taken.unknown, as_of)
        if seen.asked:
            note_allowance(conn, context, as_of)
        note_run(conn, context, as_of)
        note_newest(conn, context, as_of)
        won, set_aside = counts.count_won(conn), problems.open_problems(conn)
    _open_the_rest(opening)
    if to_check is not None:
        check_references(context, to_check, since, as_of)
        with context.database.reading() as conn:
            set_aside = problems.open_problems(conn)
    report = replace(
        opening.report,
        seen=won,
        changed=changed + taken.changed,
        unchanged=unchanged,
        set_aside=set_aside,
        failures=(*seen.failures, *calendars.failures),
    )
    return report, again


def _open_the_rest(opening: Opening) -> None:
    """Open the onboardings of the accounts that are left, some in each transaction, and tell how far it has come."""
    told = Progress("{done:,} of {total:,} accounts with won deals opened", len(opening.waiting))
    while left := len(opening.waiting):
        with opening.context.database.writing() as conn, collector_resting():
            untold = key_values.read(conn, key_values.UNTOLD)
            opening.open_some(conn)
            opening.end(conn, untold)
        told.advance(left - len(opening.waiting))


def take_back_milestones(context: RunContext, as_of: datetime, scope: Scope) -> IntakeReport:
    """Turn the milestones that people changed in the CRM since the last reading into facts; open nothing.

    Safe to run twice, and beside ``take_in_deals``: the same row gives facts with the same keys.
    """
    with context.database.reading() as conn:
        kept = key_values.read_all(conn, (MILESTONES, key_values.ALLOWANCE))
    if scope.accounts is None and rests(kept.get(key_values.ALLOWANCE), as_of):
        return IntakeReport(unchanged=True)
    cursor = kept.get(MILESTONES)
    read_at = context.wall_clock()
    try:
        batch = context.crm.read_milestones(cursor.value if cursor else None)
    except Unreachable as error:
        return IntakeReport(failures=crm_poll.unreachable(error))
    with context.database.writing() as conn:
        taken = TakenBack() if batch.unchanged else take_back(conn, context, batch, as_of, read_at)
        if not batch.unchanged and not taken.waiting:
            crm_poll.keep_milestones(conn, batch, taken.unknown, as_of)
        note_allowance(conn, context, as_of)
    return IntakeReport(changed=taken.changed, unchanged=batch.unchanged)


def take_in_signals(context: RunContext, as_of: datetime, scope: Scope) -> SignalReport:
    """Read the product's signals, the support tickets and the answers to surveys, and mark the onboardings that they
    concern for review.

    Safe to run twice: an event counts once under its key. Signals of unknown accounts are kept and counted.
    """
    usage, told = take_in_usage(context, as_of), take_in_feedback(context, as_of)
    return replace(
        usage,
        tickets=told.tickets,
        answers=told.answers,
        set_aside=(*usage.set_aside, *told.set_aside),
        failures=(*usage.failures, *told.failures),
    )
