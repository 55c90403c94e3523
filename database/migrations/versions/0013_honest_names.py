"""Renames: the table of values by name is ``key_value``, and the key of a CRM row has a column of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")
NAMES = ["name", "value", "at"]
EFFECT = sa.table("effect", *(sa.column(name, sa.String()) for name in ("channel", "person_id", "target_id")))


def upgrade() -> None:
    _move("cursor", "key_value")
    op.add_column("effect", sa.Column("target_id", sa.String(), nullable=False, server_default=""))
    rows = sa.update(EFFECT).where(EFFECT.c.channel == "crm")
    op.execute(rows.values(target_id=EFFECT.c.person_id, person_id=""))


def downgrade() -> None:
    op.execute(sa.update(EFFECT).where(EFFECT.c.channel == "crm").values(person_id=EFFECT.c.target_id))
    op.drop_column("effect", "target_id")
    _move("key_value", "cursor")


def _move(old: str, new: str) -> None:
    """Rename a table by copying it, so that the name of its primary key changes on both databases alike."""
    op.create_table(
        new,
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f(f"pk_{new}")),
    )
    source = sa.table(old, *(sa.column(name) for name in NAMES))
    op.execute(sa.insert(sa.table(new, *(sa.column(name) for name in NAMES))).from_select(NAMES, sa.select(source)))
    op.drop_table(old)
