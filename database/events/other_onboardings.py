"""What the other onboardings of the same accounts add to a case: mails to its people, and what matters to them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from database.tables import EffectRow, FactRow, OnboardingRow
from onboarding.model.case import Fact, OtherMail
from onboarding.model.vocabulary import Channel, EffectState, FactKind
from onboarding.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherOnboardings:
    """Of accounts with several onboardings, by the account's id, what each of them has, with its key."""

    mails: Mapping[str, Sequence[OtherMail]]
    said: Mapping[str, Sequence[tuple[str, Fact]]]

    def mails_beside(self, row: Row[Any]) -> tuple[OtherMail, ...]:
        """Return the mails of the account's onboardings besides this one."""
        return tuple(one for one in self.mails.get(row.account_id, ()) if one.onboarding_key != row.key)

    def said_beside(self, row: Row[Any]) -> tuple[Fact, ...]:
        """Return what the account's onboardings besides this one know of what matters to its people (HO-8)."""
        return tuple(fact for key, fact in self.said.get(row.account_id, ()) if key != row.key)


def read(conn: Connection, rows: Sequence[Row[Any]]) -> OtherOnboardings:
    """Read the other onboardings of the accounts of ``rows``, in two statements."""
    ids = sorted({row.account_id for row in rows})
    accounts = select(OnboardingRow.account_id).where(OnboardingRow.account_id.in_(ids))
    several = accounts.group_by(OnboardingRow.account_id).having(func.count() > 1)
    return OtherOnboardings(mails=_mails(conn, several), said=_said(conn, several))


def _mails(conn: Connection, accounts: Select[Any]) -> Mapping[str, Sequence[OtherMail]]:
    at = func.coalesce(EffectRow.sent_at, EffectRow.due_at)
    query = (
        select(OnboardingRow.account_id, OnboardingRow.key, EffectRow.mail_to, EffectRow.person_id, at)
        .join_from(EffectRow, OnboardingRow, EffectRow.onboarding_key == OnboardingRow.key)
        .where(
            OnboardingRow.account_id.in_(accounts),
            EffectRow.channel == Channel.MAIL.value,
            EffectRow.mail_to.is_not(None),
            EffectRow.state.not_in([EffectState.WITHHELD.value, EffectState.DEAD.value]),
        )
    )
    found: defaultdict[str, list[OtherMail]] = defaultdict(list)
    for account_id, key, address, person_id, when in conn.execute(query).all():
        found[account_id].append(OtherMail(onboarding_key=key, address=address, person_id=person_id, at=when))
    return found


def _said(conn: Connection, accounts: Select[Any]) -> Mapping[str, Sequence[tuple[str, Fact]]]:
    query = (
        select(OnboardingRow.account_id, FactRow)
        .join_from(FactRow, OnboardingRow, FactRow.onboarding_key == OnboardingRow.key)
        .where(OnboardingRow.account_id.in_(accounts), FactRow.kind == FactKind.PROFILE.value)
    )
    found: defaultdict[str, list[tuple[str, Fact]]] = defaultdict(list)
    for row in conn.execute(query).all():
        fact = Fact(
            key=row.key,
            kind=FactKind.PROFILE,
            name=row.name,
            at=row.at,
            learned_at=row.learned_at,
            source=row.source,
            by=row.by,
            value=row.value,
        )
        found[row.account_id].append((row.onboarding_key, fact))
    return found
