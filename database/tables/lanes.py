"""What lanes remember between runs and across processes: how fast they may go, and whether they are shut."""

from sqlalchemy import BigInteger, Boolean, Column, Integer, Table

from database.tables.columns import metadata, moment, words

RATE = Table(
    "rate",
    metadata,
    words("name", primary_key=True),
    # Microseconds since 1970: both databases count whole numbers alike.
    Column("free_at", BigInteger, nullable=False),
    Column("granted", Integer, nullable=False),
)

BREAKER = Table(
    "breaker",
    metadata,
    words("lane", primary_key=True),
    Column("failures", Integer, nullable=False),
    moment("since", optional=False),
    moment("shut_until"),
    # The same by the now of the run that shut it: a run for a later moment may try whatever the clock on the wall says.
    moment("shut_as_of"),
    words("error"),
    Column("whole_lane", Boolean, nullable=False),
)
