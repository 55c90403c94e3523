"""Which product a deal sold, as the CRM says."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deal", sa.Column("product", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("deal", "product")
