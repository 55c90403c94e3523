"""Refused: the error of a command that cannot be carried out as given."""

from collections.abc import Callable
from datetime import date

from sqlalchemy import Connection

from onboarding.dates.limits import OUT_OF_YEARS, in_years

Guard = Callable[[Connection, str], None]
"""A check within the transaction of a command, before anything is changed for the onboarding of this key. Raises
Refused."""


class Refused(Exception):
    """The command cannot be carried out as given; nothing changed. The message names the thing and the mend."""


def refuse_far(moment: date | None, what: str) -> None:
    """Raise Refused for a day or moment outside the years that the CRM allows; ``what`` names where it was given."""
    if moment is not None and not in_years(moment):
        raise Refused(f"{what} {moment:%Y-%m-%d} is {OUT_OF_YEARS}; correct the year")


def unguarded(conn: Connection, onboarding: str) -> None:
    """Check nothing: the guard of a command from the command line."""
