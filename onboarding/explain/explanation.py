"""The explanation of an onboarding in plain words: what is missing, whose move it is, what happens next and when."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from onboarding.clashes.clash import read_clashes
from onboarding.clashes.words import clash_sentences
from onboarding.dates.anchors import COUNT_FROM_SIGHT
from onboarding.dates.wording import AT_THE_TERMINAL, Audience
from onboarding.escalations.episodes import merged, open_episode, unresolved
from onboarding.escalations.listeners import Waits, told_sentences
from onboarding.explain.ahead import NextEvent, events_ahead
from onboarding.explain.cover_words import cover_sentences, transfer_sentences, unheld_sentences
from onboarding.explain.health_words import health_sentences
from onboarding.explain.stops import halts, stopped
from onboarding.explain.usage_words import usage_notes
from onboarding.explain.whose_move import whose_move
from onboarding.facts.goal_words import aim_sentences, goal_sentence
from onboarding.facts.renewal import renewal_sentences
from onboarding.health.summary import plain
from onboarding.model.case import Case
from onboarding.model.phrases import (
    day_words,
    role_words,
    span_words,
    stage_words,
)
from onboarding.model.playbook import Playbook
from onboarding.model.reports import known
from onboarding.model.review import Review
from onboarding.model.vocabulary import Channel, Stage, Status
from onboarding.model.written.track import Phase
from onboarding.people.recipients import unwritten
from onboarding.simulation.apply import decided
from onboarding.values import dataclass

GIVEN_UP = (Status.CHURNED, Status.CANCELLED)
"""Statuses that end an onboarding, so nothing is missing or late."""
SOON = 5
"""How many of the next events are listed. This project's choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """An exit criterion that is not met yet."""

    name: str
    text: str
    side: str
    owner_role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Everything that ``explain`` says of one onboarding."""

    onboarding: str
    account: str
    where: str
    stopped: tuple[str, ...]
    """Why nothing moves or nothing is sent: stopped, blocked, on hold, closed, outside the pilot."""
    first_sight: str | None
    """Both moments, if the deal was first seen later than it was signed, and what counts from which."""
    missing: tuple[Missing, ...]
    whose_move: str | None
    stalls: tuple[str, ...]
    unwritten: tuple[str, ...]
    """The contacts who get no automated mail, each with the reason."""
    waiting: tuple[NextEvent, ...]
    """What is due and not done."""
    next: tuple[NextEvent, ...]
    goals: tuple[str, ...] = ()
    """Each measurable goal, how far it has come, and whether it is only assumed."""
    renewal: tuple[str, ...] = ()
    """What a person expects at the renewal, and why."""
    clashes: tuple[str, ...] = ()
    """Each conflict of priorities, and what was decided."""
    health: tuple[str, ...] = ()
    """The health score with its sum, and what follows from it."""
    accountable: tuple[str, ...] = ()
    """Who is accountable, why and until when, where an onboarding specialist hands over to the CSM."""
    tracks: tuple[str, ...] = ()
    """What follows first value, while it runs or is ahead."""
    unheld: tuple[str, ...] = ()
    """Roles that the plan needs and that nobody holds."""
    covers: tuple[str, ...] = ()
    """Who covers for whom while one of the vendor's people is away."""
    forecast: str | None = None
    clock: str | None = None
    """Whose clock ran so far, in working days."""
    usage: tuple[str, ...] = ()
    """Product usage that is unknown, kept back, or the vendor's own."""

    @property
    def lines(self) -> tuple[str, ...]:
        """Return the explanation as lines of text."""
        return self.lines_for(AT_THE_TERMINAL)

    def lines_for(self, audience: Audience) -> tuple[str, ...]:
        """Return the same for an audience, for which it was made."""
        said = [self.where, *self.tracks, *filter(None, [self.forecast, self.first_sight])]
        said += [*self.stopped, *self.accountable, *self.covers, *self.unheld]
        if self.missing:
            said += ["To leave the stage it still needs:", *(f"- {one.text}" for one in self.missing)]
        if self.whose_move:
            said.append(f"Whose move: {self.whose_move}.")
        said += [self.clock] if self.clock else []
        if self.stalls:
            said += ["It stands still because:", *(f"- {stall}" for stall in self.stalls)]
        if self.unwritten:
            said += ["Not written to by first90:", *(f"- {one}" for one in self.unwritten)]
        if self.waiting:
            said += [
                "Due and not done yet:",
                *(f"- {one.what}, since {_when(one.at, audience)} ({one.because})" for one in self.waiting),
            ]
        if self.next:
            said += [
                "What happens next:",
                *(f"- {_when(one.at, audience)}: {one.what}; {one.because}" for one in self.next),
            ]
        if self.goals:
            said += ["Goals:", *(f"- {goal}" for goal in self.goals)]
        said += ["Priorities that clash:", *(f"- {one}" for one in self.clashes)] if self.clashes else []
        return (*said, *self.renewal, *self.health, *self.usage)

    def as_json(self) -> dict[str, Any]:
        """Return the explanation as plain values."""
        return {name: plain(value) for name, value in asdict(self).items()}


