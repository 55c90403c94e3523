"""Facts in from the CRM and the product: records taken in, won deals opened, ticked milestones taken back."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from config.calendars import zone_of
from database import crm_rows, cursors, facts, intake, openings, problems, signals
from database.cursors import SIGNALS
from integrations.ports import Unreachable
from onboarding.case import Fact
from onboarding.records import CrmAccount, CrmBatch, CrmContact, CrmDeal, CrmUser
from tasks.acceptance import open_won_deals
from tasks.clock import note_run
from tasks.crm_edits import UNKNOWN, TakenBack, take_back
from tasks.reports import Failure, IntakeReport, SignalReport
from tasks.scope import Scope
from tasks.task_run import task_run
from tasks.workplace import Workplace

logger = logging.getLogger(__name__)

CRM_FILES = (
    "User.csv",
    "Account.csv",
    "Contact.csv",
    "OpportunityContactRole.csv",
    "Opportunity.csv",
    "Onboarding__c.csv",
    "Onboarding_Milestone__c.csv",
)
"""The sources that one whole read of the CRM speaks for, as its problems name them."""
TICKS = "crm_ticks"
"""The cursor of the milestone look alone, which runs more often than the whole intake has to."""


@task_run("take-in-deals")
def take_in_deals(place: Workplace, as_of: datetime, scope: Scope) -> IntakeReport:
    """Read the CRM, take in what changed there, and open or extend an onboarding for every won deal that waits.

    Milestones that people ticked, un-ticked, re-dated or waived count here, with who and when (CT-1). Safe to run
    twice: an unchanged CRM costs one look, a record that did not change costs no write, a deal opens under its own
    id, and the same milestone row gives facts with the same keys. A CRM that cannot be read is reported; deals that
    wait are opened all the same.
    """
    found = _look(place, as_of, scope)
    if not _passed_over(found):
        return found
    again = _look(place, as_of, scope)
    counts = {
        name: getattr(found, name) + getattr(again, name) for name in ("opened", "adopted", "extended", "changed")
    }
    return replace(again, **counts)


def _look(place: Workplace, as_of: datetime, scope: Scope) -> IntakeReport:
    """One look at the CRM, and what follows from it in one transaction."""
    with place.database.reading() as conn:
        cursor = cursors.read(conn, cursors.CRM)
    failures: tuple[Failure, ...] = ()
    batch, read_at = CrmBatch(unchanged=True), place.wall_clock()
    try:
        batch = place.crm.read(cursor.value if cursor else None)
    except Unreachable as error:
        logger.error("the CRM could not be read: %s", error)
        failures = (Failure(where="the CRM", error=str(error)),)
    with place.database.writing() as conn:
        changed = 0 if batch.unchanged else _take_in(conn, place, batch, as_of)
        found = replace(open_won_deals(conn, place, as_of, scope), unchanged=batch.unchanged, failures=failures)
        taken = TakenBack()
        if not batch.unchanged:
            taken = take_back(conn, place, batch.milestones, as_of, read_at)
        if _passed_over(found):
            cursors.forget(conn, cursors.CRM)
        elif not failures and not taken.waiting:
            cursors.write(conn, cursors.CRM, batch.cursor, as_of)
        note_run(conn, place, as_of)
        seen, set_aside = openings.count_won(conn), problems.open_problems(conn)
    return replace(found, seen=seen, changed=changed + taken.changed, set_aside=set_aside)


def _passed_over(found: IntakeReport) -> bool:
    """Whether deals opened that had waited (a pilot grew): their milestone rows were nobody's when last read."""
    return bool(found.opened + found.adopted) and found.unchanged and not found.failures


