"""What a person asked for and cannot have."""

from collections.abc import Callable
from datetime import date

from sqlalchemy import Connection

from onboarding.dates.limits import OUT_OF_YEARS, in_years

Guard = Callable[[Connection, str], None]
"""Looks once more within the transaction of an order, before anything is changed for the onboarding of this key: raises
Refused where it must not be."""


class Refused(Exception):
    """The order cannot be carried out as given; nothing changed. The message names the thing and the mend."""


def refuse_far(moment: date | None, what: str) -> None:
    """Raise Refused for a day or moment that no CRM record could carry either; ``what`` names where it was given."""
    if moment is not None and not in_years(moment):
        raise Refused(f"{what} {moment:%Y-%m-%d} is {OUT_OF_YEARS}; correct the year")


def unguarded(conn: Connection, onboarding: str) -> None:
    """Nothing more to look at."""
