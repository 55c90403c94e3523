"""The digest lines about what happened to an onboarding: causes found, worse, eased and gone, and what closed. Pure."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from onboarding.escalations.causes import next_step
from onboarding.escalations.digest import (
    HANDOFF,
    REMEMBERED,
    DigestLine,
    everybody,
    lines_for,
    resting_lines,
    work_id,
)
from onboarding.escalations.episodes import merged
from onboarding.escalations.readers import CHANNEL_ID
from onboarding.model.case import Case, Episode, EpisodeCause, News
from onboarding.model.playbook import Playbook
from onboarding.model.review import Review
from onboarding.model.vocabulary import NewsKind, Status
from onboarding.sentences.sentence import joined, pattern, sentence
from onboarding.sentences.terms import cause_name, level_name, utc_day

A_WEEK = timedelta(days=7)


def digest_lines(
    case: Case, review: Review, playbook: Playbook, now: datetime, wanted: Callable[[str], bool] = everybody
) -> tuple[DigestLine, ...]:
    """Return everything that the digests of the vendor's people may say of this onboarding at ``now`` (UTC).

    ``wanted``: of which owner ids.
    """
    resting = resting_lines(case, review, playbook) if _rests(case) else ()
    news = news_lines(case, review, now) if wanted(_owner(review)) else ()
    return (*lines_for(case, review, playbook, now, wanted), *news, *resting)


def news_lines(case: Case, review: Review, now: datetime) -> Iterator[DigestLine]:
    """Yield a line for each piece of news of the open episode and of those closed lately, for the accountable owner.

    On hold nothing is told; the next digest after it does.
    """
    if _rests(case):
        return
    for episode in merged(case.episodes, review.episodes):
        if episode.closed_at is not None and now - episode.closed_at > REMEMBERED:
            continue
        for place, news in enumerate(episode.news):
            cause = episode.causes[news.cause]
            if news.what is NewsKind.MOVED or (news.what is NewsKind.CLIMBED and news.level < 2):
                continue  # the accountable owner has it on either side; the first rung is where it is found
            yield DigestLine(
                owner_id=_owner(review),
                onboarding=case.key,
                account=case.account.name,
                text=_sentence(news, cause, review),
                severity=news.severity,
                id=f"{case.key}:cause:{episode.number}.{news.cause}",
                same_as=_work(case, cause),
                news=news.what,
                mark=(episode.number, place + 1),
                climbed=cause.level > 0,
            )
        if episode.closed_at is not None and now - episode.closed_at <= A_WEEK and episode.causes:
            yield _closed(case, review, episode, episode.closed_at)


def _rests(case: Case) -> bool:
    return case.progress.status is Status.ON_HOLD or case.is_shut


def _closed(case: Case, review: Review, episode: Episode, at: datetime) -> DigestLine:
    causes = joined(", ", dict.fromkeys(cause_name(cause.kind) for cause in episode.causes))
    return DigestLine(
        owner_id=_owner(review),
        onboarding=case.key,
        account=case.account.name,
        text=sentence("digest.closed", day=utc_day(at), span=at - episode.opened_at, causes=causes),
        severity="low",
        closed=True,
    )


def _work(case: Case, cause: EpisodeCause) -> str:
    """Return the id of the work that the cause is, where its owner has a line of their own."""
    if cause.kind == "milestone_overdue":
        return work_id(case, cause.about)
    return f"{case.key}:{HANDOFF}" if cause.kind == "handoff_incomplete" else ""


def _sentence(news: News, cause: EpisodeCause, review: Review) -> str:
    if news.what is NewsKind.FOUND:
        owner = review.state.owner
        step = next_step(cause.next_step, owner.name if owner else "")
        return pattern("{cause} {step}", cause=cause.cause, step=step)
    if news.what is NewsKind.CLIMBED and news.level > 1:
        return sentence("digest.said_level", level=level_name(min(news.level, 3)), cause=cause.cause)
    key = _SAID.get(news.what)
    return sentence(key, cause=cause.cause) if key else cause.cause


_SAID = {
    NewsKind.CRITICAL: "posts.said_critical",
    NewsKind.EASED: "digest.said_eased",
    NewsKind.GONE: "posts.said_over",
}


def _owner(review: Review) -> str:
    return review.state.owner.id if review.state.owner else CHANNEL_ID
