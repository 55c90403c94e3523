"""Facts that agree on a time of a call have it in a column, so that calls ahead are found among all that was."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def upgrade() -> None:
    op.add_column("fact", sa.Column("call_at", INSTANT, nullable=True))
    agreed = sa.text("call_at IS NOT NULL")
    op.create_index("ix_fact_call", "fact", ["call_at", "onboarding_key"], sqlite_where=agreed, postgresql_where=agreed)
    _fill(op.get_bind())


def downgrade() -> None:
    op.drop_index("ix_fact_call", table_name="fact")
    op.drop_column("fact", "call_at")


def _fill(conn: sa.Connection) -> None:
    fact = sa.table(
        "fact",
        sa.column("onboarding_key", sa.String),
        sa.column("key", sa.String),
        sa.column("kind", sa.String),
        sa.column("value", sa.JSON),
        sa.column("call_at", INSTANT),
    )
    query = sa.select(fact.c.onboarding_key, fact.c.key, fact.c.value).where(fact.c.kind.in_(["meeting", "milestone"]))
    for row in conn.execute(query).all():
        at = _moment((row.value or {}).get("meeting_at"))
        if at is not None:
            mine = (fact.c.onboarding_key == row.onboarding_key, fact.c.key == row.key)
            stored = at.isoformat(timespec="microseconds") if conn.dialect.name == "sqlite" else at
            conn.execute(sa.update(fact).where(*mine).values(call_at=stored))


def _moment(told: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(told))
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
