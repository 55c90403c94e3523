"""When the customer is expected to be live, and why: the agreed day, and the work before it that is open or late."""

from dataclasses import dataclass
from datetime import date

from onboarding.messages.letter_work import due_day
from onboarding.model.phrases import day_words
from onboarding.model.state import Milestone
from onboarding.model.vocabulary import STAGES, Side, Stage
from onboarding.plan_page.context import PageContext

GO_LIVE = "go_live"


@dataclass(frozen=True, slots=True, kw_only=True)
class GoLive:
    """The go-live: reached, or expected on a day; ``late`` where that day is over."""

    reached: bool
    day: date | None
    late: bool
    reasons: tuple[str, ...]
    """Sentences without the names of work, which not every reader may see."""


def go_live(context: PageContext) -> GoLive:
    """Return when the customer went live, or is expected to, with the reasons."""
    days, milestone = context.days, context.state.milestones.get(GO_LIVE)
    if milestone is not None and milestone.status == "done":
        return GoLive(reached=True, day=days.of(milestone.done_at), late=False, reasons=())
    day = due_day(milestone, context.state, days) if milestone else days.of(context.state.go_live_at)
    agreed = context.state.go_live_at is not None
    day = day or days.day(context.state.target_at)
    late = days.is_over(day)
    reasons = ["This is the day that was agreed." if agreed else "This is the day of the plan; none was agreed yet."]
    if late:
        reasons = [f"It was planned for {day_words(day)}, which has passed: a new day has to be agreed."]
    return GoLive(reached=False, day=day, late=late, reasons=(*reasons, *_open_work(context)))


def _open_work(context: PageContext) -> list[str]:
    """Return what is open before the go-live, counted by side; late work is named as late, ours too."""
    internal = {plan.name for plan in context.playbook.milestones() if plan.internal}
    before = STAGES[: STAGES.index(Stage.TRAINING) + 1]
    needed = [
        one
        for one in context.state.milestones.values()
        if one.status == "open" and one.exit and one.stage in before and one.name not in {*internal, GO_LIVE}
    ]
    found = []
    for side, whose in ((Side.CUSTOMER, "yours"), (Side.VENDOR, "ours"), (Side.THIRD_PARTY, "a third party's")):
        mine = [one for one in needed if one.side is side]
        late = sum(_is_late(one, context) for one in mine)
        if mine:
            overdue = f", {late} of them late" if late and len(mine) > 1 else ", late" if late else ""
            found.append(f"Still open before it, {whose}: {len(mine)}{overdue}.")
    return found or ["Nothing that it needs is open."]


def _is_late(milestone: Milestone, context: PageContext) -> bool:
    return context.days.is_over(due_day(milestone, context.state, context.days))
