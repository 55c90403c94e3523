"""Tables of the channels' state that processes share: rate limits and breakers."""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlmodel import Field

from database.tables.columns import Stored, TableRow, instant, string


class RateRow(TableRow, table=True):
    """A rate limit, or the pause of a channel: from when on the next unit is free."""

    __tablename__ = "rate"

    name: Stored[str] = string(primary_key=True)
    # Microseconds since 1970: both databases count whole numbers alike.
    free_at: Stored[int] = Field(sa_type=BigInteger)
    granted: Stored[int]


class BreakerRow(TableRow, table=True):
    """A channel that has failed since it last worked."""

    __tablename__ = "breaker"

    channel: Stored[str] = string(primary_key=True)
    failures: Stored[int]
    since: Stored[datetime] = instant()
    shut_until: Stored[datetime | None] = instant()
    # The same by the ``as_of`` of the run that shut it: a run for a later moment may try, whatever the wall clock says.
    shut_as_of: Stored[datetime | None] = instant()
    error: Stored[str] = string()
    needs_person: Stored[bool]
