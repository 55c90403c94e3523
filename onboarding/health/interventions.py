"""Stalls that the health score opens: a fall, and users and customer out of balance (HS-3, FM-18, FM-19).

They are found like all others, by rules of the playbook, but do not count in the score that they come from.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

from onboarding.health.quadrant import Imbalance, quadrant
from onboarding.health.score import YELLOW, Health
from onboarding.health.trend import History, last_fall
from onboarding.model.vocabulary import LIVE, Side, Stage, Status, VendorRole
from onboarding.review_context import ReviewContext
from onboarding.sentences.sentence import Value, sentence
from onboarding.sentences.terms import health_part, utc_day
from onboarding.stalls import FALLING
from onboarding.stalls.context import Cause, StallContext, Watch

Unbalanced = tuple[Imbalance | None, datetime | None]
"""Which side is behind, and since when reviews have seen it so."""


def imbalance(context: ReviewContext, found: Health) -> Unbalanced:
    """Return which side is behind, and since when reviews have seen it so; as saved while nothing is watched."""
    saved = context.case.progress.unbalanced_at
    if not _watched(context):
        return None, saved
    side = quadrant(found.parts).imbalance(already=saved is not None)
    return side, None if side is None else saved or context.now


def watches(context: ReviewContext, found: Health, history: History, unbalanced: Unbalanced) -> Iterator[Watch]:
    """Yield a watch for a fall of the score, and one while users and customer are out of balance (``imbalance``).

    The texts name nothing that moves with every review: an episode is told anew only when its cause is another.
    """
    if not _watched(context):
        return
    fall = last_fall(history, context.now)
    if fall is not None:
        weak = [part.name for part in found.parts if part.score is not None and part.score < YELLOW]
        fell: dict[str, Value] = {"before": fall.before, "after": fall.after, "day": utc_day(fall.at)}
        parts = tuple(map(health_part, weak))
        text = (
            sentence("stalls.health_falling_weak", parts=parts, **fell)
            if weak
            else sentence("stalls.health_falling", **fell)
        )
        cause = Cause(text=text, waiting_on=Side.VENDOR, owner_role=VendorRole.CSM.value, anchor=fall.at)
        yield from StallContext.of(context).watch(FALLING, cause)
    side, since = unbalanced
    if side is not None and since is not None:
        cause = Cause(
            text=sentence(f"stalls.{side.value}"), waiting_on=Side.VENDOR, owner_role=VendorRole.CSM.value, anchor=since
        )
        yield from StallContext.of(context).watch(side.value, cause)


def looks_again_at(context: ReviewContext, found: Health, history: History, opened: bool) -> datetime | None:
    """Return the start of the next day (UTC) where it may change something: while the health has opened a stall, which
    passes with time, and where today's entry of the history is not the present score, known or not; one that is over
    has no entry more. Else None."""
    now, live = context.now, context.progress.status in LIVE
    behind = live and bool(history) and history[-1][1] != found.score
    if not opened and not behind:
        return None
    return datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time(), UTC)


def _watched(context: ReviewContext) -> bool:
    return context.progress.status is Status.ACTIVE and context.progress.stage is not Stage.DONE
