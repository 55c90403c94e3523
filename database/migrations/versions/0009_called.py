"""The name by which mails greet a person, which is not always the first word of the full name."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

PEOPLE = ("owner", "person")


def upgrade() -> None:
    for table in PEOPLE:
        op.add_column(table, sa.Column("called", sa.String(), nullable=True))


def downgrade() -> None:
    for table in PEOPLE:
        op.drop_column(table, "called")
