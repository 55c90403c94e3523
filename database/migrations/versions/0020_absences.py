"""Absences: who of the vendor's people is away, and who covers for them."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("owner", sa.Column("backup_id", sa.String(), nullable=True))
    op.add_column("owner", sa.Column("absences", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    op.drop_column("owner", "absences")
    op.drop_column("owner", "backup_id")
