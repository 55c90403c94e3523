"""A contact role keeps since when it is known, and stays, marked as gone, when the CRM has it no longer; a contact
keeps whether a field says that they took part in buying."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def upgrade() -> None:
    op.add_column("stakeholder", sa.Column("seen_at", INSTANT, nullable=True))
    op.add_column("stakeholder", sa.Column("gone_at", INSTANT, nullable=True))
    op.add_column("person", sa.Column("buyer", sa.Boolean(), nullable=True))


def downgrade() -> None:
    op.drop_column("person", "buyer")
    op.execute("DELETE FROM stakeholder WHERE gone_at IS NOT NULL")
    op.drop_column("stakeholder", "gone_at")
    op.drop_column("stakeholder", "seen_at")
