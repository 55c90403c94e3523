"""What conditions of playbooks ask for, of accounts and deals, and their results for each onboarding."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

COLUMNS = (
    ("account", "fields", "{}"),
    ("deal", "products", "[]"),
    ("deal", "fields", "{}"),
    ("onboarding", "conditions", "{}"),
)


def upgrade() -> None:
    for table, name, empty in COLUMNS:
        op.add_column(table, sa.Column(name, sa.JSON(none_as_null=True), nullable=False, server_default=empty))


def downgrade() -> None:
    for table, name, _ in reversed(COLUMNS):
        op.drop_column(table, name)
