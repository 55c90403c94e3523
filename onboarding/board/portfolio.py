"""The portfolio by stage: what it is filtered by, and the most urgent of each stage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from onboarding.health.summary import Summary
from onboarding.model.vocabulary import LIVE, Stage, Status

Line = Mapping[str, Any]
"""One line of ``status --json``, with ``next_title``."""
MOST_CARDS = 20
"""The most accounts of a stage on the board; the rest is on the page of the stage."""
MOST_LINES = 100
"""The most accounts on one page of a stage."""


class Attention(StrEnum):
    """Why an onboarding needs a person's attention."""

    STALLED = "stalled"
    CRITICAL = "critical"
    DECISION = "decision"
    """Nothing is sent until a person has decided."""
    HELD = "on_hold"
    ROLE = "role_unheld"
    """Work needs a role that nobody holds (RO-8)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """The filter of the board; an empty field does not filter. Churned and cancelled onboardings match none."""

    owner: str = ""
    """An address: their own onboardings, and those in which they cover for somebody."""
    tier: str = ""
    health: str = ""
    """A band: ``green``, ``yellow``, ``red`` or ``unknown``."""
    attention: Attention | None = None
    stage: Stage | None = None
    text: str = ""
    """A part of the account's name, in any case."""
    misread: tuple[str, ...] = field(default=(), compare=False)
    """What was asked for and filters nothing, because there is no such value: a sentence for each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Portfolio:
    """What the board says of all onboardings, whatever the filter."""

    live: int
    """How many are active or on hold."""
    attention: Mapping[Attention, int]
    """How many of the live ones need a person, by reason."""
    owners: Sequence[str]
    tiers: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One stage of the board: how many of it the filter accepts, and some of them, the most urgent first."""

    stage: Stage
    lines: Sequence[Line]
    count: int
    stalled: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """The filtered portfolio; of one stage alone, ``page`` counts the pages of its lines from 1."""

    asked: Filter
    portfolio: Portfolio
    columns: Sequence[Column]
    page: int = 1
    pages: int = 1

    @property
    def shown(self) -> int:
        """Return how many the filter accepts."""
        return sum(column.count for column in self.columns)


def attentions(summary: Summary) -> tuple[Attention, ...]:
    """Return why an onboarding needs a person's attention; empty if it is over or needs none.

    Stored with each review: a change of this rule holds for an onboarding from its next review on.
    """
    if summary.status not in LIVE:
        return ()
    found = {
        Attention.STALLED: summary.stalled_since,
        Attention.CRITICAL: summary.stall_severity == "critical",
        Attention.DECISION: summary.blocked,
        Attention.HELD: summary.status is Status.ON_HOLD,
        Attention.ROLE: summary.unheld_roles,
    }
    return tuple(why for why, holds in found.items() if holds)
