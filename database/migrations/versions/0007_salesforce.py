"""Rows that name no milestone are set aside under one source, whichever CRM holds them."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ASIDE = sa.table("set_aside", sa.column("source", sa.String))
FILE, OBJECT = "Onboarding_Milestone__c.csv, names", "Onboarding_Milestone__c, names"


def upgrade() -> None:
    op.execute(sa.update(ASIDE).where(ASIDE.c.source == FILE).values(source=OBJECT))


def downgrade() -> None:
    op.execute(sa.update(ASIDE).where(ASIDE.c.source == OBJECT).values(source=FILE))
