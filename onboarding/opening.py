"""Which won deals open an onboarding, which extend one, and which are taken over under way."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from onboarding.records import CrmDeal

Verdict = Literal["open", "adopt", "extend", "too_old", "outside_pilot", "not_won"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What becomes of one deal, and why."""

    deal_id: str
    account_id: str
    verdict: Verdict
    onboarding_key: str | None
    because: str


def sort_deals(
    deals: Iterable[CrmDeal],
    live: Mapping[str, str],
    *,
    now: datetime,
    since: datetime,
    fresh_days: int,
    only_accounts: frozenset[str] | None,
) -> tuple[Opening, ...]:
    """Decide for every deal that belongs to no onboarding yet.

    ``live`` maps account ids to the key of their live onboarding. Of several won deals of one account the
    earliest signature opens, the others extend it (requirements section 0, "Deals that count"). A deal first
    seen more than ``fresh_days`` after its signature is adopted rather than opened (contract, "Adopted").
    Safe to repeat: the verdict depends on the arguments alone.
    """
    openings: list[Opening] = []
    taken = dict(live)
    for deal in sorted(deals, key=lambda deal: (deal.account_id, deal.signed_at, deal.id)):
        verdict, key, because = _judge(deal, taken, now, since, fresh_days, only_accounts)
        if verdict in ("open", "adopt"):
            taken[deal.account_id] = deal.id
        openings.append(
            Opening(
                deal_id=deal.id,
                account_id=deal.account_id,
                verdict=verdict,
                onboarding_key=key,
                because=because,
            )
        )
    return tuple(openings)


def _judge(
    deal: CrmDeal,
    taken: Mapping[str, str],
    now: datetime,
    since: datetime,
    fresh_days: int,
    only_accounts: frozenset[str] | None,
) -> tuple[Verdict, str | None, str]:
    if not deal.won:
        return "not_won", None, f"its stage is {deal.stage_name or 'empty'}, not won"
    if only_accounts is not None and deal.account_id not in only_accounts:
        return "outside_pilot", None, "the account is not in FIRST90_ACCOUNTS"
    if deal.signed_at < since:
        return "too_old", None, f"signed before {since.date().isoformat()}, the first date taken in"
    if deal.account_id in taken:
        return "extend", taken[deal.account_id], "the account already has a live onboarding"
    if deal.signed_at > now:
        return "not_won", None, f"signed in the future ({deal.signed_at.date().isoformat()}); it waits"
    age = now - deal.signed_at
    if age > timedelta(days=fresh_days):
        return "adopt", deal.id, f"first seen {age.days} days after its signature (fresh up to {fresh_days})"
    return "open", deal.id, f"signed {deal.signed_at.date().isoformat()}"
