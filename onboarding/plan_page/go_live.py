"""When the customer is expected to be live, and why: by the forecast, beside the day that was agreed."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from onboarding.forecast.reasons import ON_HOLD, SLACK, Reason
from onboarding.messages.letter_work import due_day
from onboarding.model.state import Milestone
from onboarding.model.vocabulary import STAGES, Side, Stage
from onboarding.plan_page.context import PageContext

GO_LIVE = "go_live"
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
    agreed, said = context.state.go_live_at is not None, context.words
    if context.days.is_over(planned):
        return said.day_passed.format(day=context.language.day(planned))
    if day == planned:
        return said.day_agreed if agreed else said.day_of_plan
    return (said.agreed_was if agreed else said.planned_was).format(day=context.language.day(planned))


def _moved(context: PageContext, reasons: Iterable[Reason]) -> Iterator[str]:
    """Yield what moved the day most since the signature: whose work, and by how much. The work of a side that the
    reader may not see is summed."""
    visible = {plan.name for _, plan, _ in context.visible_work()}
    said, whose = context.words, whose_work(context)
    without_side = {ON_HOLD: said.on_hold, SLACK: said.slack}
    moved = Counter[str]()
    for one in reasons:
        what = said.work_unnamed
        if one.milestone in visible or one.side is None:
            what = context.language.quoted(without_side.get(one.title, one.title))
        moved[said.work_of_side.format(what=what, whose=whose[one.side]) if one.side else what] += one.days
    for what, days in sorted(moved.items(), key=lambda one: -abs(one[1]))[:MOST_REASONS]:
        if days:
            yield context.language.count(said.later if days > 0 else said.earlier, abs(days), what=what)


def whose_work(context: PageContext) -> Mapping[Side, str]:
    """Return whose work it is in words, by side, in the order in which the reader is told."""
    said = context.words
    return {Side.CUSTOMER: said.yours, Side.VENDOR: said.ours, Side.THIRD_PARTY: said.third_partys}


def _open_work(context: PageContext) -> list[str]:
    """Return what is open before the go-live, counted by side; late work is named as late, ours too."""
    internal = {plan.name for plan in context.playbook.milestones() if plan.internal}
    before = STAGES[: STAGES.index(Stage.TRAINING) + 1]
    needed = [
        one
        for one in context.state.milestones.values()
        if one.status == "open" and one.exit and one.stage in before and one.name not in {*internal, GO_LIVE}
    ]
    found, said, number = [], context.words, context.language.formats.number
    for side, whose in whose_work(context).items():
        mine = [one for one in needed if one.side is side]
        late = sum(_is_late(one, context) for one in mine)
        told = said.open_before if not late else said.open_one_late if len(mine) == 1 else said.open_some_late
        if mine:
            found.append(told.format(whose=whose, count=number(len(mine)), late=number(late)))
    return found or [said.open_nothing]


def _is_late(milestone: Milestone, context: PageContext) -> bool:
    return context.days.is_over(due_day(milestone, context.state, context.days))
