"""How many Slack messages notify one of the vendor's people on one local day; what is above it is gathered. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import Any

from onboarding.dates.working_time import next_open, zone_of
from onboarding.effects.payloads import ChatMethod, ChatPayload, read_chat
from onboarding.escalations.thread_lines import GATHERED, KIND
from onboarding.messages.posts import Post
from onboarding.model.effect import Leased
from onboarding.model.review import EffectChange
from onboarding.model.vocabulary import EffectState, Severity
from onboarding.review_case import Reviewed

FOR_A_DIGEST = 1
"""Messages of a day that are kept for the digest. It belongs to no onboarding and always leaves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A message about to notify its reader, and the reader's local day."""

    key: str
    person_id: str
    day: str
    """ISO date in the reader's zone."""
    most: int | None
    """How many a day; None for what always leaves and is counted all the same."""
    gathers: bool = False
    """Whether its news may leave in a message with others'."""
    rank: tuple[int, bool, datetime, str]
    """What leaves first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ration:
    """What leaves now, what leaves within another message, and what waits for the next working day."""

    admitted: tuple[Notice, ...] = ()
    gathered: Mapping[str, str] = field(default_factory=dict)
    """Key of a message, and of the one that tells its news."""
    later: frozenset[str] = frozenset()


Reserve = Callable[[Sequence[Notice]], Ration]


def admit_notices(asking: Sequence[Notice], counted: Mapping[tuple[str, str], int]) -> Ration:
    """Return what fits the readers' days after what is ``counted`` by reader and day. The last place of a day takes
    everything that may be gathered."""
    admitted: list[Notice] = []
    gathered: dict[str, str] = {}
    later: set[str] = set()
    for reader in dict.fromkeys((one.person_id, one.day) for one in asking):
        mine = sorted((one for one in asking if (one.person_id, one.day) == reader), key=lambda one: one.rank)
        free = [one for one in mine if one.most is None]
        rest = [one for one in mine if one.most is not None]
        room = min((one.most for one in rest if one.most is not None), default=0) - FOR_A_DIGEST
        room = max(room - counted.get(reader, 0), 0)
        admitted += free
        if len(rest) <= room:
            admitted += rest
            continue
        admitted += rest[: max(room - 1, 0)]
        above = rest[max(room - 1, 0) :]
        fits = [one for one in above if one.gathers]
        if room:
            lead = fits[0] if fits else above[0]
            admitted.append(lead)
            gathered |= {one.key: lead.key for one in fits if one is not lead}
        later |= {one.key for one in above} - {one.key for one in admitted} - gathered.keys()
    return Ration(admitted=tuple(admitted), gathered=gathered, later=frozenset(later))


def ration(
    leaving: Sequence[tuple[Leased, Mapping[str, Any]]],
    reviewed: Mapping[str, Reviewed],
    now: datetime,
    reserve: Reserve,
) -> tuple[Mapping[str, EffectChange], Mapping[str, Mapping[str, Any]]]:
    """Return the changes of messages that do not leave by themselves now, and the payloads of those that tell the news
    of others, both by key. ``reserve`` admits and counts (``admit_notices`` over what was counted before)."""
    found = {
        effect.key: (effect, payload, reviewed.get(effect.onboarding_key or ""))
        for effect, payload in leaving
        if payload.get("method") == ChatMethod.POST.value
    }
    notices = [one for line in found.values() if (one := _notice(*line, now)) is not None]
    result = reserve(notices) if notices else Ration()
    changes = {
        key: EffectChange(key=key, state=EffectState.CANCELLED, because=f"{GATHERED}{lead}")
        for key, lead in result.gathered.items()
    }
    for key in result.later:
        effect, _, case = found[key]
        at = _next_day(effect, case, now) if case else now
        because = "put off: its reader has had as many messages as one gets in a day"
        if effect.expires_at is None or at <= effect.expires_at:  # what cannot wait leaves all the same
            changes[key] = EffectChange(key=key, state=EffectState.PLANNED, because=because, due_at=at)
    payloads = {
        lead: gathered_payload([found[lead][1], *(found[key][1] for key, to in result.gathered.items() if to == lead)])
        for lead in dict.fromkeys(result.gathered.values())
    }
    return changes, payloads


def gathered_payload(told: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return one message to the reader of these with the news of all of them."""
    messages = [read_chat(one) for one in told]
    lines = [f"• {one.post.headline}. {' '.join(one.post.lines[:1])}".rstrip() for one in messages]
    post = Post(headline=f"{len(lines)} more changes in your onboardings today", lines=tuple(lines))
    gathered: ChatPayload = replace(messages[0], post=post, thread_ts=None)
    return gathered.stored()


def _notice(effect: Leased, payload: Mapping[str, Any], found: Reviewed | None, now: datetime) -> Notice | None:
    """Return the notice of this message; None for a channel's notes, which notify no single person."""
    if "@" not in str(payload.get("channel") or "") and effect.kind != KIND:
        return None
    zone = _reader_place(effect, found)[0]
    is_stall = effect.kind == KIND
    reply = is_stall and bool(effect.data.get("thread"))
    return Notice(
        key=effect.key,
        person_id=effect.person_id,
        day=now.astimezone(zone_of(zone)).date().isoformat(),
        most=found.playbook.ladder.messages_a_day if found else None,
        gathers=reply and effect.payload is None,
        rank=(0 if not is_stall else 2 if reply else 1, not _is_critical(payload), effect.due_at, effect.key),
    )


def _is_critical(payload: Mapping[str, Any]) -> bool:
    """Return whether the message is about something critical; a stored payload may be unreadable and still leaves."""
    post = payload.get("post")
    return isinstance(post, Mapping) and post.get("severity") == Severity.CRITICAL


def _next_day(effect: Leased, found: Reviewed, now: datetime) -> datetime:
    zone, country = _reader_place(effect, found)
    tomorrow = now.astimezone(zone_of(zone)).date() + timedelta(days=1)
    midnight = datetime.combine(tomorrow, time(), zone_of(zone))
    return next_open(midnight, zone, found.case.calendar(country), found.playbook.pace.hours)


def _reader_place(effect: Leased, found: Reviewed | None) -> tuple[str, str | None]:
    owner = found.case.owners.get(effect.person_id) if found else None
    return (owner.zone, owner.country) if owner else (str(effect.data.get("zone") or "UTC"), None)
