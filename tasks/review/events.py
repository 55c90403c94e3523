"""The events of a saved review: a stage entered, an account stalled, an account activated."""

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime

from onboarding.review_case import Reviewed
from tasks.runtime.reports import OnboardingEvent

NEVER = datetime.min.replace(tzinfo=UTC)


def what_happened(saved: Sequence[Reviewed], activated_before: Collection[str]) -> tuple[OnboardingEvent, ...]:
    """Return the events of these reviews, which were just saved: each once, because a review is saved once. Ids only.

    What happened before an onboarding was adopted is left out.
    """
    return tuple(event for one in saved for event in _events(one, activated_before))


def _events(one: Reviewed, activated_before: Collection[str]) -> Iterator[OnboardingEvent]:
    key, stage = one.case.key, one.review.progress.stage
    common = {"account": one.case.account.id, "tier": one.review.state.tier}
    taken_over = one.review.progress.adopted_at or NEVER
    entered_at = one.review.progress.stage_times.get(stage)
    if stage is not one.case.progress.stage and entered_at and entered_at >= taken_over:
        yield OnboardingEvent(name="stage.entered", about=key, details={**common, "stage": stage.value})
    known = {episode.number for episode in one.case.episodes}
    for episode in one.review.episodes:
        if episode.number not in known and episode.closed_at is None:
            details = {"stage": stage.value, "kind": episode.kind, "episode": str(episode.number)}
            yield OnboardingEvent(name="account.stalled", about=key, details={**common, **details})
    activated_at = one.review.state.activated_at
    if activated_at and activated_at >= taken_over and key not in activated_before:
        yield OnboardingEvent(name="account.activated", about=key, details={**common, "stage": stage.value})
