"""The vendor's people, read from their rows."""

from typing import Any

from sqlalchemy import Row

from onboarding.model.parties import Owner

NOT_THERE = "the CRM shows no user with this id"


def read_owner(row: Row[Any], hidden: str = "") -> Owner:
    """Return one of the vendor's people; ``hidden`` says why the record cannot be read now.

    A user who is gone from the CRM or cannot be read is not active.
    """
    hidden = hidden or (NOT_THERE if row.gone_at is not None else "")
    return Owner(
        id=row.id,
        name=row.name,
        called=row.called,
        email=row.email,
        active=row.active and not hidden,
        zone=row.zone,
        country=row.country,
        manager_id=row.manager_id,
        booking_url=row.booking_url,
        unreadable=hidden,
    )


def unknown_owner(owner_id: str, hidden: str = "") -> Owner:
    """Return a placeholder for a user id that the CRM names without a readable user record."""
    return Owner(id=owner_id, name=f"User {owner_id}", email="", active=False, unreadable=hidden or NOT_THERE)
