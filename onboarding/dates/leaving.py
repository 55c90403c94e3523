"""Whether the day on which a customer left, as the CRM has it, ends an onboarding."""

from datetime import UTC, date, datetime, time, tzinfo

from onboarding.dates.working_time import zone_of
from onboarding.model.parties import Account


def left(account: Account, signed_at: datetime, now: datetime) -> bool:
    """Return whether the customer has left by ``now``, and not before this signature (both UTC).

    The day counts in the account's zone. One before the signature is of an earlier time as a customer: the CRM's field
    may keep it after the customer came back.
    """
    return left_at(account.churned_on, account.zone, signed_at, now) is not None


def left_at(day: date | None, zone_name: str | None, signed_at: datetime, now: datetime) -> datetime | None:
    """Return the beginning of that day (UTC) by the same rule, or the signature if that is later; None if the customer
    has not left."""
    zone = zone_of(zone_name or "UTC")
    if day is None or not given_day(signed_at, zone) <= day <= now.astimezone(zone).date():
        return None
    return max(datetime.combine(day, time(), tzinfo=zone).astimezone(UTC), signed_at)


def left_before(account: Account, signed_at: datetime) -> bool:
    """Return whether the customer left on a day before this signature (UTC), so that they came back with it."""
    day = account.churned_on
    return day is not None and day < given_day(signed_at, zone_of(account.zone or "UTC"))


def given_day(at: datetime, zone: tzinfo) -> date:
    """Return the day of a moment in ``zone``; 00:00 UTC is a date given without a time, so that very date."""
    return at.date() if at.astimezone(UTC).time() == time() else at.astimezone(zone).date()
