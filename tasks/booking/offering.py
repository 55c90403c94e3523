"""The times for calls that mails offer: free of what others were offered, and held in the transaction that stores the
mail."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from database import key_values
from database.onboardings import overview
from database.outbox import calls
from onboarding.booking.diary import Diary
from onboarding.booking.offer import Offer, read_offer
from onboarding.drafts.decisions import Decided
from onboarding.messages.calendar_days import Days
from onboarding.messages.letter_parts import LetterContext
from onboarding.model.parties import Owner
from tasks.runtime.context import RunContext

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from config.mail_templates.render import Rendered, Templates


def taken_offer(
    mail: "Rendered", free: Sequence[datetime] | None, days: Days, owner: Owner, diary: Diary
) -> Offer | None:
    """Return the offer of a mail, those of the ``free`` times that it names, and take them in the diary; None where it
    names none. Without ``free`` a person wrote its words: all times that those name."""
    if free is not None and not free:
        return None
    # A text breaks its lines anywhere.
    said = " ".join(f"{mail.subject} {mail.preheader} {mail.text}".replace("*", "").split())
    times = days.times_in(said) if free is None else {days.when(at): at.astimezone(UTC) for at in free}
    named = tuple(at for words, at in times.items() if words in said)
    for at in named:
        diary.take(owner.id, at)
    return Offer(by=owner.id, at=named, by_hand=free is None) if named else None


def rendered_mail(templates: "Templates", template: str, letter: LetterContext, draft: Decided) -> "Rendered":
    """Return the mail: subject and text as they were edited, if they were. Raises PlaybookError for a bad template."""
    if draft.text is None or draft.subject is None:
        return templates.render(template, letter)
    return templates.edited(letter, draft.subject, draft.text)


def diary_of(conn: "Connection", context: RunContext, as_of: datetime) -> Diary:
    """Return what is taken of our people's time, read once for a moment; what this run offers is taken in it."""
    if as_of not in context.diaries:
        context.diaries.clear()
        context.diaries[as_of] = read_diary(conn, as_of)
    return context.diaries[as_of]


def read_diary(conn: "Connection", now: datetime) -> Diary:
    """Return what is taken of our people's time from ``now`` on: agreed calls, offered times, their own calendars."""
    return diary_with(conn, calls.taken(conn, now))


def diary_with(conn: "Connection", taken: Iterable[calls.Taken]) -> Diary:
    """Return the diary of these times, and of the busy times in our people's own calendars."""
    diary = Diary()
    for one in taken:
        diary.take(one.person_id, one.at)
    kept = key_values.read(conn, key_values.BUSY)
    busy: Mapping[str, Sequence[tuple[str, str]]] = json.loads(kept.value) if kept else {}
    if busy:
        for owner in overview.owners(conn).values():
            for start, end in busy.get(owner.email.casefold(), ()):
                diary.take(owner.id, datetime.fromisoformat(start), datetime.fromisoformat(end))
    return diary


def overtaken(
    conn: "Connection", context: RunContext, made: Mapping[str, Mapping[str, Any]], as_of: datetime
) -> frozenset[str]:
    """Return the keys of those payloads, just made, with a time that another customer was offered or agreed on since.

    Nobody else offers a time before this transaction ends. What a person wrote is not made anew: the words stay.
    """
    found_offers = {key: read_offer(payload.get("offer")) for key, payload in made.items()}
    offers = {key: offer for key, offer in found_offers.items() if offer and not offer.by_hand}
    if not offers:
        return frozenset()
    calls.lock(conn)
    diary = Diary()
    for one in calls.taken(conn, as_of, {offer.by for offer in offers.values()}):
        if one.effect_key not in offers:
            diary.take(one.person_id, one.at)
    found = {key for key, offer in offers.items() if not all(diary.is_free(offer.by, at) for at in offer.at)}
    if found:
        context.diaries.clear()
    return frozenset(found)
