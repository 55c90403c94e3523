"""The people of a simulation: their acts are planned from their habits, and carried out when the time comes.

They act through the same facts, usage and acknowledgements as real people; nothing here decides about an onboarding.
"""

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from onboarding.escalations.episodes import open_episode
from onboarding.model.case import Case, Fact
from onboarding.model.state import Milestone
from onboarding.model.vocabulary import FactKind, HandoffItem, Side, Stage, Status
from onboarding.review_case import Reviewed
from onboarding.simulation.apply import acknowledged, learned, used
from onboarding.simulation.behaviour import MEETING, Act, Behaviour, Habits, Situation, acts
from onboarding.tracks.running import any_left
from onboarding.usage.arrival import with_event

SOURCE = "simulation"
GOAL: Mapping[str, object] = {"metric": "time to a result", "baseline": 10, "target": 4, "unit": "hours"}
GOAL_DAYS = 60
ANSWERS = {
    HandoffItem.GOALS: "Results reach the people who need them sooner.",
    HandoffItem.SUCCESS_METRICS: "Measured in hours from request to result.",
    HandoffItem.COMMITMENTS: "Nothing beyond the contract.",
    HandoffItem.TECHNICAL_REQUIREMENTS: "Sign-in over the directory they have.",
    HandoffItem.TIMELINE: "Within the quarter.",
}
TRAINING_USE = ("task_completed", "admin_task_completed", "report_viewed")
"""Signals of daily work; before training people only log in. All users send the first, one user the others."""


@dataclass
class SimulatedPeople:
    """The people around the simulated onboardings, with the acts that they will carry out."""

    behaviour: Behaviour
    agenda: list[tuple[datetime, str, str, str]] = field(default_factory=list)
    """A heap of (when, onboarding, kind of act, name)."""
    planned: set[tuple[str, str, str]] = field(default_factory=set)
    """The acts planned so far, as (onboarding, kind of act, name): each is planned once."""
    heard: Mapping[str, datetime] = field(default_factory=dict)
    """The accounts whose usage came last, each with its last event."""

    @property
    def next_at(self) -> datetime | None:
        """Return the moment of the next act; None where none is planned."""
        return self.agenda[0][0] if self.agenda else None

    def plan_acts(self, found: Reviewed, now: datetime) -> None:
        """Plan what the people around one onboarding will do, given its present state. Once it is complete there is
        no work left of it, and the customer's people go on using the product while a track is to come or runs."""
        status = found.review.progress.status
        if status is not Status.ACTIVE and not (status is Status.COMPLETED and _goes_on(found, now)):
            return
        for act in acts(_situation(found), self._habits(found), now):
            name = (found.case.key, act.kind, act.name)
            if name not in self.planned:
                self.planned.add(name)
                heapq.heappush(self.agenda, (act.at, *name))

    def due(self, now: datetime) -> Mapping[str, list[Act]]:
        """Remove and return the acts due by ``now``, by onboarding."""
        found: dict[str, list[Act]] = {}
        while self.agenda and self.agenda[0][0] <= now:
            at, key, kind, name = heapq.heappop(self.agenda)
            found.setdefault(key, []).append(Act(at=at, kind=kind, name=name))  # type: ignore[arg-type]
        return found

    def done(self, case: Case, seen: Reviewed, doing: list[Act], now: datetime) -> Case:
        """Return the case after these acts."""
        facts, events = self.reported(seen, doing, now)
        case = learned(case, facts)
        if events:
            case = used(case, events, now, seen.playbook.windowed)
            self.heard = with_event(self.heard, case.account.id, now)
        if any(act.kind == "answer" for act in doing):
            case = acknowledged(case, _ours(seen), now)
        return case

    def reported(
        self, seen: Reviewed, doing: list[Act], now: datetime
    ) -> tuple[list[Fact], list[tuple[str, str, datetime]]]:
        """Return what these acts report: facts, and product usage as (signal, user, moment)."""
        facts = [fact for act in doing for fact in _facts(seen, act, now)]
        return facts, [event for act in doing for event in _events(seen, self._habits(seen), act)]

    def _habits(self, found: Reviewed) -> Habits:
        return self.behaviour.of(found.case.account.name)


