"""The moment at which a person last acted on an escalation, whose messages are then updated."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def upgrade() -> None:
    op.add_column("escalation", sa.Column("answered_at", INSTANT, nullable=True))


def downgrade() -> None:
    op.drop_column("escalation", "answered_at")
