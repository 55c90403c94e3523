"""Our people as the CRM told of them."""

from typing import Any

from sqlalchemy import Row

from onboarding.parties import Owner


def read_owner(row: Row[Any]) -> Owner:
    """One of our people; whoever is gone from the CRM is no longer active."""
    return Owner(
        id=row.id,
        name=row.name,
        called=row.called,
        email=row.email,
        active=row.active and row.gone_at is None,
        zone=row.zone,
        country=row.country,
        manager_id=row.manager_id,
        booking_url=row.booking_url,
    )
