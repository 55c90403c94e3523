"""Takes in who of the vendor's people is away: from the team file, and from their calendars."""

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from pydantic import SecretStr
from sqlalchemy import Connection

from database import key_values
from database.crm.owners import keep_absences, keep_booking_page
from database.onboardings import openings, overview
from integrations.calendars.reading import CalendarReader
from integrations.ports import Unreachable
from onboarding.dates.working_time import zone_of
from onboarding.model.crm_records import CrmUser
from onboarding.model.parties import Absence, AbsenceSource, Owner
from onboarding.people.absences import renewed
from onboarding.people.team import Member, Team
from tasks.runtime.context import RunContext
from tasks.runtime.reports import Failure

logger = logging.getLogger(__name__)

TEAM = "team_absences"
"""The key of the backups and absences of the team file when they were last taken in, as JSON."""
CALENDARS = "calendars"
"""The key of when reading each calendar was last tried, as JSON, by mail address."""
CALENDAR_REST = timedelta(hours=1)
"""A calendar is read, or tried in vain, once in this time. Our choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarReading:
    """What the calendars that were due say, by the member's address in lower case, and those that could not be read."""

    absences: Mapping[str, Sequence[Absence]] = field(default_factory=dict)
    busy: Mapping[str, Sequence[tuple[datetime, datetime]]] = field(default_factory=dict)
    """When they are busy (UTC), of those of whom it is known."""
    tried_at: Mapping[str, str] = field(default_factory=dict)
    """When each was last tried; empty if none was due."""
    failures: tuple[Failure, ...] = ()


def read_calendars(context: RunContext, users: Iterable[CrmUser], as_of: datetime) -> CalendarReading:
    """Read the members' calendars that were not tried within the hour, the longest untried first; ``users`` were just
    read from the CRM.

    One that cannot be read is reported, and what it said before stays; those for which no time is left are read by the
    next sweep. Call it outside of any transaction: it waits for the network.
    """
    members = [member for member in context.team.members if member.calendar]
    if not members:
        return CalendarReading()
    with context.database.reading() as conn:
        kept = key_values.read(conn, CALENDARS)
        zones = {user.email.casefold(): user.zone or "UTC" for user in users}
        zones |= {owner.email.casefold(): owner.zone for owner in overview.owners(conn).values()}
    before: dict[str, str] = dict(json.loads(kept.value)) if kept else {}
    tried_at = dict[str, str]()
    found, failures, reader = dict[str, Sequence[Absence]](), list[Failure](), CalendarReader()
    busy = dict[str, Sequence[tuple[datetime, datetime]]]()
    for member in sorted(members, key=lambda one: before.get(one.email.casefold(), "")):
        email = member.email.casefold()
        due = email not in before or datetime.fromisoformat(before[email]) + CALENDAR_REST <= as_of
        if not due or email not in zones:
            continue
        if not reader.has_time:
            break
        tried_at[email] = as_of.isoformat()
        try:
            said = reader.read(SecretStr(member.calendar or ""), zones[email], as_of)
        except Unreachable as error:
            logger.error("a calendar could not be read: %s", error)
            failures.append(Failure(where=f"the calendar of {member.email}", error=str(error)))
            continue
        found[email] = [
            Absence(since=one.since, back=one.back, source=AbsenceSource.CALENDAR, by="calendar") for one in said.away
        ]
        if said.busy is not None:
            busy[email] = said.busy
    return CalendarReading(
        absences=found,
        busy=busy,
        tried_at=before | tried_at if tried_at else {},
        failures=tuple(failures),
    )


def note_absences(conn: Connection, team: Team, reading: CalendarReading, as_of: datetime, *, people: bool) -> None:
    """Store each person's backup, absences and booking page; a change marks all live onboardings for review.
    ``people``: users of the CRM changed. Safe to repeat: nothing is written where nothing changed."""
    said = [_said(member) for member in team.members if _said(member)[1:] != _NOTHING]
    told = json.dumps([*said, *([team.booking_url] if team.booking_url else [])])
    kept = key_values.read(conn, TEAM)
    if not people and not reading.tried_at and told == (kept.value if kept else "[]"):
        return
    if told != (kept.value if kept else "[]"):
        key_values.write(conn, TEAM, told, as_of)
    if reading.tried_at:
        key_values.write(conn, CALENDARS, json.dumps(reading.tried_at), as_of)
        _keep_busy(conn, team, reading, as_of)
    owners = overview.owners(conn)
    ids = {owner.email.casefold(): owner.id for owner in owners.values()}
    members = {member.email.casefold(): member for member in team.members}
    changed = False
    for owner in owners.values():
        member = members.get(owner.email.casefold())
        now = _renewed(owner, member, ids, reading, as_of)
        if (now.backup_id, now.absences) != (owner.backup_id, owner.absences):
            keep_absences(conn, owner.id, now.backup_id, now.absences)
            changed = True
        if owner.booking_url != (page := team.booking_page(owner.email)):
            keep_booking_page(conn, owner.id, page)
            changed = True
    if changed:
        openings.touch(conn, openings.live_keys(conn), as_of)


def _keep_busy(conn: Connection, team: Team, reading: CalendarReading, as_of: datetime) -> None:
    """Store the busy times that were read; those of a calendar that could not be read stay."""
    kept = key_values.read(conn, key_values.BUSY)
    known = json.loads(kept.value) if kept else {}
    known |= {email: [[at.isoformat() for at in span] for span in spans] for email, spans in reading.busy.items()}
    connected = {member.email.casefold() for member in team.members if member.calendar}
    told = {email: spans for email, spans in known.items() if email in connected}
    key_values.write(conn, key_values.BUSY, json.dumps(told), as_of)


_NOTHING: list[object] = [None, None, []]


def _said(member: Member) -> list[object]:
    away = [[one.since.isoformat(), one.until.isoformat(), one.backup] for one in member.away]
    own = [member.booking_url] if member.booking_url else []
    return [member.email, member.backup, member.calendar and "calendar", away, *own]


def _renewed(
    owner: Owner, member: Member | None, ids: Mapping[str, str], reading: CalendarReading, as_of: datetime
) -> Owner:
    """Return the person with the backup and absences of now."""
    email = owner.email.casefold()
    known = [one for one in owner.absences if one.source is AbsenceSource.CALENDAR]
    calendar = reading.absences.get(email, known) if member is not None and member.calendar else ()
    team_file = [
        Absence(
            since=one.since,
            back=one.until,
            source=AbsenceSource.TEAM_FILE,
            backup_id=ids.get((one.backup or "").casefold()),
            by="team file",
        )
        for one in (member.away if member is not None else ())
    ]
    backup_id = ids.get((member.backup or "").casefold()) if member is not None else None
    today = as_of.astimezone(zone_of(owner.zone)).date()
    return replace(owner, backup_id=backup_id, absences=renewed(owner, (*team_file, *calendar), today))
