"""Turns between transactions of one kind on PostgreSQL, by advisory locks that end with the transaction.

SQLite has one writer anyway.
"""

from enum import IntEnum

from sqlalchemy import Connection, text


class Turn(IntEnum):
    """What only one transaction does at once, with the key of its lock. The keys are our choice."""

    CRM_CLAIMS = 90_001
    UPGRADES = 90_1001
    DAILY_CAPS = 90_000_005
    USAGE = 90_000_006
    """Storing, moving and summing events of product usage."""
    PROBLEMS = 90_000_007
    """Telling operators of what was set aside."""


def take_turn(conn: Connection, turn: Turn) -> None:
    """Wait until no other transaction has this turn, and keep it to the end of this one. Safe to repeat."""
    if conn.dialect.name == "postgresql":
        conn.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": turn.value})
