"""Goals in words: how far each has come, what that is worth, and what of it is still assumed."""

from onboarding.facts.goal_values import gain, way_words
from onboarding.model.phrases import day_words, number_words
from onboarding.model.state import Goal


def goal_sentence(goal: Goal) -> str:
    """Return a measurable goal in one sentence, without its full stop."""
    stands = "nobody has said where it stands"
    if goal.values and goal.value is not None:
        stands = f"{number_words(goal.value)} {goal.unit} on {day_words(goal.values[-1].on)}, {way_words(goal)}"
    worth = gain(goal)
    said = f"{goal}; {stands}" + (f", worth {worth} to them" if worth else "")
    return said if goal.confirmed else f"{said} (assumed: the customer's side has not confirmed it)"
