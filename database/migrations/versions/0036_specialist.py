"""An account keeps the onboarding specialist whom a field of the CRM names."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("account", sa.Column("specialist_id", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("account", "specialist_id")
