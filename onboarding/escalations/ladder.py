"""The escalation ladder: one open episode an onboarding, and each of its causes climbs from the CSM to the manager and
the executive sponsor by itself.

The times of the rungs are the playbook's, in working hours of the person on the next rung, counted from the rung
before. The level never falls inside an episode; an acknowledgement, a snooze or a hold pauses the causes known by then.
On hold only messages already sent are updated.
"""

from datetime import datetime

from onboarding.dates.working_time import add_working_days, add_working_hours
from onboarding.escalations.causes import climbed, ended, is_pressing
from onboarding.escalations.episodes import ending, merged, open_episode, opened, taken_up, unresolved
from onboarding.escalations.readers import rung_recipient
from onboarding.escalations.threads import LATER, ThreadEffects, catch_up, conclude, is_untold, tell
from onboarding.model.case import Case, Episode, EpisodeCause, Hold, Stall
from onboarding.model.effect import PlannedEffect
from onboarding.model.phrases import role_words
from onboarding.model.review import Decision, EffectChange
from onboarding.model.vocabulary import LIVE, Concern, EffectState, NewsKind, Severity, Status
from onboarding.review_context import ReviewContext
from onboarding.stages import is_stopping
from onboarding.values import dataclass, replace

JOURNAL = {
    NewsKind.FOUND: "",
    NewsKind.CRITICAL: "now critical: ",
    NewsKind.EASED: "no longer critical: ",
    NewsKind.MOVED: "the move went to another role: ",
    NewsKind.GONE: "gone: ",
}
"""How a journal line begins that tells of a cause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Climb:
    """The result of the ladder."""

    episodes: tuple[Episode, ...] = ()
    """New or changed."""
    effects: tuple[PlannedEffect, ...] = ()
    changes: tuple[EffectChange, ...] = ()
    """Changes that cancel messages not sent yet and no longer needed."""
    decisions: tuple[Decision, ...] = ()
    next_at: datetime | None = None
    """When the passing of time makes it climb or remind; ``now`` itself if escalations are not a concern of the
    review."""


def climb(context: ReviewContext, stalls: tuple[Stall, ...]) -> Climb:
    """Open, update, raise, remind and close the episode for ``stalls`` (most severe first).

    Pure. A case to which the result was applied gives an empty result at the same moment. If escalations are not a
    concern of this review, the only decision is that a new owner is to be told, and what waits for somebody who does
    not read it any more, or is over, is cancelled all the same: it could leave before the next review that is
    concerned. ``next_at`` tells whether there is more.
    """
    handed_over = _handed_over(context)
    if handed_over:
        context = replace(context, case=replace(context.case, episodes=merged(context.case.episodes, handed_over)))
    found = _climbed(context, stalls, Climb(episodes=handed_over))
    if Concern.ESCALATIONS in context.concerns:
        return found
    owed = found.effects or found.changes or found.episodes != handed_over
    void = tuple(one for one in found.changes if one.state is EffectState.CANCELLED and one.because != LATER)
    return Climb(episodes=handed_over, changes=void, next_at=context.now if owed else found.next_at)


def _handed_over(context: ReviewContext) -> tuple[Episode, ...]:
    """Return the open episode, marked to be posted again, if the accountable owner changed since its messages.

    Part of every review, whatever its concerns: the same review saves the new owner, and a later one sees no
    change.
    """
    episode = open_episode(context.case.episodes)
    if episode is None or context.progress.owner_id == context.case.progress.owner_id:
        return ()
    return (replace(episode, answered_at=context.now),)


def _climbed(context: ReviewContext, stalls: tuple[Stall, ...], found: Climb) -> Climb:
    case, progress, now = context.case, context.progress, context.now
    episode = open_episode(case.episodes)
    if case.is_shut:
        return found
    if progress.status is Status.ON_HOLD:
        found = replace(found, next_at=_hold_ends_at(case, now))
        return found if episode is None else _joined(found, catch_up(context, episode), (), episode)
    live = unresolved(case.episodes, stalls)
    if episode is not None and (why := ending(episode, live, progress)) is not None:
        closed = replace(ended(episode, now), closed_at=now)
        news = Decision(kind="episode_closed", about=closed.kind, because=why)
        found = _joined(found, conclude(context, closed, because=why), (news,))
        live = unresolved((*case.episodes, closed), stalls)
        episode = None
    for told in case.episodes:
        if told.closed_at is None:
            continue
        over = ended(told, told.closed_at)
        if is_untold(context, told):
            because = f"resolved: {told.resolved_reason}" if told.resolved_reason else "a person closed it"
            found = _joined(found, conclude(context, over, because=because), (), told)
        elif over != told:
            found = replace(found, episodes=merged(found.episodes, (over,)))
    if progress.status in LIVE and live:
        found = _followed(context, episode, live, found)
    return found


def _hold_ends_at(case: Case, now: datetime) -> datetime | None:
    until = [hold.until for hold in case.holds if hold.since <= now and is_stopping(hold, now) and hold.until]
    return min(until, default=None)


def _ended_at(hold: Hold) -> datetime | None:
    return hold.ended_at or hold.until


def _followed(context: ReviewContext, before: Episode | None, live: tuple[Stall, ...], found: Climb) -> Climb:
    """Update the causes by the stalls, let each climb where that is due, and remind where none did."""
    now = context.now
    episode = opened(context.case, live, now) if before is None else taken_up(before, live, now)
    changed = before is not None and episode != before
    for place in range(len(episode.causes)):
        while (due := _climbs_at(episode, episode.causes[place], context)) is not None and due <= now:
            episode = replace(climbed(episode, place, now), reminded_at=None)
    decisions = _journal(context, episode, known=len(before.news) if before is not None else 0)
    if not decisions and changed:
        decisions = (Decision(kind="episode_changed", about=episode.kind, because=episode.cause),)
    remind = _reminds_at(episode, context)
    if remind is not None and remind <= now:
        episode = replace(episode, reminded_at=now)
        decisions = decisions or (Decision(kind="reminded", about=episode.kind, because=episode.cause),)
    because = decisions[-1].because if decisions else episode.cause
    found = _joined(found, tell(context, episode, because=because, edit=bool(decisions)), decisions, before)
    moments = [_climbs_at(episode, cause, context) for cause in episode.causes]
    moments.append(_reminds_at(episode, context))
    return replace(found, next_at=min((at for at in moments if at is not None), default=None))


def _journal(context: ReviewContext, episode: Episode, known: int) -> tuple[Decision, ...]:
    """Return the journal lines on the episode's news beyond the first ``known``; a cause that climbs has one."""
    fresh, rungs = episode.news[known:], context.playbook.ladder.rungs
    found = []
    for place in dict.fromkeys(one.cause for one in fresh):
        cause, mine = episode.causes[place], [one for one in fresh if one.cause == place]
        reached = [rungs[one.level - 1] for one in mine if one.what is NewsKind.CLIMBED]
        if reached:
            names = [rung_recipient(rung, context.state) for rung in reached]
            told = " and ".join(f"{one.name} ({role_words(one.role)})" for one in names)
            found.append(Decision(kind="escalated", about=cause.kind, because=f"raised to {told}: {cause.cause}"))
            continue
        kind = "episode_opened" if not known and place == 0 else "episode_changed"
        found.append(Decision(kind=kind, about=cause.kind, because=f"{JOURNAL[mine[-1].what]}{cause.cause}"))
    return tuple(found)


