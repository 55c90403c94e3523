"""A conflict of priorities: two things that the customer wants and that do not go together, until it is decided. Pure.

It is the customer's to decide, so it is put to their executive sponsor (SH-7). In code it is a clash, because a
conflict is also two values of one field in CRM and database.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from onboarding.model.case import Fact
from onboarding.model.reports import known
from onboarding.model.vocabulary import FactKind
from onboarding.values import dataclass

ANCHOR = "conflict"
"""The anchor of a step that is sent once for each clash: ``due: {from: conflict}``."""
KINDS = frozenset({FactKind.CONFLICT, FactKind.CONFLICT_DECIDED})
SIDES = ("this", "with")
"""What a fact calls the two sides."""


class First(StrEnum):
    """What goes first, by a decision."""

    THIS = "this"
    OTHER = "with"
    NEITHER = "other"
    """The decision is another one, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """One conflict of priorities, open until ``decided_at``. Instants are in UTC."""

    id: str
    """As its facts name it; the same two sides have the same one, in whatever order."""
    number: str
    """The id, with a number once the same conflict was raised again after a decision."""
    this: str
    other: str
    raised_at: datetime
    raised_by: str
    decided_at: datetime | None = None
    decided_by: str = ""
    first: First = First.NEITHER
    decision: str = ""
    """The decision in words; empty where it only says what goes first, or its words were erased."""


def clash_id(this: str, other: str) -> str:
    """Return the id of a clash. It holds no word of its sides, which may name a person."""
    sides = sorted(" ".join(side.casefold().split()) for side in (this, other))
    return sha256("\n".join(sides).encode()).hexdigest()[:6]


def read_clashes(facts: Iterable[Fact], now: datetime) -> tuple[Clash, ...]:
    """Return every clash that is known at ``now``, in the order in which they were raised.

    Raised again while it is open it stays the same; after a decision it is a new one. One whose words were erased is
    none any more, unless somebody else raised the same while it was open: then it is theirs, with the same number. The
    same for any order and repetition of the facts.
    """
    found: dict[str, Clash] = {}
    rounds: dict[str, int] = {}
    for fact in known((one for one in facts if one.kind in KINDS), now):
        before = found.get(f"{fact.name}.{rounds.get(fact.name, 0)}")
        if fact.kind is FactKind.CONFLICT and (before is None or before.decided_at is not None):
            rounds[fact.name] = rounds.get(fact.name, 0) + 1
            found[f"{fact.name}.{rounds[fact.name]}"] = _raised(fact, rounds[fact.name])
        elif fact.kind is FactKind.CONFLICT and before is not None and not _has_words(before):
            # Moved to the end, as the clashes are in the order in which they were raised.
            found.pop(f"{fact.name}.{rounds[fact.name]}")
            found[f"{fact.name}.{rounds[fact.name]}"] = _raised(fact, rounds[fact.name])
        elif fact.kind is FactKind.CONFLICT_DECIDED and before is not None and before.decided_at is None:
            found[f"{fact.name}.{rounds[fact.name]}"] = _decided(before, fact)
    return tuple(one for one in found.values() if _has_words(one))


def open_clashes(facts: Iterable[Fact], now: datetime) -> tuple[Clash, ...]:
    """Return those that nobody has decided, the oldest first."""
    return tuple(one for one in read_clashes(facts, now) if one.decided_at is None)


def clash_numbered(facts: Iterable[Fact], number: str, now: datetime) -> Clash | None:
    """Return the clash with this number; None if there is none."""
    return next((one for one in read_clashes(facts, now) if one.number == number), None)


def _has_words(clash: Clash) -> bool:
    return bool(clash.this and clash.other)


def _raised(fact: Fact, round_: int) -> Clash:
    this, other = (str(fact.value.get(side) or "").strip() for side in SIDES)
    number = fact.name if round_ == 1 else f"{fact.name}.{round_}"
    return Clash(id=fact.name, number=number, this=this, other=other, raised_at=fact.at, raised_by=fact.by)


def _decided(clash: Clash, fact: Fact) -> Clash:
    first, words = str(fact.value.get("first") or ""), str(fact.value.get("comment") or "").strip()
    return replace(
        clash,
        decided_at=fact.at,
        decided_by=fact.by,
        first=First(first) if first in set(First) else First.NEITHER,
        decision=words,
    )
