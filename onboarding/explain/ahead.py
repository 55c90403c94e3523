"""What is due on an onboarding and not done, and what comes next."""

from datetime import datetime

from onboarding.escalations.listeners import Waits
from onboarding.health.summary import NO_STEPS
from onboarding.model.case import Case
from onboarding.model.effect import EffectLine
from onboarding.model.phrases import role_words
from onboarding.model.playbook import Playbook
from onboarding.model.review import Review, Task
from onboarding.model.vocabulary import Channel, EffectState
from onboarding.simulation.apply import decided
from onboarding.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class NextEvent:
    """A future event, or one that was due and is not done yet. ``at`` is None if no date is known."""

    at: datetime | None
    what: str
    because: str


def events_ahead(case: Case, review: Review, playbook: Playbook, waits: Waits) -> list[NextEvent]:
    """Return unsent messages, upcoming touchpoints, tasks for people and the next review: the soonest first, those
    without a date last."""
    titles = {step.name: step.title for step in playbook.steps}
    owed = [line for line in decided(case, review).effects if _is_owed(line)]
    found = [
        NextEvent(at=line.due_at, what=titles.get(line.kind, line.kind), because=waits.because(line)) for line in owed
    ]
    found += [NextEvent(at=one.due_at, what=one.title, because=one.because) for one in review.upcoming]
    found += [
        NextEvent(at=task.due_at, what=_told(task, waits), because=f"work for our {role_words(task.role)}")
        for task in review.tasks
    ]
    looks = [at for at in review.next_at.values() if at is not None and at > waits.now]
    if looks:
        found.append(
            NextEvent(at=min(looks), what="it is looked at again", because="time alone may change something then")
        )
    return sorted(dict.fromkeys(found), key=lambda one: (one.at is None, one.at.timestamp() if one.at else 0.0))


def _told(task: Task, waits: Waits) -> str:
    return f"{task.text}{waits.audience.hint(f' (`{task.command}`)') if task.command else ''}"


def _is_owed(line: EffectLine) -> bool:
    return line.kind not in NO_STEPS and line.channel is not Channel.CRM and line.state in OWED


OWED = frozenset(EffectState) - {EffectState.SENT, EffectState.CANCELLED, EffectState.DEAD}
