"""Daily caps: how many mails a person and an account get on one local day, and which are put off. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from onboarding.dates.working_time import next_open, zone_of
from onboarding.model.effect import Leased
from onboarding.model.parties import Person
from onboarding.model.review import EffectChange
from onboarding.model.vocabulary import EffectState
from onboarding.review_case import Reviewed
from onboarding.touchpoints.windows import TOO_LATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A mail about to be sent, the recipient's local day, and the caps of that day."""

    key: str
    address: str
    account_id: str
    day: str
    """ISO date in the recipient's zone."""
    priority: int
    due_at: datetime
    per_person: int
    per_account: int


@dataclass
class Counted:
    """Mail counts of some days, by lower-case address and by account."""

    people: Counter[tuple[str, str]] = field(default_factory=Counter)
    accounts: Counter[tuple[str, str]] = field(default_factory=Counter)


def apply_daily_caps(
    leaving: Sequence[tuple[Leased, str]],
    reviewed: Mapping[str, Reviewed],
    now: datetime,
    reserve: Callable[[Sequence[Wanted]], Mapping[str, str]],
) -> Mapping[str, EffectChange]:
    """Return the mails above today's caps, by key, each put off to the recipient's next working day.

    ``leaving`` are those that may be sent, each with its recipient. ``reserve`` admits and counts what fits, and
    returns the others by key with the reason (``admit`` over earlier counts). A mail that would be too late on the
    next day is cancelled.
    """
    wanted = [
        want
        for effect, recipient in leaving
        if (found := reviewed.get(effect.onboarding_key or "")) and (want := _count_of(effect, recipient, found, now))
    ]
    too_many = reserve(wanted) if wanted else {}
    return {
        effect.key: _put_off(effect, reviewed[effect.onboarding_key or ""], now, too_many[effect.key])
        for effect, _ in leaving
        if effect.key in too_many
    }


def admit(asking: Iterable[Wanted], counted: Counted) -> tuple[list[Wanted], dict[str, str]]:
    """Admit and count what fits, the most important first; return it, and the others by key with the reason."""
    admitted: list[Wanted] = []
    too_many: dict[str, str] = {}
    for one in sorted(asking, key=lambda one: (-one.priority, one.due_at, one.key)):
        person, account = (one.address.lower(), one.day), (one.account_id, one.day)
        if counted.people[person] >= one.per_person:
            too_many[one.key] = f"its reader gets no more than {one.per_person} mails a day"
        elif counted.accounts[account] >= one.per_account:
            too_many[one.key] = f"the account gets no more than {one.per_account} mails a day"
        else:
            counted.people[person] += 1
            counted.accounts[account] += 1
            admitted.append(one)
    return admitted, too_many


def _count_of(effect: Leased, recipient: str, found: Reviewed, now: datetime) -> Wanted | None:
    """Return the count of this mail; None if the caps do not apply to it."""
    step = next((step for step in found.playbook.steps if step.name == effect.kind), None)
    reader = found.person(effect.person_id)
    if step is None or reader is None or step.calendar is not None:  # an appointment is no approach: people wait for it
        return None
    pace = found.playbook.pace
    return Wanted(
        key=effect.key,
        address=recipient,
        account_id=found.case.account.id,
        day=now.astimezone(zone_of(reader.zone)).date().isoformat(),
        priority=step.priority,
        due_at=effect.due_at,
        per_person=pace.mails_per_person_and_day,
        per_account=pace.mails_per_account_and_day,
    )


def _put_off(effect: Leased, found: Reviewed, now: datetime, reason: str) -> EffectChange:
    """Return the change that puts a mail off to the recipient's next working day, or cancels it if that is too late."""
    at, until = _next_day(found, found.person(effect.person_id), now), effect.expires_at
    if until is not None and at > until:
        because = f"{TOO_LATE}{reason}, and the next day is past its time"
        return EffectChange(key=effect.key, state=EffectState.CANCELLED, because=because)
    return EffectChange(key=effect.key, state=EffectState.PLANNED, because=f"put off: {reason}", due_at=at)


def _next_day(found: Reviewed, reader: Person | None, now: datetime) -> datetime:
    zone, country = (reader.zone, reader.country) if reader else ("UTC", None)
    tomorrow = now.astimezone(zone_of(zone)).date() + timedelta(days=1)
    midnight = datetime.combine(tomorrow, time(), zone_of(zone))
    return next_open(midnight, zone, found.case.calendar(country), found.playbook.pace.hours)
