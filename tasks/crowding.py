"""No person and no account gets too much on one day: the last word before a mail leaves, over all onboardings."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta

from database import quota
from database.leased import Leased
from database.quota import Wanted
from onboarding.parties import Person
from onboarding.review import EffectChange
from onboarding.reviewing import Reviewed
from onboarding.touchpoints.windows import TOO_LATE
from onboarding.words import EffectState
from onboarding.working_time import next_open, zone_of
from tasks.workplace import Workplace


def leave_room(
    place: Workplace, as_of: datetime, leaving: Sequence[tuple[Leased, str]], reviewed: Mapping[str, Reviewed]
) -> Mapping[str, EffectChange]:
    """The mails for which today has no room, by key, each put off to its reader's next working day.

    ``leaving`` are those that may leave, each with its recipient. Reserves the room of the others, so that no other run
    gives it away. What would be too late by then is given up, and says so. Safe to repeat.
    """
    wanted: dict[str, Wanted] = {}
    for effect, recipient in leaving:
        found = reviewed.get(effect.onboarding_key or "")
        if found is not None and (want := _wanted(effect, recipient, found, as_of)):
            wanted[effect.key] = want
    if not wanted:
        return {}
    with place.database.writing() as conn:
        too_many = quota.reserve(conn, list(wanted.values()))
    return {
        effect.key: _put_off(effect, reviewed[effect.onboarding_key or ""], as_of, too_many[effect.key])
        for effect, _ in leaving
        if effect.key in too_many
    }


def _wanted(effect: Leased, recipient: str, found: Reviewed, as_of: datetime) -> Wanted | None:
    step = next((step for step in found.playbook.steps if step.name == effect.kind), None)
    reader = found.person(effect.person_id)
    if step is None or reader is None or step.calendar is not None:  # an appointment is no approach: people wait for it
        return None
    pace = found.playbook.pace
    return Wanted(
        key=effect.key,
        address=recipient,
        account_id=found.case.account.id,
        day=as_of.astimezone(zone_of(reader.zone)).date().isoformat(),
        priority=step.priority,
        due_at=effect.due_at,
        per_person=pace.mails_per_person_and_day,
        per_account=pace.mails_per_account_and_day,
        always=step.calendar is not None,
    )


def _put_off(effect: Leased, found: Reviewed, as_of: datetime, reason: str) -> EffectChange:
    at, until = _next_day(found, found.person(effect.person_id), as_of), effect.expires_at
    if until is not None and at > until:
        because = f"{TOO_LATE}{reason}, and the next day is past its time"
        return EffectChange(key=effect.key, state=EffectState.CANCELLED, because=because)
    return EffectChange(key=effect.key, state=EffectState.PLANNED, because=f"put off: {reason}", due_at=at)


def _next_day(found: Reviewed, reader: Person | None, as_of: datetime) -> datetime:
    zone, country = (reader.zone, reader.country) if reader else ("UTC", None)
    tomorrow = as_of.astimezone(zone_of(zone)).date() + timedelta(days=1)
    midnight = datetime.combine(tomorrow, time(), zone_of(zone))
    return next_open(midnight, zone, found.case.calendar(country), found.playbook.pace.hours)
