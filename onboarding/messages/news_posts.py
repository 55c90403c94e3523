"""What a reader of an episode is told: the news since their last message, and how things stand for their rung. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from onboarding.escalations.causes import ENDS, has_moved, known_to, next_step, urgency
from onboarding.messages.posts import LEVELS, NEXT_STEP, Post
from onboarding.model.case import Case, Episode, EpisodeCause, News
from onboarding.model.phrases import day_words, name_words
from onboarding.model.vocabulary import NewsKind, Severity

CLOCKS = frozenset({"kickoff_not_booked", "stage_overdue", "milestone_overdue", "no_activation"})
"""Causes that are a date which was not kept."""
NOW_CRITICAL, OVER, NOT_YOURS = "Now critical: ", "Over: ", "No longer yours: "
"""How the sentence of a cause begins that turned critical, is over, or moved to another role."""


def as_known(episode: Episode, rung: int, reader: str) -> Episode:
    """Return the episode as its reader on this rung knows it: under the worst cause that climbed to them, with a next
    step that does not send them (``reader``, their name) to themselves. Unchanged if none of those holds any more."""
    known = known_to(episode, rung)
    return _headed(episode, replace(known[0], next_step=next_step(known[0].next_step, reader))) if known else episode


def as_it_was(episode: Episode, rung: int) -> Episode:
    """Return an episode that is over as its reader on this rung knew it at last. Unchanged if they knew none of its
    causes, or it was stored before causes were kept."""
    last = _last_gone(episode, rung)
    return episode if last is None else _headed(episode, last)


def news_post(case: Case, episode: Episode, news: Sequence[News], rung: int, reader: str) -> Post:
    """Return the reply with these news, the most urgent cause first, and its next step; where all news are of causes
    that ended, the next step is that of the worst cause that stands."""
    by_cause = [[one for one in news if one.cause == place] for place in dict.fromkeys(one.cause for one in news)]
    told = sorted(by_cause, key=lambda mine: _urgency(mine[-1]))
    lines = [_line(episode, mine) for mine in told]
    if known := known_to(episode, rung):
        news_of = [episode.causes[mine[0].cause] for mine in told]
        about = next((cause for cause in news_of if cause in known), known[0])
        lines.append(f"{NEXT_STEP}{next_step(about.next_step, reader)}")
    return Post(headline=f"{case.account.name}: {_headline(episode, told[0], rung)}", lines=tuple(lines))


def with_news(post: Post, episode: Episode, news: Iterable[News]) -> Post:
    """Return the message of an episode's end with what else its reader was not told of yet."""
    untold = [one for one in news if one.what not in ENDS]
    return replace(post, lines=(*post.lines, *dict.fromkeys(_line(episode, [one]) for one in untold)))


def with_history(post: Post, episode: Episode, rung: int) -> Post:
    """Return a manager's or sponsor's message with what came before on this account, in one line."""
    known = known_to(episode, rung)
    others = [cause for cause in episode.causes if cause not in known]
    if rung == 1 or not others:
        return post
    return replace(post, lines=(*post.lines, f"Before and besides: {'; '.join(map(_history, others))}."))


def over_post(post: Post, case: Case, episode: Episode, rung: int) -> Post:
    """Return the first message of a reader of whose causes none holds any more, while the episode goes on."""
    last, still = _last_gone(episode, rung), f"Still open, {LEVELS[1]}: {episode.cause}"
    if last is None:
        return replace(post, headline=f"{case.account.name}: no longer yours", lines=(still,), buttons=None)
    name = name_words(last.kind)
    if has_moved(episode, last):
        lines = (f"{NOT_YOURS}{last.cause}", *([still] if episode.cause != last.cause else []))
        return replace(post, headline=f"{case.account.name}: no longer yours: {name}", lines=lines, buttons=None)
    lines = (f"It was: {last.cause}", still)
    return replace(post, headline=f"{case.account.name}: over: {name}", lines=lines)


def _headed(episode: Episode, cause: EpisodeCause) -> Episode:
    return replace(
        episode,
        kind=cause.kind,
        severity=cause.severity,
        cause=cause.cause,
        waiting_on=cause.waiting_on,
        since=cause.since,
        next_step=cause.next_step,
        level=cause.level,
    )


def _last_gone(episode: Episode, rung: int) -> EpisodeCause | None:
    """Return the worst of the causes that had climbed to this rung and went last."""
    went = [(at, one) for one in episode.causes if one.level >= rung and (at := one.gone_at or episode.closed_at)]
    last = max((at for at, _ in went), default=None)
    return min((one for at, one in went if at == last), key=urgency, default=None)


def _headline(episode: Episode, mine: Sequence[News], rung: int) -> str:
    cause, last = episode.causes[mine[0].cause], mine[-1]
    name, what = name_words(cause.kind), {one.what for one in mine}
    if last.what is NewsKind.GONE:
        return f"over: {name}"
    if last.what is NewsKind.MOVED:
        return f"no longer yours: {name}"
    if NewsKind.CRITICAL in what:
        return f"now critical: {name}"
    if last.level > rung:
        return f"now also {LEVELS[last.level]}: {name}"
    if last.level > 1:
        return f"it has come up to you: {name} ({last.severity})"
    return f"{'a date was not kept' if cause.kind in CLOCKS else 'a new cause'}: {name} ({last.severity})"


def _line(episode: Episode, mine: Sequence[News]) -> str:
    """Return the news of one cause as a sentence."""
    cause, what = episode.causes[mine[0].cause], {one.what for one in mine}
    if mine[-1].what is NewsKind.GONE:
        return f"{OVER}{cause.cause}"
    if mine[-1].what is NewsKind.MOVED:
        return f"{NOT_YOURS}{cause.cause}"
    words = NOW_CRITICAL if NewsKind.CRITICAL in what else ""
    level = max((one.level for one in mine if one.what is NewsKind.CLIMBED), default=0)
    return f"{words}{cause.cause}" + (f" Now {LEVELS[level]}." if level > 1 else "")


def _urgency(last: News) -> tuple[bool, bool, int]:
    return last.what in ENDS, last.severity != Severity.CRITICAL, last.cause


def _history(cause: EpisodeCause) -> str:
    since = f"{name_words(cause.kind)}, {day_words(cause.found_at)}"
    return f"{since} to {day_words(cause.gone_at)}" if cause.gone_at else f"{since}, {LEVELS[cause.level]}"
