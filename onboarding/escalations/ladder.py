"""The escalation ladder: one open episode an onboarding, told to the CSM, then the manager, then the executive sponsor.

The times of the rungs are the playbook's, in working hours of the person on the next rung, counted from the rung
before. The level never falls inside an episode; an acknowledgement, a snooze or a hold pauses it. On hold only
messages already sent are updated.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from onboarding.dates.working_time import add_working_days, add_working_hours
from onboarding.escalations.episodes import ending, is_pressing, merged, open_episode, opened, taken_up, unresolved
from onboarding.escalations.threads import ThreadEffects, catch_up, conclude, is_untold, rung_recipient, tell
from onboarding.model.case import Case, Episode, Hold, Progress, Stall
from onboarding.model.effect import PlannedEffect
from onboarding.model.phrases import role_words
from onboarding.model.review import Decision, EffectChange
from onboarding.model.vocabulary import LIVE, Concern, Status
from onboarding.review_context import ReviewContext
from onboarding.stages import is_stopping


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
    concern of this review, the only decision is that a new owner is to be told; ``next_at`` tells whether there is
    more.
    """
    handed_over = _handed_over(context)
    context = replace(context, case=replace(context.case, episodes=merged(context.case.episodes, handed_over)))
    found = _climbed(context, stalls, Climb(episodes=handed_over))
    if Concern.ESCALATIONS in context.concerns:
        return found
    owed = found.effects or found.changes or found.episodes != handed_over
    return Climb(episodes=handed_over, next_at=context.now if owed else found.next_at)


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
    if _is_out_of_bounds(case, progress):
        return found
    if progress.status is Status.ON_HOLD:
        found = replace(found, next_at=_hold_ends_at(case, now))
        return found if episode is None else _joined(found, catch_up(context, episode), None, episode)
    live = unresolved(case.episodes, stalls)
    if episode is not None and (why := ending(episode, live, progress)) is not None:
        closed = replace(episode, closed_at=now)
        news = Decision(kind="episode_closed", about=closed.kind, because=why)
        found = _joined(found, conclude(context, closed, because=why), news)
        live = unresolved((*case.episodes, closed), stalls)
        episode = None
    for told in case.episodes:
        if told.closed_at is not None and is_untold(case, told):
            because = f"resolved: {told.resolved_reason}" if told.resolved_reason else "a person closed it"
            found = _joined(found, conclude(context, told, because=because), None, told)
    if progress.status in LIVE and live:
        found = _followed(context, episode, live, found)
    return found


def _is_out_of_bounds(case: Case, progress: Progress) -> bool:
    """Return whether nothing may be sent or changed: the account is blocked, or not in the pilot."""
    return bool(progress.blocked) or (case.only_accounts is not None and case.account.id not in case.only_accounts)


def _hold_ends_at(case: Case, now: datetime) -> datetime | None:
    until = [hold.until for hold in case.holds if hold.since <= now and is_stopping(hold, now) and hold.until]
    return min(until, default=None)


def _ended_at(hold: Hold) -> datetime | None:
    return hold.ended_at or hold.until


def _followed(context: ReviewContext, before: Episode | None, live: tuple[Stall, ...], found: Climb) -> Climb:
    """Update the episode by the worst stall, climb where that is due, and remind where it did not climb."""
    case, now, rungs = context.case, context.now, context.playbook.ladder.rungs
    episode, news = opened(case, live[0], now) if before is None else taken_up(before, live[0], now)
    level = episode.level
    while (due := _climbs_at(episode, context)) is not None and due <= now:
        episode = replace(episode, level=episode.level + 1, level_at=now, reminded_at=None)
    if episode.level > level:
        names = [rung_recipient(rung, context.state) for rung in rungs[level : episode.level]]
        told = " and ".join(f"{one.name} ({role_words(one.role)})" for one in names)
        news = Decision(kind="escalated", about=episode.kind, because=f"raised to {told}: {episode.cause}")
    remind = _reminds_at(episode, context)
    if remind is not None and remind <= now:
        episode = replace(episode, reminded_at=now)
        news = news or Decision(kind="reminded", about=episode.kind, because=episode.cause)
    told_all = tell(
        context,
        episode,
        because=news.because if news else episode.cause,
        edit=news is not None,
        reply=0 < level < episode.level,
    )
    found = _joined(found, told_all, news, before)
    moments = [_climbs_at(episode, context), _reminds_at(episode, context)]
    return replace(found, next_at=min((at for at in moments if at is not None), default=None))


def _climbs_at(episode: Episode, context: ReviewContext) -> datetime | None:
    """Return when the next rung is due; None on the last one, and for stalls of the digest."""
    playbook, case = context.playbook, context.case
    if episode.level >= len(playbook.ladder.rungs) or not is_pressing(episode.severity):
        return None
    rung = playbook.ladder.rungs[episode.level]
    base = _rested(episode, context)
    if not episode.level and context.progress.adopted_at is not None:
        base = _working_days(base, playbook.ladder.remind_every_working_days, context)
    if not rung.after_working_hours:
        return base
    owner = rung_recipient(rung, context.state).owner
    zone, country = (owner.zone, owner.country) if owner else ("UTC", None)
    return add_working_hours(base, rung.after_working_hours, zone, case.calendar(country), playbook.pace.hours)


def _reminds_at(episode: Episode, context: ReviewContext) -> datetime | None:
    if not episode.level:
        return None
    base = max(_rested(episode, context), episode.reminded_at or episode.opened_at)
    return _working_days(base, context.playbook.ladder.remind_every_working_days, context)


def _rested(episode: Episode, context: ReviewContext) -> datetime:
    """Return when the clock of the current level starts: after acknowledgement, snooze and the last hold."""
    base = [episode.level_at or episode.opened_at]
    if episode.acked_at is not None:
        base.append(_working_days(episode.acked_at, context.playbook.ladder.ack_rests_working_days, context))
    if episode.snoozed_until is not None:
        base.append(episode.snoozed_until)
    base += [end for hold in context.case.holds if (end := _ended_at(hold)) is not None and end > episode.opened_at]
    return max(base)


def _working_days(at: datetime, days: int, context: ReviewContext) -> datetime:
    owner = context.state.owner
    zone, country = (owner.zone, owner.country) if owner else ("UTC", None)
    return add_working_days(at, days, zone, context.case.calendar(country))


def _joined(found: Climb, told: ThreadEffects, news: Decision | None, before: Episode | None = None) -> Climb:
    return replace(
        found,
        episodes=merged(found.episodes, (told.episode,)) if told.episode != before else found.episodes,
        effects=(*found.effects, *told.effects),
        changes=(*found.changes, *told.changes),
        decisions=(*found.decisions, *([replace(news, about=told.episode.kind)] if news else ())),
    )
