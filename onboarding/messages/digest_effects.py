"""When each of the vendor's people gets the daily digest, and its effects. Pure: for live runs and simulations."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from onboarding.dates.working_time import is_open, zone_of
from onboarding.escalations.digest import DIGEST, NOTHING_NEW, DigestLine, digests
from onboarding.escalations.digest_changes import DigestChanges, LastDigest, changes
from onboarding.escalations.readers import CHANNEL, CHANNEL_ID
from onboarding.forms.buttons import Buttons, done_options
from onboarding.forms.form import Option
from onboarding.messages.posts import Post, stored_post
from onboarding.model.case import Calendar
from onboarding.model.effect import PlannedEffect
from onboarding.model.parties import Owner
from onboarding.model.schedule import Hours
from onboarding.model.vocabulary import Channel, EffectState, VendorRole
from onboarding.people.absences import away, cover_of
from onboarding.sentences.sentence import of_playbook, pattern, sentence

SINCE = "since"
"""In the data of a digest with nothing new: the day of the last one that was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestDay:
    """The digests of one moment: those that exist, and the people at work who have none yet."""

    now: datetime
    """UTC."""
    written: frozenset[str]
    """Keys of existing digests."""
    ready: Mapping[str, Owner]
    """People who are at work and have no digest of today yet, by id."""
    last: Mapping[str, LastDigest] = field(default_factory=dict)
    """The last digest of each of them, and of the managers' channel."""


def keys_of_today(owners: Iterable[Owner], now: datetime) -> frozenset[str]:
    """Return the keys of today's digests: one for each person on their local day, one for the managers' channel."""
    return frozenset({*(_key(owner.id, _today(owner, now)) for owner in owners), _key(CHANNEL_ID, now.date())})


def digest_day(
    owners: Iterable[Owner],
    written: Collection[str],
    now: datetime,
    calendars: Callable[[str | None], Calendar],
    hours: tuple[Hours, ...],
) -> DigestDay:
    """Return who gets a digest at ``now``: active people in their own working hours, once on each of their local days.

    Not who is away and has a cover, who gets the work meanwhile: the first digest after the return tells what changed
    since the last one before the absence. ``hours`` may be those of any playbook, as a digest belongs to none.
    """
    known = {owner.id: owner for owner in owners}
    return DigestDay(
        now=now,
        written=frozenset(written),
        ready={
            owner.id: owner
            for owner in known.values()
            if owner.active
            and (away(owner, now) is None or cover_of(owner, known, now) is None)
            and _key(owner.id, _today(owner, now)) not in written
            and is_open(now, owner.zone, calendars(owner.country), hours)
        },
    )


def is_read(owners: Mapping[str, Owner], day: DigestDay) -> Callable[[str], bool]:
    """Return a test of owner ids: whether a digest of ``day`` says what is for that person.

    What is for an inactive or unknown person is for the managers' channel.
    """
    of_channel = _key(CHANNEL_ID, day.now.date()) not in day.written

    def reads(owner_id: str) -> bool:
        owner = owners.get(owner_id)
        return owner_id in day.ready if owner is not None and owner.active else of_channel

    return reads


def digest_effects(
    lines: Iterable[DigestLine], owners: Mapping[str, Owner], day: DigestDay, *, answers: bool
) -> list[PlannedEffect]:
    """Return the digests to plan now for those who have lines, or of whose work something is gone.

    ``answers``: the chat can receive button presses. Lines for inactive people go to the managers' channel, once a
    day (UTC), with the first digest of the day.
    """
    readers = {
        owner.id: _Reader(owner.id, owner.email, VendorRole.CSM, owner.name, _today(owner, day.now), owner.zone)
        for owner in day.ready.values()
    }
    readers[CHANNEL_ID] = _Reader(CHANNEL_ID, CHANNEL, VendorRole.CS_MANAGER, "managers", day.now.date(), "UTC")
    found = digests(lines, owners, day.now.date())
    effects = []
    for reader in readers.values():
        mine, last = found.get(reader.id, ()), day.last.get(reader.id)
        effect = _effect(reader, mine, day, answers)
        forgets = effect.data["works"] != (dict(last.works) if last else {})
        if effect.key not in day.written and (forgets or not all(line.rests for line in mine)):
            effects.append(effect)
    return effects


