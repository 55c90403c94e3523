"""The phase of a customer, and which tracks run, from when to when, and whether their steps are wanted now. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from onboarding.dates.anchors import dates, moment, shift
from onboarding.model.case import Case, Progress
from onboarding.model.phrases import day_words
from onboarding.model.state import OnboardingState
from onboarding.model.vocabulary import Stage
from onboarding.model.written.track import Phase, Track
from onboarding.review_context import ReviewContext
from onboarding.tracks.in_use import find_use
from onboarding.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackState:
    """One track of an onboarding at a moment."""

    track: Track
    begins_at: datetime | None
    """In UTC; None while it is not known."""
    ends_at: datetime | None
    unwanted: str = ""
    """Why nothing of it is sent now, in words; empty where it may be."""
    used: bool = False
    """Whether the product is in use as far as that is known."""

    def runs(self, now: datetime) -> bool:
        """Return whether ``now`` is between its beginning and its end."""
        return self.begins_at is not None and self.ends_at is not None and self.begins_at <= now < self.ends_at

    def over(self, now: datetime) -> bool:
        """Return whether its end has passed."""
        return self.ends_at is not None and self.ends_at <= now


def track_states(context: ReviewContext) -> tuple[TrackState, ...]:
    """Return the tracks of the playbook in their order, as they are for this onboarding."""
    return tuple(_state(context, track) for track in context.playbook.tracks)


def ends_of_running(
    tracks: Iterable[Track], case: Case, state: OnboardingState, progress: Progress, now: datetime
) -> Mapping[Phase, datetime]:
    """Return when what runs at ``now`` (UTC) ends, by its phase; whether the product is in use is not asked."""
    spans = ((track, _span(track, case, state, progress, now)) for track in tracks)
    return {track.phase: span[1] for track, span in spans if span and span[0] <= now < span[1]}


def any_left(tracks: Iterable[Track], case: Case, state: OnboardingState, progress: Progress, now: datetime) -> bool:
    """Return whether one of these tracks runs at ``now`` (UTC) or is still to begin on a day that is known."""
    spans = (_span(track, case, state, progress, now) for track in tracks)
    return any(span is not None and now < span[1] for span in spans)


def phase_of(state: OnboardingState, tracks: tuple[TrackState, ...], now: datetime) -> Phase:
    """Return the phase at ``now`` (UTC): primary until first value, then secondary, and tertiary from the beginning of
    a tertiary track on, while the product is in use as far as that is known (ST-10)."""
    if state.activated_at is None:
        return Phase.PRIMARY
    further = (one for one in tracks if one.track.phase is Phase.TERTIARY and one.used)
    grown = any(one.begins_at is not None and one.begins_at <= now for one in further)
    return Phase.TERTIARY if grown else Phase.SECONDARY


def track_moments(tracks: tuple[TrackState, ...], now: datetime) -> tuple[datetime, ...]:
    """Return when a track begins or ends after ``now`` (UTC): the phase and what is said of it change then."""
    return tuple(at for one in tracks for at in (one.begins_at, one.ends_at) if at is not None and at > now)


def track_sentences(tracks: tuple[TrackState, ...], now: datetime) -> tuple[str, ...]:
    """Return a sentence for each track that runs or is ahead with a known date."""
    said = []
    for one in tracks:
        named = f"“{one.track.title}” ({one.track.phase})"
        if one.begins_at is None or one.ends_at is None or one.over(now):
            continue
        if not one.runs(now):
            said.append(f"{named} begins on {day_words(one.begins_at)}.")
        elif one.unwanted:
            said.append(f"{named} runs until {day_words(one.ends_at)}, and nothing of it is sent: {one.unwanted}.")
        else:
            said.append(f"{named} runs until {day_words(one.ends_at)}.")
    return tuple(said)


def _state(context: ReviewContext, track: Track) -> TrackState:
    span = _span(track, context.case, context.state, context.progress, context.now)
    if span is None:
        return TrackState(track=track, begins_at=None, ends_at=None)
    unwanted, used = find_use(context, track)
    return TrackState(track=track, begins_at=span[0], ends_at=span[1], unwanted=unwanted, used=used)


def _span(
    track: Track, case: Case, state: OnboardingState, progress: Progress, now: datetime
) -> tuple[datetime, datetime] | None:
    """Return its beginning and its end; None while they are not known."""
    if track.begins.anchor == "stage":
        anchor_at = progress.stage_times.get(Stage.DONE)
    else:
        anchor_at = dates(case, state).get(track.begins.anchor)
    begins_at = moment(track.begins, anchor_at, case, now)
    if begins_at is None:
        return None
    return begins_at, shift(begins_at + timedelta(days=track.days), begins_at, case.holds, now)
