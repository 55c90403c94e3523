"""What the shared plan shows to one reader: work of both sides, goals with their figures (GO-5). Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from onboarding.forms.form import Option
from onboarding.messages.crm_texts import greeted
from onboarding.messages.letter_goals import goal_part
from onboarding.messages.letter_parts import GoalPart
from onboarding.messages.resources import ResourcePart
from onboarding.model.state import Goal, Promise
from onboarding.model.vocabulary import LIVE, STAGES, CustomerRole, PromiseState, Stage, Status
from onboarding.model.written.track import Phase
from onboarding.plan_page.calls.shown import NextCall, OpenCall, next_call, open_call
from onboarding.plan_page.clashes.shown import ClashView, clash_views
from onboarding.plan_page.context import PageContext
from onboarding.plan_page.go_live import GoLive, go_live
from onboarding.plan_page.goals.forms import may_state
from onboarding.plan_page.people import Contact, colleagues, team
from onboarding.plan_page.policy import Section, may_see
from onboarding.plan_page.profiles.shown import ProfileView, profile_view
from onboarding.plan_page.reader_forms import faces
from onboarding.plan_page.status_mails import paces
from onboarding.plan_page.tasks.forms import may_add
from onboarding.plan_page.useful import resources_of_page
from onboarding.plan_page.work import Work, next_work, work_of
from onboarding.tracks.running import ends_of_running


@dataclass(frozen=True, slots=True, kw_only=True)
class StageView:
    """One stage: ``done``, ``now`` or ``ahead``, when, and how much of its work the reader sees done."""

    stage: Stage
    title: str
    state: str
    told: str
    counted: str
    """How many of its pieces of work are done; empty where the reader sees none."""
    done: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalView:
    """A goal and its way from the baseline (0) to the target (100); None while no value is known."""

    number: int
    """Its place among the goals."""
    part: GoalPart
    share: int | None
    reached: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """One thing that was agreed, and what came of it."""

    text: str
    state: str
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPage:
    """The content of the page; what the reader may not see is empty."""

    account: str
    reader: str
    first_name: str
    part: str
    stages: tuple[StageView, ...]
    here: str
    """What happens in the current stage, in a sentence; empty at the end."""
    onwards: str
    """What goes on after first value, and until when, in a sentence; empty where no track of the phase runs."""
    held: bool
    """Whether the onboarding is on hold."""
    yours: tuple[Work, ...]
    ours: tuple[Work, ...]
    work: tuple[Work, ...]
    resources: tuple[ResourcePart, ...]
    """Documents, videos and guides for the reader's next work; empty once the onboarding is over."""
    goals: tuple[GoalView, ...]
    states: bool
    """Whether the reader may state a goal."""
    adds: bool
    """Whether the reader may add work of their side."""
    go_live: GoLive
    team: tuple[Contact, ...]
    colleagues: tuple[Contact, ...]
    call: NextCall | None
    to_agree: OpenCall | None
    """The call whose time the reader can agree on."""
    agreed: tuple[Agreed, ...]
    clashes: tuple[ClashView, ...]
    """Conflicts of priorities."""
    profile: ProfileView
    """What matters to the reader, and what is asked of them."""
    live: bool
    """Whether the reader may answer."""
    paces: bool
    """Whether the reader gets status mails, and may choose how often."""
    faces: tuple[Option, ...]
    """The answers to how it goes."""
    today: date
    """The reader's day."""


