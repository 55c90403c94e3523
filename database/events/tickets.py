"""Support tickets of all onboardings, and whom tickets and answers to surveys belong to."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from database.statements import chunks
from database.tables import FactRow, OnboardingRow, PersonRow
from onboarding.model.identity import one_spelling
from onboarding.model.state import Ticket
from onboarding.model.vocabulary import FactKind


def signed_times(conn: Connection, account_ids: Collection[str]) -> Mapping[str, Sequence[tuple[datetime, str]]]:
    """Return signature and key of every onboarding of these accounts."""
    found: defaultdict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for part in chunks(sorted(account_ids)):
        query = select(OnboardingRow.account_id, OnboardingRow.signed_at, OnboardingRow.key)
        for account, signed_at, key in conn.execute(query.where(OnboardingRow.account_id.in_(part))):
            found[account].append((signed_at, key))
    return found


def contacts_of(conn: Connection, account_ids: Collection[str]) -> Mapping[tuple[str, str], str]:
    """Return the id of each contact of these accounts by account and address, spelt as addresses are compared."""
    found: dict[tuple[str, str], str] = {}
    for part in chunks(sorted(account_ids)):
        query = select(PersonRow.account_id, PersonRow.email, PersonRow.id).where(PersonRow.account_id.in_(part))
        for account, email, person in conn.execute(query.where(PersonRow.email.is_not(None)).order_by(PersonRow.id)):
            found.setdefault((account, one_spelling(email)), person)
    return found


def tickets_since(conn: Connection, since: datetime) -> Iterator[tuple[str, Ticket]]:
    """Yield the tickets opened after ``since`` with their account, in the order in which they were learned."""
    query = (
        select(OnboardingRow.account_id, FactRow.name, FactRow.at, FactRow.value)
        .join(OnboardingRow, OnboardingRow.key == FactRow.onboarding_key)
        .where(FactRow.kind == FactKind.TICKET.value, FactRow.at > since)
        .order_by(FactRow.learned_at, FactRow.key)
    )
    for account, name, at, value in conn.execute(query):
        sentiment = value.get("sentiment")
        yield account, Ticket(name, str(value.get("topic") or ""), at, sentiment)
