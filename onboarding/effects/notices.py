"""How many Slack messages notify one of the vendor's people on one local day; what is above it is gathered. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from onboarding.dates.working_time import next_open, zone_of
from onboarding.effects.payloads import ChatMethod, read_chat
from onboarding.effects.recheck import AFTER_HOURS
from onboarding.escalations.digest import DIGEST
from onboarding.escalations.thread_lines import GATHERED, KIND
from onboarding.messages.posts import Post, stored_post
from onboarding.model.case import Calendar
from onboarding.model.effect import Leased, PlannedEffect
from onboarding.model.phrases import mark_of
from onboarding.model.review import EffectChange
from onboarding.model.schedule import Hours
from onboarding.model.vocabulary import Channel, EffectState, Severity
from onboarding.review_case import Reviewed
from onboarding.sentences.sentence import sentence

TOGETHER = "gathered"
"""The kind of the message that tells the news of several. It belongs to no onboarding, so that none of them can take it
back with its own."""
MOST_TOGETHER = 30
"""How many messages one stands for: Slack takes some 12,000 characters. This project's choice."""
FOR_A_DIGEST = 1
"""Messages of a day that are kept for the digest. It belongs to no onboarding and always leaves."""
A_DAY = timedelta(days=1)
"""How long a message is useful at least that was put off: the cap made it late, and no other message has its news."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A message about to notify its reader, and the reader's local day."""

    key: str
    person_id: str
    day: str
    """ISO date in the reader's zone."""
    most: int | None
    """How many a day; None for what has its place in the day already and is counted all the same."""
    gathers: bool = False
    """Whether its news may leave in a message with others'."""
    rank: tuple[int, bool, datetime, str]
    """What leaves first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ration:
    """What leaves now, what leaves within another message, and what waits for the next working day."""

    admitted: tuple[Notice, ...] = ()
    gathered: tuple[tuple[Notice, ...], ...] = ()
    """Notices of one reader whose news leave in one message, which takes one place of their day."""
    later: frozenset[str] = frozenset()


Reserve = Callable[[Sequence[Notice]], Ration]
Asking = tuple[Leased, Mapping[str, Any], Reviewed | None]
"""A message that would leave, with its payload, and the review of its onboarding, where it belongs to one."""


def admit_notices(asking: Sequence[Notice], counted: Mapping[tuple[str, str], int]) -> Ration:
    """Return what fits the readers' days after what is ``counted`` by reader and day. The last place of a day takes
    everything that may be gathered."""
    admitted: list[Notice] = []
    gathered: list[tuple[Notice, ...]] = []
    later: set[str] = set()
    for reader in dict.fromkeys((one.person_id, one.day) for one in asking):
        mine = sorted((one for one in asking if (one.person_id, one.day) == reader), key=lambda one: one.rank)
        free = [one for one in mine if one.most is None]
        rest = [one for one in mine if one.most is not None]
        room = min((one.most for one in rest if one.most is not None), default=0) - FOR_A_DIGEST
        room = max(room - counted.get(reader, 0) - len(free), 0)
        admitted += free
        if len(rest) <= room:
            admitted += rest
            continue
        admitted += rest[: max(room - 1, 0)]
        above = rest[max(room - 1, 0) :]
        fits = [one for one in above if one.gathers]
        last = (fits[:MOST_TOGETHER] or above[:1]) if room else []
        if len(last) > 1:
            gathered.append(tuple(last))
        else:
            admitted += last
        later |= {one.key for one in above} - {one.key for one in last}
    return Ration(admitted=tuple(admitted), gathered=tuple(gathered), later=frozenset(later))


def ration(
    leaving: Sequence[tuple[Leased, Mapping[str, Any]]],
    reviewed: Mapping[str, Reviewed],
    now: datetime,
    reserve: Reserve,
) -> tuple[Mapping[str, EffectChange], tuple[PlannedEffect, ...]]:
    """Return the changes of messages that do not leave by themselves now, by key, and the messages to plan that tell
    the news of several. ``reserve`` admits and counts (``admit_notices`` over what was counted before)."""
    found = {
        effect.key: (effect, payload, reviewed.get(effect.onboarding_key or ""))
        for effect, payload in leaving
        if payload.get("method") == ChatMethod.POST.value
    }
    notices = [one for line in found.values() if (one := _notice(*line, now)) is not None]
    result = reserve(notices) if notices else Ration()
    changes: dict[str, EffectChange] = {}
    together = []
    for group in result.gathered:
        told = _together(group, [found[one.key] for one in group], now)
        together.append(told)
        because = f"{GATHERED}{told.key}"
        changes |= {one.key: EffectChange(key=one.key, state=EffectState.CANCELLED, because=because) for one in group}
    for key in result.later:
        effect, _, case = found[key]
        at = _next_day(effect, case, now)
        because = "put off: its reader has had as many messages as one gets in a day"
        until = max(effect.expires_at, at + A_DAY) if effect.expires_at else None
        changes[key] = EffectChange(key=key, state=EffectState.PLANNED, because=because, due_at=at, expires_at=until)
    return changes, tuple(together)


def gathered_post(told: Sequence[Mapping[str, Any]]) -> Post:
    """Return one message with the news of all of these payloads; what is to be done stands in their threads."""
    posts = [read_chat(one).post for one in told]
    lines = [
        f"{mark_of(post.severity) or '•'} {post.headline}. {' '.join(filter(None, post.brief or post.lines))}".rstrip()
        for post in posts
    ]
    return Post(headline=sentence("posts.gathered", count=len(lines)), lines=tuple(lines))


def waits_for_hours(
    effect: Leased, calendars: Callable[[str | None], Calendar], hours: tuple[Hours, ...], now: datetime
) -> EffectChange | None:
    """Return the change of a message of no onboarding, to one of the vendor's people, that did not leave when it was
    planned and is due outside their hours, as replies wait too; None for what may leave now."""
    waits = effect.kind == TOGETHER or effect.data.get("most") is not None
    if not waits or effect.data.get("wakes"):
        return None
    zone, country = _reader_place(effect, None)
    if effect.payload is None and effect.data.get("counts_on") == _day_of(zone, now):
        return None  # at first gathered news leave with the replies that they stand for
    opens_at = next_open(now, zone, calendars(country), hours)
    if opens_at == now:
        return None
    return EffectChange(key=effect.key, state=EffectState.PLANNED, because=AFTER_HOURS, due_at=opens_at)


def _together(group: Sequence[Notice], found: Sequence[Asking], now: datetime) -> PlannedEffect:
    """Return the message that tells the news of these. Its place in its reader's day is kept from now on; a repeat
    plans the same one, as the messages that it stands for are cancelled in the same transaction."""
    first = group[0]
    effect, payload, case = found[0]
    zone, country = _reader_place(effect, case)
    return PlannedEffect(
        key=f"{TOGETHER}:{first.day}:{first.key}",
        kind=TOGETHER,
        occurrence=first.day,
        channel=Channel.SLACK,
        person_id=effect.person_id,
        recipient=effect.recipient,
        role=effect.role,
        due_at=now,
        because=f"{len(group)} messages of one day would be too many for its reader",
        data={
            "post": stored_post(gathered_post([told for _, told, _ in found])),
            "for": payload.get("for"),
            "zone": zone,
            "country": country,
            "counts_on": first.day,
            "most": first.most,
            "stands_for": [one.key for one in group],
            **({"wakes": True} if any(one.data.get("wakes") for one, _, _ in found) else {}),
        },
    )


def stands_for(effect: Leased | PlannedEffect) -> tuple[str, ...]:
    """Return the keys of the messages whose news this message tells in their place."""
    return tuple(effect.data.get("stands_for", ()))


def _notice(effect: Leased, payload: Mapping[str, Any], found: Reviewed | None, now: datetime) -> Notice | None:
    """Return the notice of this message; None for a digest, which has its own place in the day, and for a channel's
    notes, which notify no single person."""
    personal = "@" in str(payload.get("channel") or "") or effect.kind in (KIND, TOGETHER)
    if effect.kind == DIGEST or not personal:
        return None
    day = _day_of(_reader_place(effect, found)[0], now)
    is_stall = effect.kind == KIND
    reply = is_stall and bool(effect.data.get("thread"))
    return Notice(
        key=effect.key,
        person_id=effect.person_id,
        day=day,
        most=found.playbook.ladder.messages_a_day if found else _most_of(effect, day),
        gathers=reply and effect.payload is None,
        rank=(0 if not is_stall else 2 if reply else 1, not _is_critical(payload), effect.due_at, effect.key),
    )


def _most_of(effect: Leased, day: str) -> int | None:
    """Return the cap for a message of no onboarding; None for gathered news on the day in which they have a place."""
    most = effect.data.get("most")
    return None if most is None or effect.data.get("counts_on") == day else int(most)


def _day_of(zone: str, now: datetime) -> str:
    return now.astimezone(zone_of(zone)).date().isoformat()


def _is_critical(payload: Mapping[str, Any]) -> bool:
    """Return whether the message is about something critical; a stored payload may be unreadable and still leaves."""
    post = payload.get("post")
    return isinstance(post, Mapping) and post.get("severity") == Severity.CRITICAL


def _next_day(effect: Leased, found: Reviewed | None, now: datetime) -> datetime:
    """Return when the reader's next working day opens; without an onboarding when the next day begins, whose hours are
    waited for then (``waits_for_hours``)."""
    zone, country = _reader_place(effect, found)
    tomorrow = now.astimezone(zone_of(zone)).date() + timedelta(days=1)
    midnight = datetime.combine(tomorrow, time(), zone_of(zone))
    if found is None:
        return midnight.astimezone(UTC)
    return next_open(midnight, zone, found.case.calendar(country), found.playbook.pace.hours)


def _reader_place(effect: Leased, found: Reviewed | None) -> tuple[str, str | None]:
    owner = found.case.owners.get(effect.person_id) if found else None
    return (owner.zone, owner.country) if owner else (str(effect.data.get("zone") or "UTC"), effect.data.get("country"))
