"""What the channels' runs share between processes: how fast they may go, and whether a channel is shut."""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlmodel import Field

from database.tables.columns import Stored, TableRow, instant, string


class RateRow(TableRow, table=True):
    """How far ahead a rate has been used up."""

    __tablename__ = "rate"

    name: Stored[str] = string(primary_key=True)
    # Microseconds since 1970: both databases count whole numbers alike.
    free_at: Stored[int] = Field(sa_type=BigInteger)
    granted: Stored[int]


class BreakerRow(TableRow, table=True):
    """A channel that has failed since it last worked."""

    __tablename__ = "breaker"

    lane: Stored[str] = string(primary_key=True)
    failures: Stored[int]
    since: Stored[datetime] = instant()
    shut_until: Stored[datetime | None] = instant()
    # The same by the now of the run that shut it: a run for a later moment may try whatever the clock on the wall says.
    shut_as_of: Stored[datetime | None] = instant()
    error: Stored[str] = string()
    whole_lane: Stored[bool]
