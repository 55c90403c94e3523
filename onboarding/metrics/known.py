"""An onboarding as it was known at an earlier moment: what was learned later changes no past figure."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from onboarding.dates.working_time import zone_of
from onboarding.model.case import Case, Episode, EpisodeCause, Hold, Progress
from onboarding.model.effect import EffectLine
from onboarding.model.parties import Deal
from onboarding.model.usage import Usage
from onboarding.model.vocabulary import EffectState, Stage, Status


@dataclass(frozen=True, slots=True)
class Noted:
    """A journal line on the progress of an onboarding: the stage that it left, or its new status."""

    at: datetime
    kind: str
    about: str


STAGE_LEFT, STATUS, CLOSED = "stage_left", "status", "close"
NOTED = frozenset({STAGE_LEFT, STATUS, CLOSED})
"""The kinds of journal lines that are needed here."""


def as_known(case: Case, journal: tuple[Noted, ...], as_of: datetime) -> Case:
    """Return the case without anything learned after ``as_of`` (UTC).

    ``journal`` are the onboarding's lines of the kinds ``NOTED``. Usage is not cut: the case was loaded for that
    moment, with usage by the time it happened. Current figures of the account and its people in the CRM (owner, tier,
    roles) have no history and count as they are now.
    """
    by_then = tuple(one for one in journal if one.at <= as_of)
    return replace(
        case,
        account=replace(case.account, churned_on=_churned_on(case, journal, as_of)),
        usage=_usage(case.usage, as_of),
        deals=_deals(case.deals, journal, as_of),
        facts=tuple(one for one in case.facts if one.learned_at <= as_of),
        effects=tuple(_effect(one, as_of) for one in case.effects),
        holds=tuple(_hold(one, as_of) for one in case.holds if one.since <= as_of),
        episodes=tuple(_episode(one, as_of) for one in case.episodes if one.opened_at <= as_of),
        touchpoints=tuple(one for one in case.touchpoints if one.at <= as_of),
        progress=_progress(case.progress, by_then, as_of),
    )


def left_on_order(journal: tuple[Noted, ...], as_of: datetime) -> datetime | None:
    """Return when a person closed the onboarding because the customer left, if that holds at ``as_of``."""
    closed = [one for one in journal if one.kind == CLOSED and one.at <= as_of]
    return closed[-1].at if closed and closed[-1].about == Status.CHURNED else None


def _churned_on(case: Case, journal: tuple[Noted, ...], as_of: datetime) -> date | None:
    """Return the day of leaving unless the first review that saw it came later.

    A date that the CRM moved or cleared after that review, such as for a customer that came back and left again, does
    not change the day on which this onboarding ended.
    """
    noted = [one for one in journal if one.kind == STATUS]
    seen = [one for one in noted if one.at <= as_of]
    if seen and seen[-1].about == Status.CHURNED:
        day = seen[-1].at.astimezone(zone_of(case.account.zone or "UTC")).date()
        return min(day, case.account.churned_on or day)
    later = any(one.about == Status.CHURNED for one in noted if one.at > as_of)
    return None if later else case.account.churned_on


def _usage(usage: Usage, as_of: datetime) -> Usage:
    """Return the usage without rows that came unreadable after that moment."""
    later = usage.unread_at is not None and usage.unread_at > as_of
    return replace(usage, unread_at=None) if later else usage


def _deals(deals: tuple[Deal, ...], journal: tuple[Noted, ...], as_of: datetime) -> tuple[Deal, ...]:
    """Return the deals signed by then. The first was still won if the hold of a lost deal was noted only later."""
    first, *others = deals
    noted = [one for one in journal if one.kind == STATUS]
    then = [one.about for one in noted if one.at <= as_of]
    held_later = any(one.about == Status.ON_HOLD for one in noted if one.at > as_of)
    if not first.won and held_later and (not then or then[-1] != Status.ON_HOLD):
        first = replace(first, won=True)
    return tuple(_deal(one, as_of) for one in (first, *others) if one is first or one.signed_at <= as_of)


def _deal(deal: Deal, as_of: datetime) -> Deal:
    if deal.handoff_seen_at is not None and deal.handoff_seen_at > as_of:
        deal = replace(deal, handoff={}, handoff_seen_at=None)
    if deal.kickoff_seen_at is not None and deal.kickoff_seen_at > as_of:
        deal = replace(deal, kickoff_at=None, kickoff_seen_at=None)
    return deal


def _effect(line: EffectLine, as_of: datetime) -> EffectLine:
    if line.sent_at is None or line.sent_at <= as_of:
        return line
    return replace(line, state=EffectState.PLANNED, sent_at=None)


def _hold(hold: Hold, as_of: datetime) -> Hold:
    return replace(hold, ended_at=None) if hold.ended_at is not None and hold.ended_at > as_of else hold


def _episode(episode: Episode, as_of: datetime) -> Episode:
    places = [place for place, one in enumerate(episode.causes) if one.found_at <= as_of]
    news = (one for one in episode.news if one.at <= as_of and one.cause in places)
    then = replace(
        episode,
        causes=tuple(_cause(episode.causes[place], as_of) for place in places),
        news=tuple(replace(one, cause=places.index(one.cause)) for one in news),
    )
    if episode.closed_at is None or episode.closed_at <= as_of:
        return then
    return replace(then, closed_at=None, resolved_reason=None)


def _cause(cause: EpisodeCause, as_of: datetime) -> EpisodeCause:
    return replace(cause, gone_at=None) if cause.gone_at is not None and cause.gone_at > as_of else cause


def _progress(progress: Progress, journal: tuple[Noted, ...], as_of: datetime) -> Progress:
    """Return the progress by the journal: a stage left before stays left, one left later is open again."""
    order = list(Stage)
    left = [order.index(Stage(one.about)) + 1 for one in journal if one.kind == STAGE_LEFT]
    stage = order[max(left, default=0)]
    times = {
        name: at for name, at in progress.stage_times.items() if order.index(name) <= order.index(stage) and at <= as_of
    }
    status = [one for one in journal if one.kind in (STATUS, CLOSED)]
    last = Status(status[-1].about) if status else Status.ACTIVE
    closed = progress.closed_reason if any(one.kind == CLOSED for one in status) else None
    adopted_at = progress.adopted_at if progress.adopted_at and progress.adopted_at <= as_of else None
    return replace(progress, stage=stage, stage_times=times, status=last, closed_reason=closed, adopted_at=adopted_at)
