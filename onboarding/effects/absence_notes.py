"""Slack notes on an absence: who covers from now on with which work, and at the return what happened. Pure.

A note is planned in its reader's working hours, once under its key, so no repeated or killed run sends two.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from onboarding.dates.working_time import zone_of
from onboarding.messages.posts import Post, at_most, stored_post
from onboarding.model.effect import PlannedEffect
from onboarding.model.parties import Absence, Owner
from onboarding.model.schedule import MESSAGES_A_DAY
from onboarding.model.vocabulary import LIVE, Channel, EffectState, Side, VendorRole
from onboarding.people.absences import cover_of, spells
from onboarding.review_case import Reviewed
from onboarding.sentences.sentence import joined, of_playbook, pattern, quoted, sentence, within
from onboarding.sentences.terms import utc_day

KIND = "absence"
TOLD_LATE = timedelta(days=14)
"""A return is told for so long, to a reader who was not at work before. Our choice."""


MOST_DONE = 5
"""How many titles of what was done are named. Our choice."""
ONE_DAY = timedelta(days=1)
"""A day in a person's zone may begin so long before or after that in UTC."""


class AbsenceNote(NamedTuple):
    """A note that is due: an absence that began or is over, for one reader."""

    key: str
    absent: Owner
    absence: Absence
    reader: Owner
    cover: Owner | None
    over: bool


def first_day(owners: Iterable[Owner], now: datetime) -> date | None:
    """Return the day on which the first of the absences began of which a note may be due; None if there are none."""
    today = now.date()
    return min(
        (
            absence.since
            for owner in owners
            for absence in spells(owner)
            if absence.since - ONE_DAY <= today <= absence.back + TOLD_LATE + ONE_DAY
        ),
        default=None,
    )


def due_news(
    owners: Mapping[str, Owner], written: Collection[str], at_work: Callable[[Owner], bool], now: datetime
) -> list[AbsenceNote]:
    """Return the notes to send at ``now`` (UTC). ``written`` are the keys of the notes that exist; the return is told
    only where the absence was."""
    return [
        one
        for owner in owners.values()
        if owner.active
        for absence in spells(owner)
        for one in _of(owner, absence, owners, written, now)
        if one.reader.active and one.key not in written and at_work(one.reader)
    ]


def absence_effects(news: Iterable[AbsenceNote], seen: Sequence[Reviewed], now: datetime) -> list[PlannedEffect]:
    """Return the notes; ``seen`` are the reviews of the onboardings in which the absent people may have a role."""
    effects = []
    for one in news:
        mine = sorted(
            (found for found in seen if _holds(found, one.absent.id)), key=lambda found: found.case.account.name
        )
        post = _return_post(one, mine) if one.over else _start_post(one, mine, now)
        effects.append(
            PlannedEffect(
                key=one.key,
                kind=KIND,
                occurrence=one.absence.since.isoformat(),
                channel=Channel.SLACK,
                person_id=one.reader.id,
                recipient=one.reader.email,
                role=VendorRole.CSM.value,
                due_at=now,
                because=post.headline,
                data={
                    "post": stored_post(post),
                    "for": one.reader.name,
                    "zone": one.reader.zone,
                    "country": one.reader.country,
                    "most": min((found.playbook.ladder.messages_a_day for found in seen), default=MESSAGES_A_DAY),
                },
            )
        )
    return effects


def _of(
    owner: Owner, absence: Absence, owners: Mapping[str, Owner], written: Collection[str], now: datetime
) -> Iterator[AbsenceNote]:
    today = now.astimezone(zone_of(owner.zone)).date()
    if absence.since <= today < absence.back:
        cover = cover_of(owner, owners, now)
        for reader in filter(None, (owner, cover)):
            yield AbsenceNote(_key(owner, absence, reader, over=False), owner, absence, reader, cover, over=False)
    elif absence.back <= today <= absence.back + TOLD_LATE:
        for reader in owners.values():
            if _key(owner, absence, reader, over=False) in written:
                yield AbsenceNote(_key(owner, absence, reader, over=True), owner, absence, reader, None, over=True)


def _key(absent: Owner, absence: Absence, reader: Owner, *, over: bool) -> str:
    what = f"back-{absence.back}" if over else "away"
    return f"{KIND}:{absence.since}:{absent.id}:{what}:{Channel.SLACK.value}:{reader.id}"


