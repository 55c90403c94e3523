"""The causes of an episode, each with its own ladder, and the news of what happened to them. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime
from operator import attrgetter

from onboarding.model.case import Episode, EpisodeCause, News, Stall
from onboarding.model.vocabulary import SEVERITIES, NewsKind, Severity, Side
from onboarding.sentences.sentence import sentence
from onboarding.values import replace

YOURS = sentence("posts.yours")
"""The next step of whoever would be told to ask themselves."""
ENDS = frozenset({NewsKind.MOVED, NewsKind.GONE})
"""The news after which a cause is its reader's no more."""
_AS_STALL = attrgetter(*(one.name for one in fields(Stall)))


def is_pressing(severity: Severity) -> bool:
    """Return whether it climbs the ladder, and does not only appear in the digest."""
    return severity != Severity.LOW


def follow(episode: Episode, live: Sequence[Stall], now: datetime) -> Episode:
    """Return the episode with its causes as these stalls are at ``now``, and the news of what changed.

    A cause that is found again after it had gone is a new one, on its own first rung.
    """
    episode = _with_first_cause(episode, live)
    stalls = {(stall.kind, stall.about): stall for stall in live}
    for place, cause in enumerate(episode.causes):
        if cause.gone_at is not None:
            continue
        stall = stalls.pop((cause.kind, cause.about), None)
        if stall is None:
            episode = _happened(episode, place, NewsKind.GONE, replace(cause, gone_at=now), now)
            continue
        if _AS_STALL(stall) == _AS_STALL(cause):
            continue
        after = replace(cause, **{one.name: getattr(stall, one.name) for one in fields(Stall)})
        if not cause.level and is_pressing(after.severity) and not is_pressing(cause.severity):
            after = replace(after, level_at=now)
        if cause.owner_role and _debtor(after) != _debtor(cause):
            episode = _happened(episode, place, NewsKind.MOVED, after, now, _debtor(cause))
        if (after.severity == Severity.CRITICAL) != (cause.severity == Severity.CRITICAL):
            turned = NewsKind.CRITICAL if after.severity == Severity.CRITICAL else NewsKind.EASED
            episode = _happened(episode, place, turned, after, now)
        elif after != cause:
            episode = _with_cause(episode, place, after)
    for stall in stalls.values():
        values = {one.name: getattr(stall, one.name) for one in fields(Stall)}
        episode = replace(episode, causes=(*episode.causes, EpisodeCause(**values, found_at=now, level_at=now)))
        place = len(episode.causes) - 1
        episode = _happened(episode, place, NewsKind.FOUND, episode.causes[place], now)
    return episode


def climbed(episode: Episode, place: int, now: datetime) -> Episode:
    """Return the episode with the cause at this place one rung higher."""
    cause = episode.causes[place]
    higher = replace(cause, level=cause.level + 1, level_at=now)
    episode = replace(episode, level=max(episode.level, higher.level), level_at=now)
    return _happened(episode, place, NewsKind.CLIMBED, higher, now)


def ended(episode: Episode, now: datetime) -> Episode:
    """Return the episode with every cause gone."""
    return follow(episode, (), now)


def known_to(episode: Episode, rung: int) -> tuple[EpisodeCause, ...]:
    """Return the causes that hold and have climbed to this rung, the worst first."""
    found = [cause for cause in _with_first_cause(episode).causes if cause.gone_at is None and cause.level >= rung]
    return tuple(sorted(found, key=urgency))


def owed_by(episode: Episode, roles: Collection[str] | None) -> Episode:
    """Return the episode with only the causes that one of these roles owes or owed, as the colleague who has them
    knows it: each is theirs to do, and gone once the move went to a role that is not theirs. On level 0 if there is
    none. For None the whole episode, whose readers need not be told where the move went."""
    if roles is None:
        return replace(episode, news=tuple(one for one in episode.news if one.what is not NewsKind.MOVED))
    news, left_at = _news_of(episode, roles)
    held = {
        place: replace(cause, next_step=YOURS) if _debtor(cause) in roles else replace(cause, gone_at=left_at[place])
        for place, cause in enumerate(episode.causes)
        if _debtor(cause) in roles or place in left_at
    }
    places = list(held)
    return replace(
        episode,
        causes=tuple(held.values()),
        news=tuple(replace(one, cause=places.index(one.cause)) for one in news),
        level=max((cause.level for cause in held.values()), default=0),
    )


