"""The times for a call that a message offers, which are held while they are offered."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def upgrade() -> None:
    op.add_column("effect", sa.Column("offer", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("effect", sa.Column("offered_until", INSTANT, nullable=True))
    offered = sa.text("offered_until IS NOT NULL")
    op.create_index("ix_effect_offer", "effect", ["offered_until"], sqlite_where=offered, postgresql_where=offered)


def downgrade() -> None:
    op.drop_index("ix_effect_offer", table_name="effect")
    op.drop_column("effect", "offered_until")
    op.drop_column("effect", "offer")
