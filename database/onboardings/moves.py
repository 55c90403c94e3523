"""Records that move to another account: a deal moved in the CRM, two accounts merged into one."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, NotNullable, select, update

from database.events import daily
from database.statements import chunks, write_journal
from database.tables import AccountRow, DealRow, OnboardingRow, SignalRow


def follow_deals(
    conn: Connection, deal_ids: Collection[str], account_ids: Collection[str], at: datetime
) -> frozenset[str]:
    """Move onboardings to the account of the deals that opened them; return the keys of those that moved.

    Considers these deals and those of these accounts. After a merge the people and deals are at the other account, so
    the onboarding follows them there. Only an account that exists is moved to. Safe to repeat.
    """
    apart = (
        select(OnboardingRow.key, OnboardingRow.account_id, DealRow.account_id)
        .join(DealRow, DealRow.id == OnboardingRow.key)
        .join(AccountRow, AccountRow.id == DealRow.account_id)
        .where(OnboardingRow.account_id != DealRow.account_id)
        .where(AccountRow.gone_at.is_(None), DealRow.removed_at.is_(None))
    )
    moved: dict[str, tuple[str, str]] = {}
    for column, ids in ((OnboardingRow.key, deal_ids), (DealRow.account_id, account_ids)):
        for part in chunks(sorted(ids)):
            moved |= {key: (before, now) for key, before, now in conn.execute(apart.where(column.in_(part)))}
    for key, (_, now) in moved.items():
        conn.execute(update(OnboardingRow).where(OnboardingRow.key == key).values(account_id=now))
    lines = [
        (key, "moved", now, f"its deal belongs to account {now} now, before to {before}")
        for key, (before, now) in sorted(moved.items())
    ]
    write_journal(conn, lines, at=at, by="crm")
    return frozenset(moved)


def move_signals(conn: Connection, merged: Mapping[str, str]) -> frozenset[str]:
    """Move the product usage of merged accounts to the accounts they were merged into; return these. Safe to repeat."""
    found: set[str] = set()
    for part in chunks(sorted(merged)):
        query = select(NotNullable(SignalRow.account_id)).where(SignalRow.account_id.in_(part)).distinct()
        for before in conn.execute(query).scalars().all():
            daily.take_usage_turn(conn)
            now = merged[before]
            conn.execute(update(SignalRow).where(SignalRow.account_id == before).values(account_id=now))
            daily.rebuild(conn, {before, now})
            found.add(now)
    return frozenset(found)