class _Reader(NamedTuple):
    """The recipient of a digest, and the recipient's local day."""

    id: str
    address: str
    role: VendorRole
    name: str
    day: date
    zone: str


def _effect(reader: _Reader, lines: Sequence[DigestLine], day: DigestDay, answers: bool) -> PlannedEffect:
    """Return the reader's digest; one that is not worth sending is planned as cancelled, so that the day is
    settled and what changed without a word (a date that moved away) is remembered."""
    last = day.last.get(reader.id)
    since = last.day if last is not None and last.day > date.min else None
    found = changes(lines, last, day.now, reader.zone)
    post = digest_post(found, since, reader.day, answers=answers)
    count, sent = len(found.shown), found.worth_sending
    return PlannedEffect(
        key=_key(reader.id, reader.day),
        kind=DIGEST,
        occurrence=reader.day.isoformat(),
        channel=Channel.SLACK,
        person_id=reader.id,
        recipient=reader.address,
        role=reader.role.value,
        due_at=day.now,
        because=f"{count} changes until {reader.day.isoformat()}" if count else NOTHING_NEW,
        state=EffectState.PLANNED if sent else EffectState.CANCELLED,
        data={
            "post": stored_post(post),
            "for": reader.name,
            "zone": reader.zone,
            "works": dict(found.works),
            "marks": dict(found.marks),
            **({} if sent else {SINCE: since.isoformat() if since else ""}),
        },
    )


def last_digest(occurrence: str, data: Mapping[str, Any]) -> LastDigest:
    """Return what a digest's reader has seen, from its occurrence and stored data."""
    sent_on = data.get(SINCE, occurrence)
    return LastDigest(
        day=date.fromisoformat(sent_on) if sent_on else date.min,
        works=data.get("works") or {},
        marks=data.get("marks") or {},
    )


def _key(person_id: str, day: date) -> str:
    return f"{DIGEST}:{day.isoformat()}:{Channel.SLACK.value}:{person_id}"


def _today(owner: Owner, now: datetime) -> date:
    return now.astimezone(zone_of(owner.zone)).date()


def digest_post(found: DigestChanges, last: date | None, day: date, *, answers: bool = False) -> Post:
    """Return a person's digest of the day: what changed since the ``last`` one, by what kind of change it is, and how
    much did not. With ``answers`` it has buttons that mark its work as done."""
    lines: list[str] = []
    for section, mine in found.sections.items():
        if mine:
            heading = sentence(f"digest.section_{section.name.lower()}")
            said = [pattern("• {account}: {text}", account=line.account, text=line.text) for line in mine]
            lines += [*([""] if lines else []), heading, *said]
    if found.left:
        lines += ["", sentence("digest.left", count=found.left)]
    if found.unchanged:
        key = "digest.as_on" if last else "digest.besides"
        lines += ["", sentence(key, count=found.unchanged, **({"day": last} if last else {}))]
    doable = tuple(
        (what, pattern("{account}: {work}", account=line.account, work=of_playbook(title)))
        for line in found.shown
        if line.work
        for what, title, _ in done_options(line.onboarding, [Option(*line.work)])
    )
    return Post(
        headline=_headline(found.shown, day),
        lines=tuple(lines),
        buttons=Buttons(doable=doable) if answers and doable else None,
    )


def _headline(shown: Sequence[DigestLine], day: date) -> str:
    if not shown:
        return sentence("digest.headline_nothing", day=day)
    customers = sentence("digest.customers", count=len({line.onboarding for line in shown}))
    return sentence("digest.headline", day=day, things=sentence("digest.things", count=len(shown)), customers=customers)
