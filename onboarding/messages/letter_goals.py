"""Goals in a letter: what is to be reached by when, and the outcome once that day is over."""

from onboarding.facts.goal_values import gain, way_words
from onboarding.messages.calendar_days import Days
from onboarding.messages.letter_dates import clip, due_words
from onboarding.messages.letter_parts import GoalPart
from onboarding.model.phrases import day_words
from onboarding.model.state import Goal, OnboardingState


def goal_parts(state: OnboardingState, days: Days) -> tuple[GoalPart, ...]:
    """Return the goals, open ones first."""
    return tuple(sorted((goal_part(goal, days) for goal in state.goals), key=lambda part: part.past))


def goal_part(goal: Goal, days: Days) -> GoalPart:
    """Return one goal with its outcome or its way so far."""
    metric, unit = clip(goal.metric, 120), clip(goal.unit, 40)
    way = f"{metric} from {goal.baseline:g} to {goal.target:g} {unit}"
    stands = "" if goal.value is None else f"{goal.value:g} {unit} on {days.past(goal.values[-1].on)}"
    over = goal.due < days.today
    if goal.reached:
        text = f"{way}: reached, {stands}"
    elif over:
        outcome = f"not reached, {stands}" if stands else "how it came out is still to be measured"
        text = f"{way} {due_words(goal.due, days.today)}; {outcome}"
    else:
        text = f"{way} {'by today' if goal.due == days.today else due_words(goal.due, days.today)}"
        text += f", {stands} ({way_words(goal)})" if stands else ""
    return GoalPart(
        text=text,
        metric=metric,
        baseline=f"{goal.baseline:g}",
        target=f"{goal.target:g}",
        unit=unit,
        due_on=day_words(goal.due),
        past=over or goal.reached,
        stands=stands,
        confirmed=goal.confirmed,
        gain=str(gain(goal) or ""),
    )
