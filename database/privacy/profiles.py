"""Erasure of what matters to a person and where they stand: reports on it by anybody, and the texts that quote them."""

from collections.abc import Collection

from sqlalchemy import Connection, delete, select

from database.tables import FactRow, PersonRow
from onboarding.model.vocabulary import FactKind

KINDS = (FactKind.PROFILE.value, FactKind.BUY_IN.value)


def erase_profiles(conn: Connection, ids: Collection[str], onboardings: Collection[str]) -> tuple[int, frozenset[str]]:
    """Delete the reports on these people; return how many, and the texts that were said of them, here and by the CRM.

    Safe to repeat. Call it before their contacts are deleted, which hold what the CRM says.
    """
    query = select(FactRow).where(FactRow.kind.in_(KINDS), FactRow.onboarding_key.in_(onboardings))
    theirs = [fact for fact in conn.execute(query).all() if fact.value.get("person") in ids]
    for fact in theirs:
        one = (FactRow.onboarding_key == fact.onboarding_key, FactRow.key == fact.key)
        conn.execute(delete(FactRow).where(*one))
    held = conn.execute(select(PersonRow.profile).where(PersonRow.id.in_(ids))).scalars()
    said = [text for profile in held for text in profile.values()]
    said += [str(fact.value.get(name) or "") for fact in theirs for name in ("text", "why")]
    return len(theirs), frozenset(filter(None, said))
