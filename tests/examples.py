"""How many examples a property test tries, and how many cases a long proof: all of them in CI, two fifths in
`make test`, a fifth in `make quick`. None is timed: a busy machine fails no test."""

from collections.abc import Sequence
from typing import TypeVar

from hypothesis import HealthCheck, settings

Case = TypeVar("Case")

WHOLE = "whole"
"""The profile of CI, and of pytest called by hand."""
USUAL = "usual"
"""The profile of `make test`, as pytest's ``--hypothesis-profile`` names it."""
QUICK = "quick"
"""The profile of `make quick`."""


def register() -> None:
    """Make the profiles known, and use the whole one unless pytest is told another; called before any test is
    collected."""
    settings.register_profile(WHOLE, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.register_profile(USUAL, settings.get_profile(WHOLE), max_examples=40)
    settings.register_profile(QUICK, settings.get_profile(WHOLE), max_examples=20)
    settings.load_profile(WHOLE)


def examples(most: int) -> int:
    """Return ``most`` where no profile is chosen, else the share of it that the profile has of Hypothesis' 100."""
    return max(1, most * settings().max_examples // 100)


def some(cases: Sequence[Case]) -> list[Case]:
    """Return the profile's share of the cases, spread evenly over all of them and the same ones each time."""
    share = examples(len(cases))
    return [cases[number * len(cases) // share] for number in range(min(share, len(cases)))]
