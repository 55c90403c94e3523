"""Price and existing-customer fields of deals; canonical spellings of the users and accounts of signals."""

import sqlalchemy as sa
from alembic import op

from onboarding.model.identity import one_spelling, salesforce_id

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SIGNAL = sa.table("signal", *(sa.column(name, sa.String()) for name in ("source_account", "account_id", "user")))


def upgrade() -> None:
    op.add_column("deal", sa.Column("price", sa.String(), nullable=True))
    op.add_column("deal", sa.Column("existing", sa.String(), nullable=True))
    table, conn = SIGNAL.c, op.get_bind()
    people = sa.select(table.user).where(table.user.like("%@%")).distinct()
    for spelt in conn.execute(people).scalars().all():
        if (one := one_spelling(spelt)) != spelt:
            conn.execute(sa.update(SIGNAL).where(table.user == spelt).values(user=one))
    accounts = sa.select(table.source_account).where(table.account_id.is_(None)).distinct()
    for spelt in conn.execute(accounts).scalars().all():
        if (one := _record(spelt)) != spelt:
            conn.execute(sa.update(SIGNAL).where(table.source_account == spelt).values(source_account=one))


def downgrade() -> None:
    op.drop_column("deal", "existing")
    op.drop_column("deal", "price")


def _record(text: str) -> str:
    try:
        return salesforce_id(text)
    except ValueError:
        return text
