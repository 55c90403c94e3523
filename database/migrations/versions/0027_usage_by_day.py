"""Product usage summed by account, signal, user and day."""

import sqlalchemy as sa
from alembic import op

from database.tables.columns import Instant

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

SIGNAL = sa.table(
    "signal",
    *(sa.column(name, sa.String()) for name in ("account_id", "name", "user")),
    *(sa.column("at", Instant()), sa.column("count", sa.Integer())),
)


def upgrade() -> None:
    made = op.create_table(
        "signal_day",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("events", sa.BigInteger(), nullable=False),
        sa.Column("first_at", Instant(), nullable=False),
        sa.Column("last_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "name", "user", "day", name=op.f("pk_signal_day")),
    )
    at = sa.func.timezone("UTC", SIGNAL.c.at) if op.get_bind().dialect.name == "postgresql" else SIGNAL.c.at
    day = sa.func.substr(sa.cast(at, sa.String()), 1, 10)
    of = (SIGNAL.c.account_id, SIGNAL.c.name, SIGNAL.c.user, day)
    sums = (sa.func.sum(SIGNAL.c.count), sa.func.count(), sa.func.min(SIGNAL.c.at), sa.func.max(SIGNAL.c.at))
    summed = sa.select(*of, *sums).where(SIGNAL.c.account_id.is_not(None)).group_by(*of)
    op.execute(sa.insert(made).from_select([column.name for column in made.columns], summed))


def downgrade() -> None:
    op.drop_table("signal_day")
