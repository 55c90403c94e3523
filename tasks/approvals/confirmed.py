"""What a confirmed request did, for whoever confirmed it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What a confirmed act did, in words, and whether a part of it was not done."""

    said: str
    failed: bool = False


def with_rest(said: str, left: Sequence[tuple[str, str]]) -> Confirmed:
    """Return the result of an act over several onboardings; ``left`` are those that stay, each with the reason."""
    lines = (f"{where} stays as it is: {why}" for where, why in left)
    return Confirmed("\n".join((said, *lines)), failed=bool(left))


def with_places(said: str, places: Mapping[str, int]) -> Confirmed:
    """Return the result of an erasure; ``places`` says where the person is still named, as ``table.column``."""
    lines = (f"still named {number} times in {place}" for place, number in sorted(places.items()))
    return Confirmed("\n".join((said, *lines)), failed=bool(places))
