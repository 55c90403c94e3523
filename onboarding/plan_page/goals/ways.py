"""The form on the plan page by which work on goals is done: what the customer says there proves it (GO-1, GO-6)."""

from collections.abc import Iterator

from onboarding.messages.letter_goals import goal_part
from onboarding.model.playbook import MilestonePlan
from onboarding.model.state import Goal
from onboarding.model.written.proof import ProvenBy
from onboarding.plan_page.context import PageContext
from onboarding.plan_page.form import AnswerKind
from onboarding.plan_page.goals.forms import may_state
from onboarding.plan_page.policy import Section, may_see
from onboarding.values import dataclass

_PROVEN = frozenset({ProvenBy.GOAL_MEASURABLE, ProvenBy.GOALS_CONFIRMED, ProvenBy.GOALS_VALUED})


@dataclass(frozen=True, slots=True)
class WayToDo:
    """A form of the page, as its address names it, with what its link says and of which goal."""

    form: str
    says: str
    about: str = ""
    shows: str = ""
    """The figures that it is about, in words."""


def way_to_do(plan: MilestonePlan, page: PageContext) -> WayToDo | None:
    """Return the form by which the next part of this work is done: of the first goal that is not confirmed, or has no
    value yet, or the form that states a goal where there is none; None where no form does it, or the reader may not see
    the goals."""
    if plan.proof not in _PROVEN or not may_see(page.roles, Section.GOALS):
        return None
    if not page.state.goals:
        return WayToDo(AnswerKind.NEW_GOAL.value, page.answers.new_goal) if may_state(page) else None
    valued = plan.proof is ProvenBy.GOALS_VALUED
    kind, says = (
        (AnswerKind.VALUE, page.answers.value_link) if valued else (AnswerKind.GOAL, page.answers.figures_right)
    )
    number, goal = next(_open(page, valued=valued), (0, None))
    if goal is None:
        return None
    return WayToDo(f"{kind.value}/{number}", says, about=goal.metric, shows=goal_part(goal, page.days).text)


def _open(page: PageContext, *, valued: bool) -> Iterator[tuple[int, Goal]]:
    """Yield the goals that are not confirmed, or that have no value from the day of the first value on."""
    activation = page.state.milestones.get("activation")
    since = page.days.of(activation.done_at) if activation is not None else None
    for number, goal in enumerate(page.state.goals):
        known = any(since is None or one.on >= since for one in goal.values)
        if not (known if valued else goal.confirmed):
            yield number, goal
