"""Why an onboarding is where it is, in plain words: what is missing, whose move it is, what happens next
and when."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from onboarding.case import Case
from onboarding.episodes import open_episode, unresolved
from onboarding.playbook import Playbook
from onboarding.review import Review
from onboarding.stages import due_at, is_stopping
from onboarding.standing import Criterion
from onboarding.summary import merged, owed, plain
from onboarding.threads import listener
from onboarding.wording import (
    day_words,
    moment_words,
    name_words,
    role_words,
    side_words,
    span_words,
    stage_words,
)
from onboarding.words import Stage, Status

SOON = 5
"""So many of the things that come next are told. Ours."""
SETTLED = {
    Status.COMPLETED: "All five stages are done; what is left goes on after the onboarding.",
    Status.CHURNED: "The customer has gone; nothing is planned or sent any more.",
    Status.CANCELLED: "It was cancelled; nothing is planned or sent any more.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """An exit criterion that does not hold yet."""

    name: str
    text: str
    side: str
    owner_role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """Something that lies ahead. ``at`` is None where no date is known."""

    at: datetime | None
    what: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Everything that ``explain`` says of one onboarding."""

    onboarding: str
    account: str
    where: str
    stopped: tuple[str, ...]
    """Why nothing moves or nothing is sent: blocked, on hold, closed, outside the pilot."""
    missing: tuple[Missing, ...]
    whose_move: str | None
    stalls: tuple[str, ...]
    next: tuple[Next, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """The same as lines for a person."""
        said = [self.where, *self.stopped]
        if self.missing:
            said += ["To leave the stage it still needs:", *(f"- {one.text}" for one in self.missing)]
        if self.whose_move:
            said.append(f"Whose move: {self.whose_move}.")
        if self.stalls:
            said += ["It stands still because:", *(f"- {stall}" for stall in self.stalls)]
        if self.next:
            said += [
                "What happens next:",
                *(f"- {_when(one.at)}: {one.what} ({one.because})" for one in self.next),
            ]
        return tuple(said)

    def as_json(self) -> dict[str, Any]:
        """The same as plain values."""
        return {name: plain(value) for name, value in asdict(self).items()}


def explain(case: Case, review: Review, playbook: Playbook, now: datetime) -> Explanation:
    """Why it is where it is at ``now`` (UTC), from the review of that moment. Pure."""
    missing = tuple(
        Missing(name=one.name, text=one.text, side=one.side.value, owner_role=one.owner_role)
        for one in review.criteria
        if not one.met
    )
    return Explanation(
        onboarding=case.key,
        account=case.account.name,
        where=_where(case, review, playbook, now),
        stopped=stopped(case, review, now),
        missing=missing,
        whose_move=_whose_move(review, missing_criteria=[one for one in review.criteria if not one.met]),
        stalls=_stalls(case, review, playbook, now),
        next=_next(case, review, playbook, now),
    )


def stopped(case: Case, review: Review, now: datetime) -> tuple[str, ...]:
    """Why nothing moves or nothing may leave, each in a sentence; empty where all goes its way."""
    progress = review.progress
    said = [SETTLED[progress.status]] if progress.status in SETTLED else []
    if progress.closed_reason:
        said.append(f"Why: {progress.closed_reason}.")
    if progress.blocked:
        said.append(f"Nothing is sent: {progress.blocked}.")
    if case.only_accounts is not None and case.account.id not in case.only_accounts:
        said.append("Nothing is sent: the account is not among the pilot's (FIRST90_ACCOUNTS).")
    holds = [hold for hold in case.holds if hold.since <= now and is_stopping(hold, now)]
    if progress.status in (Status.ON_HOLD, Status.COMPLETED) and not holds and not case.deals[0].won:
        said.append("On hold: the deal is no longer won in the CRM.")
    for hold in holds:
        until = f" until {moment_words(hold.until)}" if hold.until else " until somebody resumes it"
        said.append(f"On hold since {day_words(hold.since)}{until}, by {hold.by}: {hold.reason}.")
    return tuple(said)


def _where(case: Case, review: Review, playbook: Playbook, now: datetime) -> str:
    progress = review.progress
    day = max((now - case.signed_at).days, 0)
    start = f"{case.account.name} is in {stage_words(progress.stage)} on day {day} after its signature"
    if progress.stage is Stage.DONE:
        return f"{case.account.name} has been through all five stages, on day {day} after its signature."
    entered = progress.stage_times.get(progress.stage)
    if entered is not None:
        start += f", since {day_words(entered)} ({span_words(now - entered)})"
    due = due_at(progress.stage, case, review.standing, playbook, progress.stage_times, now)
    if due is None:
        return f"{start}; until when is not known yet."
    if due < now:
        return f"{start}; it should have ended by {day_words(due)}, {span_words(now - due)} ago."
    return f"{start}; it should end by {day_words(due)}."


def _whose_move(review: Review, missing_criteria: list[Criterion]) -> str | None:
    if review.progress.status is not Status.ACTIVE:
        return None
    if review.stalls:
        worst = review.stalls[0]
        return f"{side_words(worst.waiting_on)}: {worst.next_step.rstrip('.')}"
    if not missing_criteria:
        return None

    def due(one: Criterion) -> datetime:
        milestone = review.standing.milestones.get(one.name)
        return (milestone.due_at if milestone else None) or review.standing.target_at

    first = min(missing_criteria, key=due)
    return f"{side_words(first.side)}: {name_words(first.name)}"


def _stalls(case: Case, review: Review, playbook: Playbook, now: datetime) -> tuple[str, ...]:
    episodes = merged(case.episodes, review.episodes)
    live = unresolved(episodes, review.stalls)
    said = [f"{one.cause} ({one.severity}, since {day_words(one.since)})" for one in live]
    said += [f"{one.cause} (called resolved)" for one in review.stalls if one not in live]
    episode = open_episode(episodes)
    if episode is not None and episode.level:
        rungs = playbook.ladder.rungs[: episode.level]
        names = list(dict.fromkeys(listener(rung, review.standing).name for rung in rungs))
        said.append(f"Told on Slack: {', '.join(names)}.")
        if episode.acked_at is not None:
            said.append(f"Taken up by {episode.acked_by or 'somebody'} on {moment_words(episode.acked_at)}.")
        if episode.snoozed_until is not None and episode.snoozed_until > now:
            said.append(f"Rests until {moment_words(episode.snoozed_until)}.")
    elif episode is not None:
        said.append("It is in the daily digest; nobody was told otherwise.")
    return tuple(said)


def _next(case: Case, review: Review, playbook: Playbook, now: datetime) -> tuple[Next, ...]:
    titles = {step.name: step.title for step in playbook.steps}
    found = [
        Next(at=at, what=titles.get(kind, kind), because="planned") for at, kind in dict.fromkeys(owed(case, review))
    ]
    found += [Next(at=one.due_at, what=one.title, because=one.because) for one in review.upcoming]
    found += [
        Next(at=task.due_at, what=task.text, because=f"work for our {role_words(task.role)}") for task in review.tasks
    ]
    looks = [at for at in review.next_at.values() if at is not None and at > now]
    if looks:
        found.append(Next(at=min(looks), what="first90 looks again", because="time alone may change something then"))
    return tuple(_soonest(found))


def _soonest(found: Iterable[Next]) -> list[Next]:
    return sorted(found, key=lambda one: (one.at is None, one.at.timestamp() if one.at else 0.0))[:SOON]


def _when(at: datetime | None) -> str:
    return moment_words(at) if at else "no date yet"
