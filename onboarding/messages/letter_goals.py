"""Goals in a letter: what is to be reached by when, and the outcome once that day is over."""

from onboarding.facts.goal_values import gain, way_share
from onboarding.messages.calendar_days import Days
from onboarding.messages.crm_texts import clip
from onboarding.messages.letter_parts import GoalPart
from onboarding.model.state import Goal, OnboardingState


def goal_parts(state: OnboardingState, days: Days) -> tuple[GoalPart, ...]:
    """Return the goals, open ones first."""
    return tuple(sorted((goal_part(goal, days) for goal in state.goals), key=lambda part: part.past))


def goal_part(goal: Goal, days: Days) -> GoalPart:
    """Return one goal with its outcome or its way so far."""
    say, number = days.language.say, days.language.formats.number
    metric, unit = clip(goal.metric, 120), clip(goal.unit, 40)
    baseline, target = number(goal.baseline), number(goal.target)
    stands = ""
    if goal.value is not None:
        stands = say("goal_stands", value=number(goal.value), unit=unit, day=days.past(goal.values[-1].on))
    over, worth = goal.due < days.today, gain(goal)
    return GoalPart(
        text=_text(goal, say("goal", metric=metric, baseline=baseline, target=target, unit=unit), stands, days),
        metric=metric,
        baseline=baseline,
        target=target,
        unit=unit,
        due_on=days.language.day(goal.due),
        past=over or goal.reached,
        stands=stands,
        confirmed=goal.confirmed,
        gain=f"{number(worth.amount, 0)} {worth.currency}" if worth else "",
    )


def _text(goal: Goal, said: str, stands: str, days: Days) -> str:
    say, due = days.language.say, days.due(goal.due)
    if goal.reached:
        return say("goal_reached", goal=said, stands=stands)
    if goal.due < days.today:
        outcome = say("goal_missed", stands=stands) if stands else say("goal_unmeasured")
        return say("goal_over", goal=said, due=due, outcome=outcome)
    due = say("goal_due_today") if goal.due == days.today else due
    if not stands:
        return say("goal_ahead", goal=said, due=due)
    share = way_share(goal)
    way = say("way", percent=str(share)) if share else say("way_none")
    return say("goal_ahead_stands", goal=said, due=due, stands=stands, way=way)
