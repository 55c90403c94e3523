"""Stores what was read of the CRM, whole or only what changed, in one transaction."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import Connection

from config.company.countries import zone_of
from database.crm import contact_roles, problems, upsert, written_rows
from database.crm.unreadable import take_unreadable
from database.events import daily
from database.onboardings import facts, moves, openings
from integrations.crm.records import NO_ADDRESS
from onboarding.model.case import Fact
from onboarding.model.crm_records import CrmAccount, CrmBatch, CrmContact, CrmDeal, CrmUser
from onboarding.model.vocabulary import FactKind
from tasks.intake.erased_people import without_forgotten
from tasks.runtime.context import RunContext
from tasks.runtime.first_day import first_moment


def take_in(conn: Connection, context: RunContext, batch: CrmBatch, at: datetime) -> int:
    """Store everything that was read; return how many onboardings it concerns.

    A record that is missing in a whole reading is gone; a reading of changes speaks only of the records it names. Safe
    to repeat, and a record that comes again unchanged costs no write.
    """
    batch = _that_matter(conn, context, without_forgotten(conn, batch), at)
    if batch.merged:
        daily.take_usage_turn(conn)  # before rows are locked for which another taker of the turn could wait
    people = upsert.take_users(conn, batch.users, zone_of, context.team.booking_page)
    accounts = upsert.take_accounts(conn, batch.accounts, zone_of)
    left = upsert.newly_left(conn, batch.contacts)
    contacts = upsert.take_contacts(conn, batch.contacts)
    agreed = openings.kickoff_times(conn, {deal.id for deal in batch.deals})
    deals = upsert.take_deals(conn, batch.deals, at)
    facts.add_all(conn, _moved_kickoffs(batch, agreed, at), at)
    readable = {deal.id for deal in batch.deals} if batch.roles_of is None else batch.roles_of
    maps = contact_roles.take_roles(
        conn, batch.roles, readable, lambda part: context.mapping.role_of(part.role, primary=part.primary), at
    )
    hidden = take_unreadable(conn, _unreadable(batch), batch.looked_at)
    gone = _gone(conn, batch, at)
    accounts |= gone[CrmAccount]
    deals |= maps | gone[CrmDeal]
    written_rows.note_strangers(conn, batch.onboardings, at, whole=batch.complete, gone=batch.gone_rows)
    accounts |= moves.move_signals(conn, batch.merged)
    concerned = moves.follow_deals(conn, deals, accounts, at) | openings.onboardings_of(
        conn,
        accounts=accounts,
        deals=deals,
        people=contacts | gone[CrmContact] | hidden,
        owners=people | gone[CrmUser] | hidden,
    )
    openings.touch(conn, concerned, at)
    _note_left(conn, left, at)
    problems.note_problems(conn, batch.problems, at, batch.sources, batch.looked_at)
    return len(concerned)


def _that_matter(conn: Connection, context: RunContext, batch: CrmBatch, at: datetime) -> CrmBatch:
    """Return the batch without problems of deals that belong to no onboarding and are too old or outside the pilot."""
    since, pilot = first_moment(conn, context.settings, at), context.settings.only_accounts
    idle = {
        half.record
        for half in batch.half_read
        if (half.signed_at is not None and half.signed_at < since)
        or (pilot is not None and half.account_id is not None and half.account_id not in pilot)
    }
    idle -= openings.kickoff_times(conn, idle).keys()
    deals = context.crm.source("Opportunity")
    kept = tuple(one for one in batch.problems if one.source != deals or one.record not in idle)
    return replace(batch, problems=kept)


def _unreadable(batch: CrmBatch) -> Mapping[str, str]:
    """Return why records cannot be read, by id; a person without a valid address cannot be read either."""
    found = {part.contact_id: part.broken for part in batch.roles if part.broken}
    for problem in batch.problems:
        if problem.record in batch.unreadable or problem.problem == NO_ADDRESS:
            found.setdefault(problem.record, f"{problem.field} {problem.problem}".strip())
    return found


def _note_left(conn: Connection, left: Mapping[str, date], at: datetime) -> None:
    """Note in the journal who left; the reviews that follow note who is written to instead."""
    lines = [
        (key, "person_left", person, f"left on {day}, says the CRM; what has not left goes to who holds the role now")
        for person, day in sorted(left.items())
        for key in sorted(openings.onboardings_of(conn, people=[person]))
    ]
    openings.note(conn, lines, at=at, by="crm")


def _gone(conn: Connection, batch: CrmBatch, at: datetime) -> Mapping[type, frozenset[str]]:
    """Return the records that are gone from the CRM, by type."""
    shown: Mapping[type, set[str]] = {
        CrmUser: {one.id for one in batch.users},
        CrmAccount: {one.id for one in batch.accounts},
        CrmContact: {one.id for one in batch.contacts},
        CrmDeal: {one.id for one in batch.deals},
    }
    if batch.complete:
        return {kind: upsert.mark_missing(conn, kind, ids | batch.unreadable, at) for kind, ids in shown.items()}
    return {kind: upsert.mark_gone(conn, kind, batch.gone - ids, at) for kind, ids in shown.items()}


def _moved_kickoffs(
    batch: CrmBatch, agreed: Mapping[str, tuple[str, datetime | None]], at: datetime
) -> Mapping[str, list[Fact]]:
    """Return a fact for each kickoff whose time was changed or removed in the CRM, later than earlier reports of it."""
    moved: dict[str, list[Fact]] = {}
    for deal in batch.deals:
        key, before = agreed.get(deal.id, ("", None))
        if key and before is not None and deal.kickoff_at != before:
            meeting = deal.kickoff_at.isoformat() if deal.kickoff_at else None
            report = Fact(
                key=f"crm:{deal.id}:kickoff:{meeting or 'off'}:{at.isoformat()}",
                kind=FactKind.MEETING if meeting else FactKind.MILESTONE_UNDONE,
                name="kickoff_booked",
                at=at,
                learned_at=at,
                source="crm",
                by="crm",
                value={"meeting_at": meeting} if meeting else {},
            )
            moved.setdefault(key, []).append(report)
    return moved
