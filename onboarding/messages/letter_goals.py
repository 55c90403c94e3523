"""Goals in a letter: what is to be reached by when, and the outcome once that day is over."""

from onboarding.facts.goal_values import gain, way_share
from onboarding.messages.calendar_days import Days
from onboarding.messages.crm_texts import clip
from onboarding.messages.letter_parts import GoalPart, GoalStepsPart, KickoffPart
from onboarding.model.playbook import Playbook
from onboarding.model.state import Goal, OnboardingState
from onboarding.model.vocabulary import Stage
from onboarding.model.written.proof import ProvenBy


def goal_parts(state: OnboardingState, days: Days) -> tuple[GoalPart, ...]:
    """Return the goals, open ones first."""
    return tuple(sorted((goal_part(goal, days) for goal in state.goals), key=lambda part: part.past))


def goal_steps(state: OnboardingState, playbook: Playbook, stage: Stage, kickoff: KickoffPart) -> GoalStepsPart:
    """Return what this version of the playbook asks of who serves itself about goals (TI-L): older versions wait for a
    kickoff call and for a goal check of the vendor's, whatever the newest one does."""
    confirmed = bool(state.goals) and all(goal.confirmed for goal in state.goals)
    if not playbook.serves_itself:
        return GoalStepsPart(confirmed=confirmed)
    exits = {name for stage in playbook.stages.values() for name in stage.exit}
    by_values = [plan for plan in playbook.milestones() if plan.proof is ProvenBy.GOALS_VALUED and plan.name in exits]
    by_confirming = any(plan.proof is ProvenBy.GOALS_CONFIRMED and plan.name in exits for plan in playbook.milestones())
    found = [state.milestones.get(plan.name) for plan in by_values]
    begin = by_confirming and "kickoff_held" not in playbook.stages[Stage.KICKOFF].exit
    early = stage in (Stage.HANDOFF, Stage.KICKOFF) and (kickoff.held or not kickoff.booked)
    return GoalStepsPart(
        begin=begin,
        confirmed=confirmed,
        turn=("ours" if confirmed else "theirs") if begin and early else "",
        close=bool(by_values),
        open=any(one is not None and one.status == "open" for one in found),
    )


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
