"""How many mails a person and an account get on one day, counted over every onboarding, at the moment they leave.

Whoever is about to send reserves the day first, in one transaction that no other run can be inside at the same time. So
two workers with mails of two onboardings to one person cannot both believe that theirs is the last that fits.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select, text, update

from database.tables import EFFECT, ONBOARDING
from database.writes import in_states
from onboarding.words import Channel, EffectState

LOCK = 90_000_005
"""The name of the lock on PostgreSQL; SQLite has one writer anyway."""
_COUNTS = in_states(EFFECT.c.state, EffectState.LEASED, EffectState.SENDING, EffectState.SENT, EffectState.UNKNOWN)
"""What left, what is leaving, and what may have left. Leased counts only with a day: it was let through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A mail that is about to leave, on its reader's day, and how many that day may see."""

    key: str
    address: str
    account_id: str
    day: str
    """ISO, in the reader's zone."""
    priority: int
    due_at: datetime
    per_person: int
    per_account: int
    always: bool = False
    """There is room for it whatever went before: people wait for an appointment. It counts like any other."""


def reserve(conn: Connection, wanted: Sequence[Wanted]) -> Mapping[str, str]:
    """Let through what fits, the most important first; answers the others by key, each with the reason.

    Safe to repeat: what was let through is not counted against itself. Three statements for any number.
    """
    if not wanted:
        return {}
    if conn.dialect.name == "postgresql":
        conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    people, accounts = _counted(conn, wanted)
    too_many: dict[str, str] = {}
    admitted = []
    for one in sorted(wanted, key=lambda one: (not one.always, -one.priority, one.due_at, one.key)):
        person, account = (one.address.lower(), one.day), (one.account_id, one.day)
        if not one.always and people[person] >= one.per_person:
            too_many[one.key] = f"its reader gets no more than {one.per_person} mails a day"
        elif not one.always and accounts[account] >= one.per_account:
            too_many[one.key] = f"the account gets no more than {one.per_account} mails a day"
        else:
            people[person] += 1
            accounts[account] += 1
            admitted.append({"effect_key": one.key, "day": one.day})
    if admitted:
        statement = update(EFFECT).where(EFFECT.c.key == bindparam("effect_key"))
        leased = EFFECT.c.state == EffectState.LEASED.value
        conn.execute(statement.where(leased).values(mail_day=bindparam("day")), admitted)
    return too_many


def _counted(conn: Connection, wanted: Sequence[Wanted]) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]]:
    """Mails of those days by address and by account, those that are asked for left out."""
    mine, days = [one.key for one in wanted], sorted({one.day for one in wanted})
    table = EFFECT.c
    others = (table.channel == Channel.MAIL.value, table.mail_day.in_(days), _COUNTS, table.key.not_in(mine))
    by_person = select(table.mail_to, table.mail_day, func.count()).where(
        table.mail_to.in_(sorted({one.address.lower() for one in wanted})), *others
    )
    people: Counter[tuple[str, str]] = Counter()
    for address, day, count in conn.execute(by_person.group_by(table.mail_to, table.mail_day)):
        people[address, day] = count
    of = ONBOARDING.c
    by_account = (
        select(of.account_id, table.mail_day, func.count())
        .join_from(ONBOARDING, EFFECT, of.key == table.onboarding_key)
        .where(of.account_id.in_(sorted({one.account_id for one in wanted})), *others)
    )
    accounts: Counter[tuple[str, str]] = Counter()
    for account_id, day, count in conn.execute(by_account.group_by(of.account_id, table.mail_day)):
        accounts[account_id, day] = count
    return people, accounts