def plan_page(context: PageContext) -> PlanPage:
    """Return what the page shows to its reader now."""
    work, progress = work_of(context), context.review.progress
    yours = next_work(context, work, ours=False)
    roles = [role for role in CustomerRole if role in context.roles]
    plan = context.playbook.stages.get(progress.stage)
    return PlanPage(
        account=context.case.account.name,
        reader=context.reader.name,
        first_name=greeted(context.reader),
        part=context.language.formats.listed(context.language.words.roles[role] for role in roles),
        stages=tuple(_stages(context, work)),
        here=context.language.text(plan.customer_sees) if plan is not None else "",
        onwards=_onwards(context),
        held=progress.status is Status.ON_HOLD,
        yours=yours,
        ours=next_work(context, work, ours=True),
        work=work,
        resources=resources_of_page(context, yours) if progress.status in LIVE else (),
        goals=tuple(_goals(context)) if may_see(context.roles, Section.GOALS) else (),
        states=progress.status in LIVE and may_state(context),
        adds=may_add(context),
        go_live=go_live(context),
        team=tuple(team(context)),
        colleagues=tuple(colleagues(context)),
        call=next_call(context),
        to_agree=open_call(context),
        agreed=tuple(_agreed(context)) if may_see(context.roles, Section.AGREED) else (),
        clashes=tuple(clash_views(context)) if may_see(context.roles, Section.CLASHES) else (),
        profile=profile_view(context),
        live=progress.status in LIVE,
        paces=progress.status in LIVE and bool(paces(context)),
        faces=faces(context),
        today=context.today,
    )


def _stages(context: PageContext, work: tuple[Work, ...]) -> Iterator[StageView]:
    progress, days = context.review.progress, context.days
    completed = progress.status is Status.COMPLETED or progress.stage is Stage.DONE
    here = len(STAGES) if completed else STAGES.index(progress.stage)
    said, number = context.words, context.language.formats.number
    for index, stage in enumerate(STAGES):
        mine = [one for one in work if one.stage is stage]
        left_at = progress.stage_times.get(STAGES[index + 1] if index + 1 < len(STAGES) else Stage.DONE)
        if index < here:
            state, told = "done", said.stage_done
            told = said.stage_done_on.format(day=days.happened(left_at)) if left_at else told
        elif index == here:
            due_at = context.review.stage_due_at
            until = said.stage_over if days.is_over(days.of(due_at)) else said.stage_until
            state, told = "now", until.format(day=days.words(due_at)) if due_at else said.stage_now
        else:
            state, told = "ahead", said.stage_ahead
        done = sum(one.done for one in mine)
        yield StageView(
            stage=stage,
            title=context.language.words.stages[stage],
            state=state,
            told=told,
            counted=said.done_of.format(done=number(done), all=number(len(mine))) if mine else "",
            done=done,
            of=len(mine),
        )


def _onwards(context: PageContext) -> str:
    """Return the phase after first value in the customer's words, while something of it runs (ST-10, ST-15)."""
    review, said = context.review, context.words
    ends = ends_of_running(context.playbook.tracks, context.case, context.state, review.progress, context.now)
    ends_at = ends.get(review.phase)
    sentence = said.phase_tertiary if review.phase is Phase.TERTIARY else said.phase_secondary
    return sentence.format(day=context.language.day(context.days.of(ends_at))) if ends_at else ""


def _goals(context: PageContext) -> Iterator[GoalView]:
    found = [
        GoalView(number=number, part=goal_part(goal, context.days), share=_share(goal), reached=goal.reached)
        for number, goal in enumerate(context.state.goals)
    ]
    yield from sorted(found, key=lambda one: one.part.past)


def _share(goal: Goal) -> int | None:
    return None if goal.progress is None else round(min(max(goal.progress, 0.0), 1.0) * 100)


def _agreed(context: PageContext) -> Iterator[Agreed]:
    for promise in context.state.promises:
        if promise.state is not PromiseState.OPEN:
            yield Agreed(text=promise.text, state=promise.state.value, told=_settled(context, promise))
        else:
            late = context.days.is_over(promise.due)
            told = context.days.due(promise.due) or context.words.no_day_agreed
            yield Agreed(text=promise.text, state="late" if late else "open", told=told)


def _settled(context: PageContext, promise: Promise) -> str:
    said, kept = context.words, promise.state is PromiseState.KEPT
    if not promise.settled_at:
        return said.kept if kept else said.not_kept
    return (said.kept_on if kept else said.not_kept_on).format(day=context.days.happened(promise.settled_at))
