"""The absences of the vendor's people: who is away, who covers for them, and when that changes (ASK-13).

Days are those of the absent person's zone. Pure: the same owners at the same moment give the same cover.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta

from onboarding.dates.working_time import zone_of
from onboarding.model.parties import Absence, AbsenceSource, Cover, Owner
from onboarding.model.vocabulary import VendorRole
from onboarding.values import replace

KEPT = timedelta(days=31)
"""How long an absence stays known after the return, so that the return can be told. This project's choice."""


def spells(owner: Owner) -> tuple[Absence, ...]:
    """Return the absences in order of time; those that overlap or adjoin are one, with the first's backup."""
    if not owner.absences:
        return ()  # the usual case, asked some thirty times a review
    found: list[Absence] = []
    for one in sorted(owner.absences, key=lambda one: (one.since, one.back)):
        if one.since >= one.back:
            continue
        if found and one.since <= found[-1].back:
            found[-1] = replace(found[-1], back=max(found[-1].back, one.back))
        else:
            found.append(one)
    return tuple(found)


def away(owner: Owner, now: datetime) -> Absence | None:
    """Return the absence in which this person is at ``now`` (UTC), with the backup named for this day; None if they are
    there."""
    if not owner.absences:
        return None
    today = now.astimezone(zone_of(owner.zone)).date()
    whole = next((one for one in spells(owner) if one.since <= today < one.back), None)
    if whole is None:
        return None
    order = {source: place for place, source in enumerate(type(whole.source))}
    today_only = [one for one in owner.absences if one.since <= today < one.back]
    first = min(today_only, key=lambda one: (one.backup_id is None, order[one.source], one.since))
    return replace(whole, backup_id=first.backup_id or owner.backup_id, source=first.source, by=first.by)


def cover_of(owner: Owner, owners: Mapping[str, Owner], now: datetime) -> Owner | None:
    """Return the active person who covers for this absent one: the backup, or if that one is away too their backup, and
    so on; else the manager. None if there is none."""
    seen, one = {owner.id}, owner
    while (absence := away(one, now)) is not None or not one.active:
        backup = owners.get((absence.backup_id if absence else one.backup_id) or "")
        if backup is None or backup.id in seen:
            manager = owners.get(owner.manager_id or "")
            return manager if manager is not None and manager.active and away(manager, now) is None else None
        seen.add(backup.id)
        one = backup
    return one


def backups_of(owner: Owner) -> frozenset[str]:
    """Return the ids of all who may cover for this person or take over from them."""
    named = (owner.backup_id, *(one.backup_id for one in owner.absences))
    return frozenset(one for one in named if one)


def successor_of(owner: Owner, owners: Mapping[str, Owner]) -> Owner | None:
    """Return who takes over for good from a person who left the company: the first active backup in line, or None."""
    seen, one = {owner.id}, owners.get(owner.backup_id or "")
    while one is not None and one.id not in seen:
        if one.active:
            return one
        seen.add(one.id)
        one = owners.get(one.backup_id or "")
    return None


def renewed(owner: Owner, told: Iterable[Absence], today: date) -> tuple[Absence, ...]:
    """Return the absences after the team file and the calendar were read, which say ``told``; what people reported
    stays.

    One that is no longer told and has begun ends today, so that the return is not lost; what is over for a month is
    left out. The same reading gives the same absences.
    """
    news = [one for one in told if one.back + KEPT > today]
    known = {(one.since, one.source) for one in news}
    stay = [one for one in owner.absences if one.source is AbsenceSource.PERSON and one.back + KEPT > today]
    ended = [
        replace(one, back=min(one.back, today))
        for one in owner.absences
        if one.source is not AbsenceSource.PERSON
        and (one.since, one.source) not in known
        and one.since < today < one.back + KEPT
    ]
    return tuple(sorted({*news, *stay, *ended}, key=lambda one: (one.since, one.back, one.source)))


def acting(
    team: Mapping[VendorRole, Owner], owners: Mapping[str, Owner], now: datetime
) -> tuple[Mapping[VendorRole, Owner], Mapping[VendorRole, Cover]]:
    """Return who acts in each role at ``now`` (UTC), and the roles whose holder is away."""
    covers = {
        role: Cover(absent=owner, by=cover_of(owner, owners, now), back=absence.back)
        for role, owner in team.items()
        if (absence := away(owner, now)) is not None
    }
    return {**team, **{role: cover.by for role, cover in covers.items() if cover.by is not None}}, covers


def holder(owner: Owner | None, covers: Mapping[VendorRole, Cover]) -> Owner | None:
    """Return the accountable owner, present or away; ``owner`` is who acts."""
    return covers[VendorRole.CSM].absent if VendorRole.CSM in covers else owner


def changes_of(owners: Iterable[Owner]) -> Iterator[datetime]:
    """Yield the moments (UTC) at which one of these people goes away or comes back."""
    for owner in owners:
        for one in spells(owner):
            for day in (one.since, one.back):
                yield datetime.combine(day, time.min, tzinfo=zone_of(owner.zone)).astimezone(UTC)