def _holds(found: Reviewed, owner_id: str) -> bool:
    case, state = found.case, found.review.state
    if case.is_shut:
        return False
    held = {owner.id for owner in state.team.values()} | {cover.absent.id for cover in state.covers.values()}
    return found.review.progress.status in LIVE and owner_id in held


def _start_post(one: AbsenceNote, mine: Sequence[Reviewed], now: datetime) -> Post:
    absent, back = one.absent.name, one.absence.back
    customers = sentence("digest.customers", count=len(mine))
    if one.cover is None:
        return Post(headline=sentence("notes.away_uncovered", day=back), lines=(sentence("notes.name_a_backup"),))
    if one.reader.id == one.absent.id:
        cover = one.cover.name
        return Post(
            headline=sentence("notes.covered", cover=cover, day=back),
            lines=(
                sentence("notes.covered_work", customers=customers, cover=cover),
                sentence("notes.told_at_return"),
            ),
        )
    return Post(
        headline=sentence("notes.you_cover", absent=absent, day=back, customers=customers),
        lines=at_most([_standing(found, one.absence, now) for found in mine]),
        footer=sentence("notes.you_cover_footer", absent=absent),
    )


def _return_post(one: AbsenceNote, mine: Sequence[Reviewed]) -> Post:
    if one.reader.id != one.absent.id:
        return Post(
            headline=sentence("notes.no_longer_cover", absent=one.absent.name),
            lines=(sentence("notes.goes_back", absent=one.absent.name),),
        )
    zone = zone_of(one.absent.zone)
    since = datetime.combine(one.absence.since, time.min, tzinfo=zone).astimezone(UTC)
    told = [
        pattern("{account}: {happened}.", account=found.case.account.name, happened=joined("; ", happened))
        for found in mine
        if (happened := _happened(found, since))
    ]
    quiet = len(mine) - len(told)
    return Post(
        headline=sentence("notes.welcome_back", day=one.absence.since),
        lines=at_most([*told, *([sentence("notes.quiet", count=quiet)] if quiet else [])]),
        footer=sentence("notes.comes_back"),
    )


def _standing(found: Reviewed, absence: Absence, now: datetime) -> str:
    """Return where an onboarding stands, and what of the vendor's work is late or due before the return."""
    review = found.review
    said: list[str] = [sentence("notes.in_stage", stage=review.progress.stage)]
    if review.stalls:
        said.append(within(review.stalls[0].cause))
    due = [
        sentence("notes.was_due" if at < now else "notes.is_due", title=quoted(one.title), day=utc_day(at))
        for one in sorted(review.milestones, key=lambda one: one.due_at or now)
        if one.status == "open" and one.exit and one.side is not Side.CUSTOMER and one.stage is review.progress.stage
        if (at := one.due_at) is not None and at.date() <= absence.back
    ]
    return pattern("{account}: {said}.", account=found.case.account.name, said=joined("; ", [*said, *due[:2]]))


def _happened(found: Reviewed, since: datetime) -> list[str]:
    """Return what happened at one customer since a moment."""
    case, review = found.case, found.review
    said: list[str] = [
        sentence("notes.stage_since", stage=stage, day=utc_day(at))
        for stage, at in review.progress.stage_times.items()
        if at >= since
    ]
    done = tuple(of_playbook(one.title) for one in review.milestones if one.done_at and one.done_at >= since)
    if len(done) > MOST_DONE:
        said.append(sentence("notes.done_more", titles=done[:MOST_DONE], count=len(done) - MOST_DONE))
    elif done:
        said.append(sentence("notes.done", titles=done))
    for episode in case.episodes:
        if episode.closed_at is not None and episode.closed_at >= since:
            said.append(sentence("notes.over", cause=within(episode.cause)))
        elif episode.closed_at is None and episode.opened_at >= since:
            said.append(sentence("notes.stands_still", cause=within(episode.cause)))
    replies = sum(1 for one in review.state.replies if one.at >= since)
    said += [sentence("notes.replies", count=replies)] if replies else []
    mails = sum(
        1
        for one in case.effects
        if one.channel is Channel.MAIL and one.state is EffectState.SENT and one.sent_at and one.sent_at >= since
    )
    return [*said, *([sentence("notes.mails", count=mails)] if mails else [])]
