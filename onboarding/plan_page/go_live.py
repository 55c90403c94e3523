"""When the customer is expected to be live, and why: by the forecast, beside the day that was agreed."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from onboarding.forecast.reasons import Reason
from onboarding.messages.letter_work import due_day
from onboarding.model.phrases import day_words
from onboarding.model.state import Milestone
from onboarding.model.vocabulary import STAGES, Side, Stage
from onboarding.plan_page.context import PageContext

GO_LIVE = "go_live"
WHOSE: Mapping[Side, str] = {Side.CUSTOMER: "yours", Side.VENDOR: "ours", Side.THIRD_PARTY: "a third party's"}


MOST_REASONS = 3
"""How many pieces of work are named that moved the day, the largest first. This project's choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoLive:
    """The go-live: reached, or expected on a day; ``late`` where that is later than the day of the plan."""

    reached: bool
    day: date | None
    late: bool
    reasons: tuple[str, ...]
    """Sentences; work that the reader may not see is not named in them."""


def go_live(context: PageContext) -> GoLive:
    """Return when the customer went live, or is expected to, with the reasons."""
    days, milestone = context.days, context.state.milestones.get(GO_LIVE)
    if milestone is not None and milestone.status == "done":
        return GoLive(reached=True, day=days.of(milestone.done_at), late=False, reasons=())
    planned = due_day(milestone, context.state, days) if milestone else days.of(context.state.go_live_at)
    planned = planned or days.day(context.state.target_at)
    found = context.forecast.go_live if context.forecast else None
    day = (found.forecast if found else None) or planned
    late = day > planned or days.is_over(planned)
    reasons = [_against_the_plan(context, day, planned), *(_moved(context, found.reasons) if found else ())]
    return GoLive(reached=False, day=day, late=late, reasons=(*reasons, *_open_work(context)))


def _against_the_plan(context: PageContext, day: date, planned: date) -> str:
    agreed = context.state.go_live_at is not None
    if context.days.is_over(planned):
        return f"It was planned for {day_words(planned)}, which has passed: a new day has to be agreed."
    if day == planned:
        return "This is the day that was agreed." if agreed else "This is the day of the plan; none was agreed yet."
    return f"{'Agreed' if agreed else 'Planned'} was {day_words(planned)}."


def _moved(context: PageContext, reasons: Iterable[Reason]) -> Iterator[str]:
    """Yield what moved the day most since the signature: whose work, and by how much."""
    visible = {plan.name for _, plan, _ in context.visible_work()}
    for one in sorted(reasons, key=lambda one: -abs(one.days))[:MOST_REASONS]:
        count = f"{abs(one.days)} day{'' if abs(one.days) == 1 else 's'} {'later' if one.days > 0 else 'earlier'}"
        title = f"“{one.title}”" if one.milestone in visible or one.side is None else "work"
        yield f"{count}: {title}{f', {WHOSE[one.side]}' if one.side else ''}."


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
    for side, whose in WHOSE.items():
        mine = [one for one in needed if one.side is side]
        late = sum(_is_late(one, context) for one in mine)
        if mine:
            overdue = f", {late} of them late" if late and len(mine) > 1 else ", late" if late else ""
            found.append(f"Still open before it, {whose}: {len(mine)}{overdue}.")
    return found or ["Nothing that it needs is open."]


def _is_late(milestone: Milestone, context: PageContext) -> bool:
    return context.days.is_over(due_day(milestone, context.state, context.days))
