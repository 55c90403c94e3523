"""Stalls: why an account does not move. Each rule names the cause, whose move it is, since when, and the next step.

A rule returns a watch with the moment from which it counts, so that the stalls found and the time of the next check
come from the same values. Which rules apply, and after how long, is up to the playbook.
"""

from collections.abc import Iterable
from datetime import datetime

from onboarding.model.case import Stall
from onboarding.model.vocabulary import SEVERITIES, Stage, Status
from onboarding.review_context import ReviewContext
from onboarding.stalls import buy_in, clashes, journey, people, usage
from onboarding.stalls.context import NEXT_STEP_NAMES, StallContext, Watch

__all__ = ["ABOUT_HEALTH", "FALLING", "KINDS", "NEXT_STEP_NAMES", "find", "next_at", "watches"]

RULES = (*journey.RULES, *people.RULES, *usage.RULES, *clashes.RULES, *buy_in.RULES)
FALLING = "health_falling"
ABOUT_HEALTH = frozenset({FALLING, "value_not_shown", "few_users"})
"""Kinds that are found from the health score (``onboarding/health/interventions.py``); they never count in it."""
KINDS = journey.KINDS | people.KINDS | usage.KINDS | clashes.KINDS | buy_in.KINDS | ABOUT_HEALTH
"""Every kind for which a playbook may give a rule."""


def watches(context: ReviewContext) -> tuple[Watch, ...]:
    """Return every watched cause. Nothing stalls while on hold, or once completed or closed. Pure."""
    if context.progress.status is not Status.ACTIVE or context.progress.stage is Stage.DONE:
        return ()
    stall_context = StallContext.of(context)
    return tuple(watch for rule in RULES for watch in rule(stall_context))


def find(watched: Iterable[Watch], now: datetime) -> tuple[Stall, ...]:
    """Return the stalls at ``now`` (UTC), most severe first, then the oldest."""
    found = [watch.as_stall(now) for watch in watched]
    return tuple(sorted((stall for stall in found if stall is not None), key=_rank))


def next_at(watched: Iterable[Watch], now: datetime) -> datetime | None:
    """Return the next moment (UTC, after ``now``) at which the passing of time makes a stall appear or worsen, or
    None."""
    moments = [watch.next_at(now) for watch in watched]
    return min((at for at in moments if at is not None), default=None)


def _rank(stall: Stall) -> tuple[int, datetime, str]:
    return SEVERITIES.index(stall.severity), stall.since, stall.kind
