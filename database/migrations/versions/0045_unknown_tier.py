"""An account keeps the tier that its row names and that has no playbook in a column, no longer among its fields."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0041"
branch_labels = None
depends_on = None

AMONG_FIELDS = "unknown tier"
"""The name under which the fields held it."""
FIELDS = sa.column("fields", sa.JSON(none_as_null=True))
ACCOUNT = sa.table("account", sa.column("id", sa.String()), sa.column("unknown_tier", sa.String()), FIELDS)


def upgrade() -> None:
    op.add_column("account", sa.Column("unknown_tier", sa.String(), nullable=False, server_default=""))
    held = sa.cast(FIELDS, sa.Text()).contains(f'"{AMONG_FIELDS}"')
    for key, _, fields in op.get_bind().execute(sa.select(ACCOUNT).where(held)).all():
        if AMONG_FIELDS not in fields:  # a field may have these words as its value
            continue
        others = {name: value for name, value in fields.items() if name != AMONG_FIELDS}
        op.execute(ACCOUNT.update().where(ACCOUNT.c.id == key).values(unknown_tier=fields[AMONG_FIELDS], fields=others))


def downgrade() -> None:
    for key, named, fields in op.get_bind().execute(sa.select(ACCOUNT).where(ACCOUNT.c.unknown_tier != "")).all():
        with_it = {**fields, AMONG_FIELDS: named}
        op.execute(ACCOUNT.update().where(ACCOUNT.c.id == key).values(fields=with_it))
    op.drop_column("account", "unknown_tier")
