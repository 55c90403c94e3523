"""The work on the plan page: of both sides, with its day, who owes it, and what the readers said about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from onboarding.messages.letter_work import due_day
from onboarding.model.parties import Person
from onboarding.model.playbook import MilestonePlan
from onboarding.model.state import Milestone
from onboarding.model.vocabulary import LIVE, STAGES, CustomerRole, Side, Stage, VendorRole
from onboarding.own_tasks.plan import OwnTask
from onboarding.plan_page.context import PageContext
from onboarding.plan_page.goals.ways import WayToDo, way_to_do
from onboarding.plan_page.policy import is_own
from onboarding.shared_plan.said import NOTHING_SAID, WorkSaid
from onboarding.values import replace

AHEAD = timedelta(days=14)
"""How far ahead work of a later stage counts as the next. This project's choice."""
NEXT = 5
"""How many pieces of work of each side are the next ones. This project's choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One piece of work. ``day`` is when it was done or is due, a day of the account; None if there is none."""

    name: str
    title: str
    stage: Stage
    side: Side
    who: str
    """Who owes it, in words."""
    mine: bool
    """Whether it falls to the reader."""
    done: bool
    day: date | None
    late: bool
    when: str
    """``by 12 March 2026``, ``was due on 3 March 2026``, ``done on 3 March 2026``; empty if it has no day."""
    said: tuple[str, ...] = ()
    """What was said about it on the plan page and is open, in sentences."""
    answers: bool = False
    """Whether the reader may answer for it."""
    ticks: bool = False
    """Whether that it is done is one of the answers: first90's own records show some work by themselves."""
    way: WayToDo | None = None
    """The form by which the reader does it on the page; None where none does."""

    @property
    def ours(self) -> bool:
        """Return whether the vendor has to do it, or to see to it that a third party does."""
        return self.side is not Side.CUSTOMER


def work_of(context: PageContext) -> tuple[Work, ...]:
    """Return all work that the reader may see, by stage, in each what was done first and then what is due first."""
    said = context.said
    found = [
        _with_answers(context, _work(context, *one), one[1], said.get(one[1].name, NOTHING_SAID))
        for one in context.visible_work()
    ]
    return tuple(sorted(found, key=lambda one: (STAGES.index(one.stage), not one.done, one.day or date.max, one.title)))


def next_work(context: PageContext, work: Iterable[Work], *, ours: bool) -> tuple[Work, ...]:
    """Return the next open work of one side, what is due first comes first: of this stage and of earlier ones, and what
    is due soon. Of the customer's side it is the reader's own, and for who leads the project all of it."""
    here = context.review.progress.stage
    reached = STAGES[: STAGES.index(here) + 1] if here in STAGES else STAGES
    soon = context.today + AHEAD
    found = [
        one
        for one in work
        if not one.done
        and one.ours is ours
        and (one.stage in reached or (one.day is not None and one.day <= soon))
        and (ours or one.mine or leads(context))
    ]
    return tuple(sorted(found, key=lambda one: (one.day or date.max, one.title))[:NEXT])


def leads(context: PageContext) -> bool:
    """Return whether the reader answers for all work of their side: the champion, or anybody while there is none."""
    return CustomerRole.CHAMPION in context.roles or not context.state.holders.get(CustomerRole.CHAMPION)


def may_answer(context: PageContext, work: Work) -> bool:
    """Return whether the reader may answer for this work: it is their side's, open, and theirs or they lead."""
    return work.side is Side.CUSTOMER and not work.done and (work.mine or leads(context))


def _work(context: PageContext, stage: Stage, plan: MilestonePlan, milestone: Milestone) -> Work:
    days, done = context.days, milestone.status == "done"
    day = days.of(milestone.done_at) if done else due_day(milestone, context.state, days)
    return Work(
        name=plan.name,
        title=context.language.text(plan.title),
        stage=stage,
        side=plan.side,
        who=_who(context, plan),
        mine=_is_mine(context, plan),
        done=done,
        day=day,
        late=not done and days.is_over(day),
        when=_done(context, day) if done else days.due(day),
    )


def _done(context: PageContext, day: date | None) -> str:
    return context.words.done_on.format(day=context.days.past(day)) if day else context.words.done


def _with_answers(context: PageContext, work: Work, plan: MilestonePlan, said: WorkSaid) -> Work:
    words, language = context.words, context.language
    lines = [
        words.claimed if said.claimed else "",
        words.proposed.format(day=language.day(said.proposed_on)) if said.proposed_on else "",
        words.blocked.format(cause=language.words.blockers[said.cause]) if said.cause else "",
    ]
    answers = may_answer(context, work) and context.review.progress.status in LIVE
    told = tuple(filter(None, lines)) if work.side is Side.CUSTOMER else ()
    ticks = answers and not plan.by_itself
    return replace(work, said=told, answers=answers, ticks=ticks, way=way_to_do(plan, context) if answers else None)


def _is_mine(context: PageContext, plan: MilestonePlan) -> bool:
    """Return whether it falls to the reader: to their role, and if one person in it was named, to them."""
    if not is_own(context.roles, plan):
        return False
    named = isinstance(plan, OwnTask) and plan.person_id
    return not named or context.reader.id in {one.id for one in _owners(context, plan)}


def _owners(context: PageContext, plan: MilestonePlan) -> tuple[Person, ...]:
    """Return the holders of the customer's role that owes it, or the one of them who was named."""
    people = context.state.holders.get(CustomerRole(plan.owner), ())
    person_id = plan.person_id if isinstance(plan, OwnTask) else ""
    return tuple(one for one in people if one.id == person_id) or people


def _who(context: PageContext, plan: MilestonePlan) -> str:
    words, language = context.words, context.language
    if plan.side is Side.CUSTOMER:
        if _is_mine(context, plan):
            return words.you
        people, role = _owners(context, plan), CustomerRole(plan.owner)
        return language.formats.listed(one.name for one in people[:2]) or language.begun(language.words.roles[role])
    vendor = VendorRole(plan.owner)
    owner = context.state.team.get(vendor)
    name = owner.name if owner else language.words.titles.get(vendor, words.one_of_us)
    return name if plan.side is Side.VENDOR else words.third_party.format(name=name)