def _climbs_at(episode: Episode, cause: EpisodeCause, context: ReviewContext) -> datetime | None:
    """Return when the cause's next rung is due; None where it is gone, for the digest, or may climb no higher."""
    ladder, case = context.playbook.ladder, context.case
    if cause.gone_at is not None or not is_pressing(cause.severity) or not ladder.may_climb(cause.kind, cause.level):
        return None
    rung = ladder.rungs[cause.level]
    base = max(cause.level_at, *_pauses(episode, cause.found_at, context))
    if not cause.level and cause.severity == Severity.CRITICAL:
        base = cause.level_at  # what nobody knew of when they asked for a rest
    if not cause.level and context.progress.adopted_at is not None:
        base = _working_days(base, ladder.remind_every_working_days, context)
    if not rung.after_working_hours:
        return base
    owner = rung_recipient(rung, context.state).owner
    zone, country = (owner.zone, owner.country) if owner else ("UTC", None)
    return add_working_hours(base, rung.after_working_hours, zone, case.calendar(country), context.playbook.pace.hours)


def _reminds_at(episode: Episode, context: ReviewContext) -> datetime | None:
    if not episode.level:
        return None
    base = [episode.level_at or episode.opened_at, episode.reminded_at or episode.opened_at]
    base += _pauses(episode, episode.opened_at, context)
    return _working_days(max(base), context.playbook.ladder.remind_every_working_days, context)


def _pauses(episode: Episode, found_at: datetime, context: ReviewContext) -> list[datetime]:
    """Return until when a cause found at ``found_at`` rests: after an acknowledgement of it, a snooze and holds."""
    ends = [end for hold in context.case.holds if (end := _ended_at(hold)) is not None and end > found_at]
    if episode.acked_at is not None and episode.acked_at >= found_at:
        ends.append(_working_days(episode.acked_at, context.playbook.ladder.ack_rests_working_days, context))
    if episode.snoozed_until is not None:
        ends.append(episode.snoozed_until)
    return ends or [found_at]


def _working_days(at: datetime, days: int, context: ReviewContext) -> datetime:
    owner = context.state.owner
    zone, country = (owner.zone, owner.country) if owner else ("UTC", None)
    return add_working_days(at, days, zone, context.case.calendar(country))


def _joined(found: Climb, told: ThreadEffects, news: tuple[Decision, ...], before: Episode | None = None) -> Climb:
    return replace(
        found,
        episodes=merged(found.episodes, (told.episode,)) if told.episode != before else found.episodes,
        effects=(*found.effects, *told.effects),
        changes=(*found.changes, *told.changes),
        decisions=(*found.decisions, *news),
    )
