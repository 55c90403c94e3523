"""What a person asked for and cannot have."""

from collections.abc import Callable

from sqlalchemy import Connection

Guard = Callable[[Connection, str], None]
"""Looks once more within the transaction of an order, before anything is changed for the onboarding of this key: raises
Refused where it must not be."""


class Refused(Exception):
    """The order cannot be carried out as given; nothing changed. The message names the thing and the mend."""


def unguarded(conn: Connection, onboarding: str) -> None:
    """Nothing more to look at."""
