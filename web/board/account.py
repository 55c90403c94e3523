"""The values of the page of one account, from the picture of its onboarding."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from onboarding.account_plan.markdown import sections
from onboarding.account_plan.plan import account_plan, is_due
from onboarding.board.health_curve import health_curve
from onboarding.board.timeline import timeline
from onboarding.clashes.clash import read_clashes
from onboarding.clashes.words import state_words
from onboarding.explain.cover_words import cover_sentences, transfer_sentences, unheld_sentences
from onboarding.facts.goal_words import aim_sentences, goal_sentence
from onboarding.facts.milestones import IN_TRIAL
from onboarding.facts.ticket_topics import topics
from onboarding.health.score import health
from onboarding.metrics.clocks import WORKING_DAY, clock_of
from onboarding.model.phrases import day_words, near_day_words, role_words
from onboarding.model.reports import known
from onboarding.model.state import Goal, Milestone
from onboarding.model.vocabulary import CustomerRole, Side, Stage, Status
from onboarding.people.recipients import unwritten
from onboarding.profiles.buy_in_words import person_sentences
from onboarding.usage.by_role import role_sentences
from onboarding.usage.product_users import ProductUser
from tasks.views.picture import Picture

WIDE, HIGH = 300, 60
"""Size of a goal's curve: the target is its upper edge, the baseline its lower one."""


@dataclass(frozen=True, slots=True)
class StageStep:
    """One stage of the onboarding: ``done``, ``now`` or ``ahead``, and since or until when."""

    stage: Stage
    state: str
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One milestone as the page shows it; ``tag`` is its colour, if any."""

    stage: Stage
    title: str
    side: str
    exit: bool
    told: str
    tag: str = ""

    @property
    def order(self) -> int:
        """Return the position of its stage."""
        return list(Stage).index(self.stage)


@dataclass(frozen=True, slots=True)
class StageHours:
    """The working days of one stage by the side whose move it was."""

    stage: Stage
    days: Mapping[Side, float]


@dataclass(frozen=True, slots=True)
class GoalView:
    """One goal: its sentence, and the curve of its values as points of a picture; empty with fewer than two."""

    sentence: str
    points: str = ""
    described: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """One of the customer's people, with why no mail reaches them."""

    name: str
    email: str | None
    roles: str
    note: str
    told: tuple[str, ...] = ()
    """Where they stand and what matters to them, a sentence each."""


def account_view(seen: Picture) -> Mapping[str, Any]:
    """Return the values of ``account.html``. Pure."""
    state = seen.review.state
    return {
        "now": seen.now,
        "line": seen.summary.as_json(),
        "why": seen.explained(),
        "path": list(_path(seen)),
        "forecast": seen.forecast if seen.forecast and seen.forecast.stages else None,
        "work": [_work(one, seen.now) for one in seen.review.milestones],
        "health": health(seen.case, state, seen.review.stalls, seen.now, seen.playbook.health_weights).parts,
        "curve": health_curve(seen.review.progress, seen.now, known_now=seen.summary.health is not None),
        "goals": [
            *map(GoalView, aim_sentences(known(seen.case.facts, seen.now))),
            *map(_goal, state.goals),
            *(GoalView(f"{one.text} (lacks {one.lacks})") for one in state.vague_goals),
        ],
        "promises": state.promises,
        "clashes": [(one, state_words(one)) for one in read_clashes(seen.case.facts, seen.now)],
        "surveys": state.surveys,
        "topics": topics(((seen.case.key, one) for one in state.tickets), seen.now),
        "plan": sections(account_plan(seen.case, seen.review)) if is_due(seen.review) else (),
        "people": list(_people(seen)),
        "users": list(map(_user, seen.users)),
        "few": list(role_sentences(seen.roles)),
        "team": list(state.team.items()),
        "covers": [
            *transfer_sentences(state.transfer),
            *cover_sentences(state.covers),
            *unheld_sentences(seen.review),
        ],
        "clock": _clock(seen),
        "history": timeline(seen.case.facts, seen.effects, seen.journal, _titles(seen)),
    }


def _titles(seen: Picture) -> Mapping[str, str]:
    """Return the titles of steps and milestones by their names."""
    return {
        **{step.name: step.title for step in seen.playbook.steps},
        **{plan.name: plan.title for plan in seen.playbook.milestones()},
    }


def _clock(seen: Picture) -> Sequence[StageHours]:
    """Return whose clock ran in each stage, in working days."""
    return [
        StageHours(stage, {side: spent.get(side, 0.0) / WORKING_DAY for side in Side})
        for stage, spent in clock_of(seen.case, seen.review, seen.playbook, seen.now).items()
    ]


def _user(one: ProductUser) -> ProductUser:
    return replace(one, roles=tuple(map(role_words, one.roles)))


def _path(seen: Picture) -> Iterable[StageStep]:
    times, here = seen.review.progress.stage_times, seen.review.progress.stage
    over = seen.review.progress.status is Status.COMPLETED
    stages = list(Stage)
    for number, stage in enumerate(stages):
        entered = times.get(stage)
        if stage is here and not over:
            due = seen.review.stage_due_at
            yield StageStep(stage, "now", f"until {day_words(due)}" if due else "end not known yet")
        elif number <= stages.index(here):
            left = times.get(stages[number + 1]) if number + 1 < len(stages) else entered
            yield StageStep(stage, "done", f"done {day_words(left)}" if left else "done")
        else:
            yield StageStep(stage, "ahead", "")


def _work(one: Milestone, now: datetime) -> Work:
    told, tag = one.status.replace("_", " "), ""
    if one.status == "done":
        told, tag = f"done {near_day_words(one.done_at, now)}" if one.done_at else "done", "done"
        told = f"{told}, {IN_TRIAL}" if one.reason == IN_TRIAL else told
    elif one.status == "open" and one.due_at is not None:
        late = one.due_at < now
        told, tag = f"{'was due' if late else 'due'} {near_day_words(one.due_at, now)}", "late" if late else ""
    return Work(stage=one.stage, title=one.title, side=one.side.value, exit=one.exit, told=told, tag=tag)


def _goal(goal: Goal) -> GoalView:
    if len(goal.values) < 2:
        return GoalView(goal_sentence(goal))
    first, last = goal.values[0].at, goal.values[-1].at
    span = (last - first).total_seconds() or 1.0
    points = []
    for one in goal.values:
        way = (one.value - goal.baseline) / (goal.target - goal.baseline)
        points.append(f"{WIDE * (one.at - first).total_seconds() / span:.1f},{HIGH * (1 - min(max(way, 0), 1)):.1f}")
    told = ", ".join(f"{one.value:g} on {day_words(one.on)}" for one in goal.values)
    return GoalView(goal_sentence(goal), " ".join(points), f"{goal.metric}: {told}; target {goal.target:g}")


def _people(seen: Picture) -> Iterable[Contact]:
    holders = seen.review.state.holders
    reported = [person for people in holders.values() for person in people]
    people = {person.id: person for person in (*seen.case.people, *reported)}
    kept = {one.id: one.because for one in unwritten(seen.case, seen.review.state, people.values())}
    gone = {left.id for left, _ in seen.review.state.left}
    for person in people.values():
        roles = ", ".join(role_words(role) for role in CustomerRole if person in holders.get(role, ()))
        note = "has left" if person.id in gone else f"not written to: {kept[person.id]}" if person.id in kept else ""
        yield Contact(person.name, person.email, roles, note, person_sentences(seen.review.state, person.id))
