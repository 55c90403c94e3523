"""The language of customers and their people, and how a person is formally addressed."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("account", sa.Column("language", sa.String(), nullable=True))
    op.add_column("person", sa.Column("family_name", sa.String(), nullable=False, server_default=""))
    op.add_column("person", sa.Column("salutation", sa.String(), nullable=True))
    op.add_column("person", sa.Column("language", sa.String(), nullable=True))


def downgrade() -> None:
    for name in ("language", "salutation", "family_name"):
        op.drop_column("person", name)
    op.drop_column("account", "language")
