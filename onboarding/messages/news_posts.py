"""What a reader of an episode is told: the news since their last message, and how things stand for their rung. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from onboarding.escalations.causes import ENDS, has_moved, known_to, next_step, urgency
from onboarding.messages.posts import Post
from onboarding.model.case import Case, Episode, EpisodeCause, News
from onboarding.model.vocabulary import NewsKind, Severity
from onboarding.sentences.sentence import joined, sentence
from onboarding.sentences.terms import cause_name, level_name, severity_name, utc_day

CLOCKS = frozenset({"kickoff_not_booked", "stage_overdue", "milestone_overdue", "no_activation"})
"""Causes that are a date which was not kept."""


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
    said = [_line(episode, mine) for mine in told]
    lines = list(said)
    if known := known_to(episode, rung):
        news_of = [episode.causes[mine[0].cause] for mine in told]
        about = next((cause for cause in news_of if cause in known), known[0])
        lines.append(sentence("posts.next_step", step=next_step(about.next_step, reader)))
    headline = sentence("posts.news", account=case.account.name, news=_headline(episode, told[0], rung))
    return Post(headline=headline, lines=tuple(lines), brief=(_brief(episode, told[0]), *said[1:]))


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
    return replace(post, lines=(*post.lines, sentence("posts.before", causes=joined("; ", map(_history, others)))))


def over_post(post: Post, case: Case, episode: Episode, rung: int) -> Post:
    """Return the first message of a reader of whose causes none holds any more, while the episode goes on."""
    account, last = case.account.name, _last_gone(episode, rung)
    still = sentence("posts.still_open", level=level_name(1), cause=episode.cause)
    if last is None:
        return replace(post, headline=sentence("posts.not_yours", account=account), lines=(still,), buttons=None)
    name = cause_name(last.kind)
    if has_moved(episode, last):
        moved = sentence("posts.said_not_yours", cause=last.cause)
        headline = sentence("posts.news", account=account, news=sentence("posts.news_not_yours", cause=name))
        lines = (moved, *([still] if episode.cause != last.cause else []))
        return replace(post, headline=headline, lines=lines, buttons=None)
    over = sentence("posts.over", account=account, cause=name)
    return replace(post, headline=over, lines=(sentence("posts.it_was", cause=last.cause), still))


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
    name, severity = cause_name(cause.kind), severity_name(last.severity)
    if last.what is NewsKind.GONE:
        return sentence("posts.news_over", cause=name)
    if last.what is NewsKind.MOVED:
        return sentence("posts.news_not_yours", cause=name)
    if any(one.what is NewsKind.CRITICAL for one in mine):
        return sentence("posts.news_critical", cause=name)
    if last.level > rung:
        return sentence("posts.news_level", level=level_name(last.level), cause=name)
    if last.level > 1:
        return sentence("posts.news_up_to_you", cause=name, severity=severity)
    return sentence("posts.news_date" if cause.kind in CLOCKS else "posts.news_cause", cause=name, severity=severity)


def _line(episode: Episode, mine: Sequence[News]) -> str:
    """Return the news of one cause as a sentence."""
    cause = episode.causes[mine[0].cause].cause
    if mine[-1].what is NewsKind.GONE:
        return sentence("posts.said_over", cause=cause)
    if mine[-1].what is NewsKind.MOVED:
        return sentence("posts.said_not_yours", cause=cause)
    is_critical = any(one.what is NewsKind.CRITICAL for one in mine)
    return _climbed(mine, sentence("posts.said_critical", cause=cause) if is_critical else cause)


def _climbed(mine: Sequence[News], said: str) -> str:
    level = max((one.level for one in mine if one.what is NewsKind.CLIMBED), default=0)
    return sentence("posts.said_level", cause=said, level=level_name(level)) if level > 1 else said


def _brief(episode: Episode, mine: Sequence[News]) -> str:
    """Return the same below a headline that says already what became of the cause."""
    cause, last = episode.causes[mine[0].cause].cause, mine[-1].what
    if last is NewsKind.MOVED:
        return _line(episode, mine)
    return cause if last is NewsKind.GONE else _climbed(mine, cause)


def _urgency(last: News) -> tuple[bool, bool, int]:
    return last.what in ENDS, last.severity != Severity.CRITICAL, last.cause


def _history(cause: EpisodeCause) -> str:
    name, since = cause_name(cause.kind), utc_day(cause.found_at)
    if cause.gone_at:
        return sentence("posts.before_gone", cause=name, since=since, until=utc_day(cause.gone_at))
    return sentence("posts.before_now", cause=name, since=since, level=level_name(cause.level))
