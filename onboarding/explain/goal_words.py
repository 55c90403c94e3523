"""Goals in the explanation: the progress of each, and what is still assumed."""

from collections.abc import Iterator

from onboarding.facts.goal_values import gain, way_words
from onboarding.model.phrases import day_words
from onboarding.model.state import OnboardingState


def goal_sentences(standing: OnboardingState) -> Iterator[str]:
    """Yield a sentence for each measurable goal."""
    for goal in standing.goals:
        stands = "nobody has said where it stands"
        if goal.value is not None and goal.value_at is not None:
            stands = f"{goal.value:g} {goal.unit} on {day_words(goal.value_at)}, {way_words(goal)}"
        worth = gain(goal)
        said = f"{goal}; {stands}" + (f", worth {worth} to them" if worth else "")
        yield said if goal.confirmed else f"{said} (assumed: the customer's side has not confirmed it)"
