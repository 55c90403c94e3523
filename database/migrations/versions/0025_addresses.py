"""People by their address in lower case, as reports of mail providers name them."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_person_address", "person", [sa.text("lower(email)")])


def downgrade() -> None:
    op.drop_index("ix_person_address", table_name="person")
