"""What matters to each of the customer's people, as fields of the CRM's contact say it."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("profile", sa.JSON(none_as_null=True), nullable=False, server_default="{}")
    op.add_column("person", column)


def downgrade() -> None:
    op.drop_column("person", "profile")
