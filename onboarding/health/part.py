"""One input of the health score, with what it adds and why."""

from onboarding.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of the score, out of 100; None if unknown."""

    name: str
    score: int | None
    weight: float = 0.0
    """Its share of the score, from 0 to 1; 0 if unknown."""
    points: int = 0
    """What it adds: the points of all parts sum up to the score."""
    why: str