def _goes_on(found: Reviewed, now: datetime) -> bool:
    review = found.review
    return any_left(found.playbook.tracks, found.case, review.state, review.progress, now)


def _situation(found: Reviewed) -> Situation:
    case, milestones = found.case, found.review.state.milestones
    at_work = found.review.progress.status is Status.ACTIVE
    by_mail = {plan.name for plan in found.playbook.milestones() if plan.sent}
    episode = next((one for one in found.review.episodes if one.closed_at is None), open_episode(case.episodes))
    told = at_work and episode is not None and episode.level > 0 and episode.acked_at is None
    return Situation(
        key=case.key,
        signed_at=case.signed_at,
        stage=found.review.progress.stage,
        stage_times=found.review.progress.stage_times,
        milestones=tuple(
            one for one in milestones.values() if at_work and one.status == "open" and one.name not in by_mail
        ),
        booked_at=_done_at(milestones, "kickoff_booked"),
        meets=MEETING in milestones,
        held_at=_done_at(milestones, MEETING),
        activated_at=found.review.state.activated_at,
        episode=episode.number if episode and told else None,
        told_at=episode.level_at if episode and told else None,
        zone=case.account.zone or "UTC",
        calendar=case.calendar(case.account.country),
        hours=found.playbook.pace.hours,
    )


def _facts(seen: Reviewed, act: Act, now: datetime) -> Iterator[Fact]:
    """Yield what an act reports: milestones, handoff items and goals."""
    state = seen.review.state
    theirs = act.name in state.milestones and state.milestones[act.name].side is Side.CUSTOMER
    by = seen.case.account.name if theirs else _ours(seen)
    if act.kind == "milestone":
        yield _fact(FactKind.MILESTONE, act.name, act.at, now, by, {})
    elif act.kind == "goal":
        due = (act.at + timedelta(days=GOAL_DAYS)).date().isoformat()
        yield _fact(FactKind.GOAL, str(GOAL["metric"]), act.at, now, by, {**GOAL, "due": due})
        yield _fact(FactKind.GOAL_CONFIRMED, "", act.at, now, seen.case.account.name, {})
    elif act.kind == "goal_check":
        for goal in state.goals:
            halfway = (goal.baseline + goal.target) / 2
            yield _fact(FactKind.GOAL_VALUE, goal.metric, act.at, now, by, {"value": halfway})
        yield _fact(FactKind.MILESTONE, act.name, act.at, now, by, {})
    elif act.kind == "handoff":
        for item in HandoffItem:
            if item not in state.handoff:
                yield _fact(FactKind.HANDOFF, item.value, act.at, now, _ours(seen), {"text": ANSWERS[item]})


def _events(seen: Reviewed, habits: Habits, act: Act) -> Iterator[tuple[str, str, datetime]]:
    """Yield what people do in the product, as (signal, user, moment)."""
    if act.kind == "first_value":
        plan = next(one for one in seen.playbook.milestones() if one.name == act.name)
        yield plan.signal.signal if plan.signal else act.name, _user(1), act.at
    elif act.kind == "usage":
        training = Stage.TRAINING in seen.review.progress.stage_times
        for number in range(1, habits.users + 1):
            yield "login", _user(number), act.at
            for name in TRAINING_USE[: len(TRAINING_USE) if number == 1 else 1] if training else ():
                yield name, _user(number), act.at


def _fact(kind: FactKind, name: str, at: datetime, now: datetime, by: str, value: Mapping[str, object]) -> Fact:
    key = f"{SOURCE}:{kind}:{name}"
    return Fact(key=key, kind=kind, name=name, at=at, learned_at=now, source=SOURCE, by=by, value=value)


def _ours(seen: Reviewed) -> str:
    owner = seen.review.state.owner
    return owner.email if owner else SOURCE


def _user(number: int) -> str:
    return f"person-{number}"


def _done_at(milestones: Mapping[str, Milestone], name: str) -> datetime | None:
    milestone = milestones.get(name)
    return milestone.done_at if milestone and milestone.status == "done" else None
