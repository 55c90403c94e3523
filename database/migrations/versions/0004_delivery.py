"""Tables of rate limits and breakers."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def upgrade() -> None:
    op.create_table(
        "rate",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("free_at", sa.BigInteger(), nullable=False),
        sa.Column("granted", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_rate")),
    )
    op.create_table(
        "breaker",
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("shut_until", INSTANT, nullable=True),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("whole_lane", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("lane", name=op.f("pk_breaker")),
    )


def downgrade() -> None:
    for name in ["breaker", "rate"]:
        op.drop_table(name)