@task_run("take-back-milestones")
def take_back_milestones(place: Workplace, as_of: datetime, scope: Scope) -> IntakeReport:
    """Milestones that people changed in the CRM since this last looked, taken back without opening anything.

    Safe to run twice, and beside ``take_in_deals``: the same row gives facts with the same keys.
    """
    with place.database.reading() as conn:
        cursor = cursors.read(conn, TICKS)
    read_at = place.wall_clock()
    try:
        batch = place.crm.read(cursor.value if cursor else None)
    except Unreachable as error:
        logger.error("the CRM could not be read: %s", error)
        return IntakeReport(failures=(Failure(where="the CRM", error=str(error)),))
    if batch.unchanged:
        return IntakeReport(unchanged=True)
    with place.database.writing() as conn:
        taken = take_back(conn, place, batch.milestones, as_of, read_at)
        if not taken.waiting:
            cursors.write(conn, TICKS, batch.cursor, as_of)
    return IntakeReport(changed=taken.changed)


@task_run("take-in-signals")
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
        taken = signals.take_signals(conn, batch.signals)
        found = taken.accounts | signals.match_signals(conn)
        openings.touch(conn, openings.onboardings_of(conn, accounts=found), as_of)
        if not batch.unchanged:
            problems.note_problems(conn, batch.problems, as_of, [batch.source])
        cursors.write(conn, SIGNALS, batch.cursor, as_of)
        unmatched = signals.count_unmatched(conn).total()
        set_aside = tuple(p for p in problems.open_problems(conn) if p.source not in (*CRM_FILES, UNKNOWN))
    return SignalReport(new=taken.new, unmatched=unmatched, set_aside=set_aside)


def _take_in(conn: Connection, place: Workplace, batch: CrmBatch, at: datetime) -> int:
    """Everything a read brought; answers how many onboardings it concerns."""
    people = intake.take_users(conn, batch.users, zone_of, place.booking_urls)
    accounts = intake.take_accounts(conn, batch.accounts, zone_of)
    contacts = intake.take_contacts(conn, batch.contacts)
    agreed = openings.kickoff_times(conn, {deal.id for deal in batch.deals})
    deals = intake.take_deals(conn, batch.deals, at)
    facts.add_all(conn, _moved_kickoffs(batch, agreed, at), at)
    readable = {deal.id for deal in batch.deals}
    if not batch.complete:
        # Somewhere a part could not be read, so none may count as gone: look at the deals that show some.
        readable &= {role.deal_id for role in batch.roles}
    maps = intake.take_roles(
        conn, batch.roles, readable, lambda part: place.mapping.role_of(part.role, primary=part.primary)
    )
    if batch.complete:
        shown: Mapping[type, set[str]] = {
            CrmUser: {one.id for one in batch.users},
            CrmAccount: {one.id for one in batch.accounts},
            CrmContact: {one.id for one in batch.contacts},
            CrmDeal: {one.id for one in batch.deals},
        }
        gone = {kind: intake.mark_gone(conn, kind, ids | batch.unreadable, at) for kind, ids in shown.items()}
        people, accounts = people | gone[CrmUser], accounts | gone[CrmAccount]
        contacts, deals = contacts | gone[CrmContact], deals | gone[CrmDeal]
    crm_rows.note_strangers(conn, batch.onboardings, at)
    concerned = openings.onboardings_of(conn, accounts=accounts, deals=deals | maps, people=contacts, owners=people)
    openings.touch(conn, concerned, at)
    problems.note_problems(conn, batch.problems, at, CRM_FILES)
    return len(concerned)


def _moved_kickoffs(
    batch: CrmBatch, agreed: Mapping[str, tuple[str, datetime | None]], at: datetime
) -> Mapping[str, list[Fact]]:
    """A kickoff that was given another time in the CRM: a report of its own, later than what people said before."""
    moved: dict[str, list[Fact]] = {}
    for deal in batch.deals:
        key, before = agreed.get(deal.id, ("", None))
        if key and deal.kickoff_at is not None and before is not None and deal.kickoff_at != before:
            meeting = deal.kickoff_at.isoformat()
            report = Fact(
                key=f"crm:{deal.id}:kickoff:{meeting}:{at.isoformat()}",
                kind="meeting",
                name="kickoff_booked",
                at=at,
                learned_at=at,
                source="crm",
                by="crm",
                value={"meeting_at": meeting},
            )
            moved.setdefault(key, []).append(report)
    return moved
