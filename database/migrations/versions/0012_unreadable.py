"""CRM records that exist but cannot be read now, so that they are not treated as missing."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unreadable",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("because", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unreadable")),
    )


def downgrade() -> None:
    op.drop_table("unreadable")