def has_moved(episode: Episode, cause: EpisodeCause) -> bool:
    """Return whether this cause, in the episode as a colleague knows it, holds on with somebody else."""
    mine = [one.what for one in episode.news if episode.causes[one.cause] == cause]
    return bool(mine) and mine[-1] is NewsKind.MOVED


def role_of(episode: Episode) -> str:
    """Return the role that owes the cause under which the episode stands; empty where it is not known."""
    heading = (episode.kind, episode.since, episode.cause)
    return next((one.owner_role for one in episode.causes if (one.kind, one.since, one.cause) == heading), "")


def is_ours(cause: Stall) -> bool:
    """Return whether the vendor's people have the move, or follow up a third party's."""
    return cause.waiting_on != Side.CUSTOMER


def urgency(cause: EpisodeCause) -> tuple[int, datetime, str]:
    """Return the sort key of causes, the worst first."""
    return SEVERITIES.index(cause.severity), cause.since, cause.kind


def news_for(episode: Episode, rung: int, last: int, message: int | None = None) -> tuple[News, ...]:
    """Return what the person on this rung must be told of since the message with the number ``last``, up to the one
    with the number ``message``. A cause that eased is an edit, and one that was found climbs at once or is for the
    digest."""
    return tuple(
        one
        for one in episode.news
        if last <= one.after < (one.after + 1 if message is None else message)
        and one.level >= rung
        and one.what not in (NewsKind.FOUND, NewsKind.EASED)
    )


def next_step(text: str, reader: str) -> str:
    """Return the next step for this reader, by name: theirs to do where it names them."""
    return YOURS if reader and reader in text else text


def _with_first_cause(episode: Episode, live: Sequence[Stall] = ()) -> Episode:
    """Return the episode; one that was stored before causes were kept gets its own as the first one."""
    if episode.causes or not episode.level or episode.closed_at is not None:
        return episode
    first = EpisodeCause(
        kind=episode.kind,
        severity=episode.severity,
        cause=episode.cause,
        waiting_on=episode.waiting_on,
        since=episode.since,
        next_step=episode.next_step,
        about=next((stall.about for stall in live if stall.kind == episode.kind), ""),
        found_at=episode.opened_at,
        level=episode.level,
        level_at=episode.level_at or episode.opened_at,
    )
    return replace(episode, causes=(first,))


def _debtor(cause: Stall) -> str:
    """Return our role that has the move; empty where the customer has it, or it is not known."""
    return cause.owner_role if is_ours(cause) else ""


def _news_of(episode: Episode, roles: Collection[str]) -> tuple[list[News], dict[int, datetime]]:
    """Return the news of each cause while one of these roles owed it, and when it last ceased to, by place. A cause
    whose move came to one of them reached the first rung for its holder."""
    debtors, found = [_debtor(cause) for cause in episode.causes], list[News]()
    left_at: dict[int, datetime] = {}
    for one in reversed(episode.news):
        theirs = debtors[one.cause] in roles
        if one.what is not NewsKind.MOVED:
            found += [one] if theirs else []
            continue
        debtors[one.cause] = one.was_owed_by
        if theirs and one.was_owed_by not in roles:
            found.append(replace(one, what=NewsKind.CLIMBED, level=min(one.level, 1)))
        elif not theirs and one.was_owed_by in roles:
            found.append(one)
            left_at.setdefault(one.cause, one.at)
    return found[::-1], left_at


def _with_cause(episode: Episode, place: int, cause: EpisodeCause) -> Episode:
    causes = list(episode.causes)
    causes[place] = cause
    return replace(episode, causes=tuple(causes))


def _happened(
    episode: Episode, place: int, what: NewsKind, cause: EpisodeCause, now: datetime, was: str = ""
) -> Episode:
    news = News(
        after=episode.posts,
        at=now,
        what=what,
        cause=place,
        severity=cause.severity,
        level=cause.level,
        was_owed_by=was,
    )
    return replace(_with_cause(episode, place, cause), news=(*episode.news, news))
