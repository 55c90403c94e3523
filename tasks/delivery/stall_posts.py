"""The Slack messages of an episode: a reader's first message as things stand for them, and replies with what is new."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from onboarding.escalations.causes import ENDS, known_to, news_for, owed_by
from onboarding.escalations.episodes import ending, merged
from onboarding.escalations.readers import owed_roles, rung_of
from onboarding.escalations.thread_lines import lines_of, told_up_to
from onboarding.messages.news_posts import as_it_was, as_known, news_post, over_post, with_history, with_news
from onboarding.messages.posts import Post, closing_post, raised_post, stall_post
from onboarding.model.case import Episode, News
from onboarding.model.effect import Leased
from onboarding.model.vocabulary import Severity
from onboarding.people.handovers import handover_words
from onboarding.review_case import Reviewed


def stall_message(effect: Leased, found: Reviewed, now: datetime, link: str | None, *, answers: bool) -> Post | None:
    """Return the message for its reader; None if its episode is gone. ``answers``: buttons can be pressed."""
    number = int(effect.occurrence.partition(".")[0])
    episodes = merged(found.case.episodes, found.review.episodes)
    episode: Episode | None = next((one for one in episodes if one.number == number), None)
    if episode is None:
        return None
    case, state, rung = found.case, found.review.state, rung_of(found.playbook, effect.role)
    episode = owed_by(episode, owed_roles(state, found.playbook, effect.person_id, effect.role))
    news = _news(effect, found, episode, rung)
    reader = case.owners.get(effect.person_id)
    zone = reader.zone if reader else "UTC"
    if episode.closed_at is not None:
        why = ending(episode, (), found.review.progress) or effect.because
        return with_news(closing_post(case, state, as_it_was(episode, rung), why, link, zone), episode, news)
    name = reader.name if reader else ""
    if effect.data.get("thread"):
        told = news_post(case, episode, news, rung, name) if news else raised_post(case, episode)
        return replace(told, severity=_severity(news, episode))
    known, shown = known_to(episode, rung), as_known(episode, rung, name)
    stalls = known or found.review.stalls
    post = stall_post(case, state, shown, stalls, now, link, answers=answers, zone=zone)
    if reader is not None and state.owner is not None and reader.id == state.owner.id:
        handed = handover_words(case, state, now, zone)
        post = replace(post, lines=(*post.lines, "", handed)) if handed else post
    return with_history(post, episode, rung) if known else over_post(post, case, episode, rung)


def _severity(news: Sequence[News], episode: Episode) -> str:
    """Return the worst severity of the news; ``over`` where all of them are causes that are gone, or are
    somebody else's now."""
    if news and all(one.what in ENDS for one in news):
        return "over"
    found = {one.severity for one in news if one.what not in ENDS} or {episode.severity}
    return next((severity for severity in Severity if severity in found), "")


def _news(effect: Leased, found: Reviewed, episode: Episode, rung: int) -> tuple[News, ...]:
    """Return what this message tells: the news since the reader's last message, up to this one."""
    lines, number = lines_of(found.case, episode, effect.person_id), int(effect.occurrence.partition(".")[2])
    return news_for(episode, rung, told_up_to(lines, before=number), number)
