"""Why an account stands still: each rule names the cause, whose move it is, since when, and the next step.

A rule states its case as a watch with the moment from which it counts, so that what is found and when to
look again come from the same place and cannot disagree. Which rules apply, and after how long, is the
playbook's to say.
"""

from datetime import datetime

from onboarding.case import Case, Progress, Stall
from onboarding.playbook import Playbook
from onboarding.stalls import journey, people, usage
from onboarding.stalls.ground import NEXT_STEP_NAMES, Ground, Watch
from onboarding.standing import Criterion, Standing
from onboarding.words import Stage, Status

__all__ = ["KINDS", "NEXT_STEP_NAMES", "SEVERITIES", "find", "next_at"]

SEVERITIES = ("critical", "warning", "low")
"""Most severe first."""
RULES = (*journey.RULES, *people.RULES, *usage.RULES)
KINDS = journey.KINDS | people.KINDS | usage.KINDS
"""Every kind that a playbook may give a rule for."""


def find(
    case: Case,
    standing: Standing,
    progress: Progress,
    criteria: tuple[Criterion, ...],
    playbook: Playbook,
    now: datetime,
    lost: tuple[Criterion, ...] = (),
) -> tuple[Stall, ...]:
    """The stalls at ``now`` (UTC), most severe first, then the oldest.

    ``criteria`` are the exit criteria of the stage it is in, ``lost`` those of stages already left that no
    longer hold. Nothing stalls while on hold, once completed or closed. Pure; safe to repeat.
    """
    found = [watch.as_stall(now) for watch in _watches(case, standing, progress, criteria, playbook, now, lost)]
    return tuple(sorted((stall for stall in found if stall is not None), key=_rank))


def next_at(
    case: Case,
    standing: Standing,
    progress: Progress,
    criteria: tuple[Criterion, ...],
    playbook: Playbook,
    now: datetime,
    lost: tuple[Criterion, ...] = (),
) -> datetime | None:
    """The next moment (UTC, after ``now``) at which time alone makes a stall appear or worsen; None if none
    does."""
    watches = _watches(case, standing, progress, criteria, playbook, now, lost)
    moments = [watch.next_at(now) for watch in watches]
    return min((at for at in moments if at is not None), default=None)


def _watches(
    case: Case,
    standing: Standing,
    progress: Progress,
    criteria: tuple[Criterion, ...],
    playbook: Playbook,
    now: datetime,
    lost: tuple[Criterion, ...],
) -> tuple[Watch, ...]:
    if progress.status is not Status.ACTIVE or progress.stage is Stage.DONE:
        return ()
    ground = Ground(
        case=case,
        standing=standing,
        progress=progress,
        criteria=criteria,
        playbook=playbook,
        now=now,
        lost=lost,
    )
    return tuple(watch for rule in RULES for watch in rule(ground))


def _rank(stall: Stall) -> tuple[int, datetime, str]:
    return SEVERITIES.index(stall.severity), stall.since, stall.kind