def explain(
    case: Case, review: Review, playbook: Playbook, now: datetime, halted: Mapping[Channel, str] | None = None
) -> Explanation:
    """Return why the onboarding is where it is at ``now`` (UTC), from the review of that moment. ``halted`` are the
    channels on which nothing is sent now, each with the reason. Pure."""
    return explain_to(case, review, playbook, Waits(now=now, halted=halted or {}))


def explain_to(case: Case, review: Review, playbook: Playbook, waits: Waits) -> Explanation:
    """Return the same in the words for an audience, at the moment of ``waits``. Pure."""
    now, audience = waits.now, waits.audience
    ahead = events_ahead(case, review, playbook, waits)
    missing = tuple(
        Missing(name=one.name, text=one.text, side=one.side.value, owner_role=one.owner_role)
        for one in review.criteria
        if not one.met and review.progress.status not in GIVEN_UP
    )
    return Explanation(
        onboarding=case.key,
        account=case.account.name,
        where=_where(case, review, now),
        tracks=review.tracks,
        stopped=(*stopped(case, review, waits), *halts(waits)),
        first_sight=_first_sight(case, review, audience),
        missing=missing,
        whose_move=whose_move(review),
        stalls=_stalls(case, review, playbook, waits),
        unwritten=tuple(
            f"{one.name}{f' ({role_words(one.role)})' if one.role else ''} {one.because}"
            for one in unwritten(case, review.state)
        ),
        waiting=tuple(one for one in ahead if one.at is not None and one.at <= now),
        next=tuple(one for one in ahead if one.at is None or one.at > now)[:SOON],
        goals=(*aim_sentences(known(case.facts, now)), *map(goal_sentence, review.state.goals)),
        renewal=renewal_sentences(case, now),
        clashes=clash_sentences(read_clashes(case.facts, now)),
        health=tuple(health_sentences(case, review, playbook, now)),
        accountable=tuple(transfer_sentences(review.state.transfer)),
        unheld=unheld_sentences(review),
        covers=tuple(cover_sentences(review.state.covers, audience)),
        usage=tuple(usage_notes(case.usage, now, audience)),
    )


def _first_sight(case: Case, review: Review, audience: Audience) -> str | None:
    if case.begins_at == case.signed_at or review.progress.stage not in COUNT_FROM_SIGHT:
        return None
    return (
        f"Signed on {day_words(case.signed_at)}, first seen on {audience.moment(case.begins_at)}: "
        f"the dates of handoff and kickoff count from then."
    )


def _where(case: Case, review: Review, now: datetime) -> str:
    progress = review.progress
    day = max((now - case.signed_at).days, 0)
    start = f"{case.account.name} is in {stage_words(progress.stage)} on day {day} after its signature"
    if progress.stage is Stage.DONE:
        ended = f"{case.account.name} has been through all five stages, on day {day} after its signature"
        return f"{ended}." if review.phase is Phase.PRIMARY else f"{ended}; its phase is {review.phase}."
    entered = progress.stage_times.get(progress.stage)
    if entered is not None:
        start += f", since {day_words(entered)} ({span_words(now - entered)})"
    if progress.status in GIVEN_UP:
        return f"{start}."
    due = review.stage_due_at
    if due is None:
        return f"{start}; until when is not known yet."
    if due < now:
        return f"{start}; it should have ended by {day_words(due)}, {span_words(now - due)} ago."
    return f"{start}; it should end by {day_words(due)}."


def _stalls(case: Case, review: Review, playbook: Playbook, waits: Waits) -> tuple[str, ...]:
    episodes = merged(case.episodes, review.episodes)
    live = unresolved(episodes, review.stalls)
    said = [f"{one.cause} ({one.severity}, since {day_words(one.since)})" for one in live]
    said += [f"{one.cause} (called resolved)" for one in review.stalls if one not in live]
    episode = open_episode(episodes)
    if episode is not None and episode.level:
        said += told_sentences(decided(case, review), episode, review.state, playbook, waits)
        if episode.acked_at is not None:
            said.append(f"Taken up by {episode.acked_by or 'somebody'} on {waits.audience.moment(episode.acked_at)}.")
        if episode.snoozed_until is not None and episode.snoozed_until > waits.now:
            said.append(f"Rests until {waits.audience.moment(episode.snoozed_until)}.")
    elif episode is not None:
        said.append("So far it is for the daily digest; no message of its own has been sent.")
    return tuple(said)


def _when(at: datetime | None, audience: Audience) -> str:
    return audience.moment(at) if at else "no date yet"
