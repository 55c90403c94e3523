"""What was promised to all customers, with the seller of each: the ledger across onboardings (SX-4)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from database.onboardings import cases
from database.onboardings.lookup import all_keys
from onboarding.facts.promises import due_from, read_promises
from onboarding.model.case import Calendar, Case
from onboarding.model.reports import known
from onboarding.model.state import Promise
from onboarding.model.vocabulary import PromiseState

if TYPE_CHECKING:
    from sqlalchemy import Connection

BATCH = 250
NO_SELLER = "not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseLine:
    """A promise with its customer and seller."""

    seller: str
    """The address of the seller of the first deal."""
    account: str
    deal_id: str
    id: str
    text: str
    source: str
    """``sales``, or ``team`` where one of our people added it."""
    due: date | None
    state: PromiseState
    overdue: bool
    settled_at: datetime | None
    settled_by: str


def promise_lines(conn: "Connection", now: datetime) -> list[PromiseLine]:
    """Return the promises of all onboardings as known at ``now`` (UTC), by seller, the open ones first, by due date."""
    found: list[PromiseLine] = []
    keys = all_keys(conn)
    for part in (keys[start : start + BATCH] for start in range(0, len(keys), BATCH)):
        for case in cases.load(conn, part, now, lambda country: Calendar()).values():
            found += _lines(case, now)
    order = list(PromiseState)
    return sorted(found, key=lambda one: (one.seller, order.index(one.state), one.due or date.max, one.account, one.id))


def _lines(case: Case, now: datetime) -> Iterator[PromiseLine]:
    seller = case.owners.get(case.deals[0].seller_id or "")
    for promise in read_promises(case, known(case.facts, now)):
        yield PromiseLine(
            seller=seller.email if seller else NO_SELLER,
            account=case.account.name,
            deal_id=case.key,
            id=promise.id,
            text=promise.text,
            source=promise.source,
            due=promise.due,
            state=promise.state,
            overdue=_is_overdue(promise, case, now),
            settled_at=promise.settled_at,
            settled_by=promise.settled_by,
        )


def _is_overdue(promise: Promise, case: Case, now: datetime) -> bool:
    times = due_from(promise, case)
    return promise.state is PromiseState.OPEN and times is not None and times[1] <= now
