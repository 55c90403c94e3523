"""Whether a refused effect may need a person, and until when a channel is shut by the ``as_of`` of a run."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def upgrade() -> None:
    op.add_column("effect", sa.Column("needs_person", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("breaker", sa.Column("shut_as_of", INSTANT, nullable=True))


def downgrade() -> None:
    op.drop_column("breaker", "shut_as_of")
    op.drop_column("effect", "needs_person")
