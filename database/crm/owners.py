"""Our people as the CRM told of them."""

from typing import Any

from sqlalchemy import Row

from onboarding.model.parties import Owner

NOT_THERE = "the CRM shows no user with this id"


def read_owner(row: Row[Any], hidden: str = "") -> Owner:
    """One of our people; ``hidden`` says why the record cannot be read now. Whoever is gone from the CRM, or cannot be
    read, is no longer active."""
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
    """Somebody whom the CRM names as one of ours and does not show, or not legibly."""
    return Owner(id=owner_id, name=f"User {owner_id}", email="", active=False, unreadable=hidden or NOT_THERE)
