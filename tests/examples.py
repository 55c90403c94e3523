"""How many examples a property test tries: all of them in `make test`, a fifth in `make quick`. None is timed: a busy
machine fails no test."""

from hypothesis import HealthCheck, settings

WHOLE = "whole"
"""The profile of `make test`."""
QUICK = "quick"
"""The profile of `make quick`, as pytest's ``--hypothesis-profile`` names it."""


def register() -> None:
    """Make the profiles known, and use that of `make test` unless pytest is told another; called before any test is
    collected."""
    settings.register_profile(WHOLE, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.register_profile(QUICK, settings.get_profile(WHOLE), max_examples=20)
    settings.load_profile(WHOLE)


def examples(most: int) -> int:
    """Return ``most`` where no profile is chosen, else the share of it that the profile has of Hypothesis' 100."""
    return max(1, most * settings().max_examples // 100)
