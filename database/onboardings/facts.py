"""Facts about onboardings, each stored once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from database.onboardings.openings import touch
from database.statements import chunks, insert_new
from database.tables import AccountRow, FactRow, OnboardingRow
from onboarding.model.case import Fact
from onboarding.model.identity import one_spelling
from onboarding.model.vocabulary import FactKind
from onboarding.stages.kickoff import instant


def add(conn: Connection, onboarding_key: str, facts: Sequence[Fact], at: datetime) -> int:
    """Store the facts that are new; return how many. A new one marks the onboarding for review.

    Safe to repeat: the same report has the same key.
    """
    return len(add_all(conn, {onboarding_key: facts}, at).get(onboarding_key, ()))


def add_all(conn: Connection, facts: Mapping[str, Sequence[Fact]], at: datetime) -> Mapping[str, tuple[Fact, ...]]:
    """Store the new facts of many onboardings at once; return them by onboarding key. Each that has a new one is marked
    for review, and with it those that read it too. Safe to repeat."""
    known: set[tuple[str, str]] = set()
    for part in chunks(sorted(key for key, reports in facts.items() if reports)):
        query = select(FactRow.onboarding_key, FactRow.key).where(FactRow.onboarding_key.in_(part))
        known.update((row.onboarding_key, row.key) for row in conn.execute(query))
    fresh = {
        key: tuple({fact.key: fact for fact in reversed(reports) if (key, fact.key) not in known}.values())
        for key, reports in facts.items()
    }
    changed = {key: reports[::-1] for key, reports in fresh.items() if reports}
    for rows in chunks(_row(key, fact) for key, reports in changed.items() for fact in reports):
        insert_new(conn, FactRow, rows)
    touch(conn, {*changed, *_readers(conn, changed)}, at)
    return changed


def _readers(conn: Connection, changed: Mapping[str, Sequence[Fact]]) -> Sequence[str]:
    """Return the onboardings of the accounts of which one was told what matters to a person: all of them know it
    (HO-8)."""
    told = [key for key, reports in changed.items() if any(one.kind is FactKind.PROFILE for one in reports)]
    if not told:
        return ()
    accounts = select(OnboardingRow.account_id).where(OnboardingRow.key.in_(told))
    return conn.execute(select(OnboardingRow.key).where(OnboardingRow.account_id.in_(accounts))).scalars().all()


@dataclass(frozen=True, slots=True)
class LessonLine:
    """One lesson with the onboarding that taught it; ``at`` is in UTC, ``stage`` empty where it is about all of it."""

    at: datetime
    account: str
    tier: str
    stage: str
    text: str
    by: str


def lesson_lines(conn: Connection, since: datetime | None = None) -> list[LessonLine]:
    """Return the lessons of all onboardings, those since a moment (UTC) where given, the oldest first."""
    query = (
        select(FactRow.at, AccountRow.name, OnboardingRow.tier, FactRow.name.label("stage"), FactRow.value, FactRow.by)
        .join(OnboardingRow, OnboardingRow.key == FactRow.onboarding_key)
        .join(AccountRow, AccountRow.id == OnboardingRow.account_id)
        .where(FactRow.kind == FactKind.LESSON.value)
        .order_by(FactRow.at, FactRow.key)
    )
    if since is not None:
        query = query.where(FactRow.at >= since)
    return [
        LessonLine(row.at, row.name, row.tier or "", row.stage, str(row.value.get("text") or ""), row.by)
        for row in conn.execute(query)
    ]


def confirmed_at(conn: Connection, address: str) -> frozenset[str]:
    """Return the keys of the onboardings in which a report names somebody with this address as a stakeholder.

    Python filters them: they are few, and an address has several spellings.
    """
    wanted = one_spelling(address)
    query = select(FactRow.onboarding_key, FactRow.value).where(FactRow.kind == FactKind.STAKEHOLDER.value)
    return frozenset(key for key, said in conn.execute(query) if one_spelling(str(said.get("email") or "")) == wanted)


def _row(onboarding_key: str, fact: Fact) -> dict[str, Any]:
    return {
        "onboarding_key": onboarding_key,
        "key": fact.key,
        "kind": fact.kind.value,
        "name": fact.name,
        "at": fact.at,
        "learned_at": fact.learned_at,
        "source": fact.source,
        "by": fact.by,
        "value": dict(fact.value),
        "call_at": instant(fact.value["meeting_at"]) if fact.value.get("meeting_at") else None,
    }
