"""Commands on absences: one of the vendor's people goes away or is back. Noted in the journal under a person's name.

Each function returns a sentence for the person, and raises Refused where nothing was changed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Connection

from database.crm.owners import keep_absences
from database.onboardings import openings, overview
from onboarding.dates.limits import OUT_OF_YEARS, in_years
from onboarding.dates.working_time import zone_of
from onboarding.model.parties import Absence, AbsenceSource, Owner
from onboarding.orders import Order
from onboarding.people.absences import cover_of
from onboarding.people.owners import owner_of
from onboarding.sentences.sentence import sentence
from tasks.runtime.context import RunContext
from tasks.runtime.refusals import Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """The days on which a person is away, in their zone, and who covers."""

    until: date
    """The first day back."""
    since: date | None = None
    """The first day away; None: today."""
    backup: str | None = None
    """The address of who covers; None: the backup of the team file."""


def go_away(context: RunContext, order: Order, email: str, leave: Leave) -> str:
    """Note that a person is away. What they reported of these days before is replaced, so an earlier return counts;
    a repeat writes nothing."""
    until, backup = leave.until, leave.backup
    with context.database.writing() as conn:
        owners = overview.owners(conn)
        owner = _found(owners, email)
        today = order.now.astimezone(zone_of(owner.zone)).date()
        since = leave.since or today
        for day in (since, until):
            if not in_years(day):
                raise Refused(f"{day} is {OUT_OF_YEARS}; correct the year")
        if until <= max(since, today):
            raise Refused(sentence("slash.not_after", until=until.isoformat(), day=max(since, today).isoformat()))
        other = _found(owners, backup) if backup else owners.get(owner.backup_id or "")
        if other is None:
            raise Refused(sentence("slash.nobody_covers", person=owner.name))
        if other.id == owner.id:
            raise Refused(sentence("slash.own_backup", person=owner.name))
        new = Absence(
            since=since, back=until, source=AbsenceSource.PERSON, backup_id=other.id if backup else None, by=order.by
        )
        now_is = replace(owner, absences=_with(owner.absences, new))
        if now_is != owner:
            _keep(conn, now_is, order, f"away from {since} until {until}, {other.name} covers")
        acting = cover_of(now_is, owners | {owner.id: now_is}, order.now) if since <= today else other
    cover = acting.name if acting else sentence("terms.nobody")
    return sentence("slash.away", person=owner.name, since=since, until=until, cover=cover)


def come_back(context: RunContext, order: Order, email: str) -> str:
    """Note that a person is back today: what was reported ends now, and later absences that were reported are taken
    back. Raise Refused where the team file or the calendar says that they are away: it is corrected there."""
    with context.database.writing() as conn:
        owner = _found(overview.owners(conn), email)
        today = order.now.astimezone(zone_of(owner.zone)).date()
        mine = [one for one in owner.absences if one.source is AbsenceSource.PERSON]
        elsewhere = next((one for one in owner.absences if one not in mine and one.since <= today < one.back), None)
        if elsewhere is not None:
            from_file = elsewhere.source is AbsenceSource.TEAM_FILE
            said = "slash.away_in_team_file" if from_file else "slash.away_in_calendar"
            raise Refused(sentence(said, person=owner.name, day=elsewhere.back.isoformat()))
        if not any(one.back > today for one in mine):
            raise Refused(sentence("slash.not_away", person=owner.name))
        rest = [one for one in owner.absences if one not in mine]
        ended = [replace(one, back=min(one.back, today)) for one in mine if one.since < today]
        _keep(conn, replace(owner, absences=_sorted((*rest, *ended))), order, f"back on {today}")
    return sentence("slash.back", person=owner.name)


def _with(absences: Iterable[Absence], new: Absence) -> tuple[Absence, ...]:
    """Return the absences with a reported one, which replaces what was reported of its days and is the continuation of
    one that runs when it begins, with the same backup. What begins later keeps the days after it."""
    mine = [one for one in absences if one.source is AbsenceSource.PERSON]
    rest = [one for one in absences if one.source is not AbsenceSource.PERSON]
    runs = next((one for one in mine if one.since <= new.since < one.back and one.backup_id == new.backup_id), None)
    new = replace(runs, back=new.back) if runs else new
    before = [replace(one, back=min(one.back, new.since)) for one in mine if one.since < new.since]
    later = (one for one in mine if new.since < one.since and new.back < one.back)
    after = [replace(one, since=max(one.since, new.back)) for one in later]
    return _sorted((*rest, *before, new, *after))


def _sorted(absences: Iterable[Absence]) -> tuple[Absence, ...]:
    return tuple(sorted(absences, key=lambda one: (one.since, one.back, one.source)))


def _found(owners: dict[str, Owner], email: str) -> Owner:
    owner = owner_of(owners, email)
    if owner is None or not owner.active:
        raise Refused(sentence("replies.no_active_user", email=email))
    return owner


def _keep(conn: Connection, owner: Owner, order: Order, because: str) -> None:
    """Store the absences, note it in the journal, and have every live onboarding reviewed by the next run."""
    keep_absences(conn, owner.id, owner.backup_id, owner.absences)
    openings.note(conn, [(None, "absence", owner.id, because)], at=order.now, by=order.by)
    openings.touch(conn, openings.live_keys(conn), order.now)
