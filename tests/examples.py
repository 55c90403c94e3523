"""How many examples a property test tries: all of them in `make test`, a fifth in `make quick`."""

from hypothesis import settings

QUICK = "quick"
"""The profile of `make quick`, as pytest's ``--hypothesis-profile`` names it."""


def register() -> None:
    """Make the profile known; called before any test is collected."""
    settings.register_profile(QUICK, max_examples=20)


def examples(most: int) -> int:
    """Return ``most`` where no profile is chosen, else the share of it that the profile has of Hypothesis' 100."""
    return max(1, most * settings().max_examples // 100)
