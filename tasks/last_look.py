"""The last look before something leaves: is it still right, is it still the hour, and what does it say today?"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from database import cases, crm_rows, queries, stops
from database.answers import Answer
from database.leased import Leased
from database.planned import MOVED
from onboarding.case import Case
from onboarding.posts import Post, read_post
from onboarding.review import EffectChange
from onboarding.reviewing import Reviewed, review
from onboarding.stopping import headed, stop_details, stop_headline
from onboarding.touchpoints.windows import TOO_LATE
from onboarding.words import Channel, EffectState
from onboarding.working_time import next_open
from tasks.crowding import leave_room
from tasks.faults import kind_and_place
from tasks.outgoing import Desk, NotYet, Unsayable, chat_payload, compose, is_edit
from tasks.workplace import Workplace

logger = logging.getLogger(__name__)

DIGEST = "digest"
WAIT = timedelta(minutes=5)
"""How long a reply waits before it looks for its message again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """An effect that may leave, with what it carries and for whom."""

    effect: Leased
    payload: Mapping[str, Any]
    recipient: str


def look_again(
    place: Workplace, as_of: datetime, channel: Channel, leased: Sequence[Leased]
) -> list[Ready | EffectChange | Answer]:
    """For each leased effect: ready, put off or cancelled (a change), or one of our own faults (an answer).

    Judged by the same rules that planned it, on the case as it is now: what is not yet leased follows new owners,
    dates and holds. A message that was frozen before leaves as it was frozen. One that fails our own code goes
    aside with its error, and the others go on.
    """
    with place.database.reading() as conn:
        keys = sorted({effect.onboarding_key for effect in leased if effect.onboarding_key})
        found = cases.load(conn, keys, as_of, place.calendars(as_of), place.settings.only_accounts)
        parents = {str(effect.data["parent"]) for effect in leased if effect.data.get("parent")}
        provider_ids = queries.provider_ids(conn, parents)
        stopped = stops.stops(conn) if any(effect.kind == DIGEST for effect in leased) else ()
        written = crm_rows.known_rows(conn, [effect.person_id for effect in leased]) if channel is Channel.CRM else {}
    values = {key: row.values for key, row in written.items()}
    desk = Desk(place=place, as_of=as_of, provider_ids=provider_ids, written=values, stopped=stopped)
    ours = frozenset(effect.key for effect in leased)
    reviewed: dict[str, Reviewed] = {}
    answers: list[Ready | EffectChange | Answer] = []
    for effect in leased:
        try:
            case = found.get(effect.onboarding_key or "")
            if case is not None and case.key not in reviewed:
                playbook = place.edition(case.progress.playbook)
                reviewed[case.key] = review(_as_planned(case, ours), playbook, as_of, frozenset())
            answers.append(_judge(effect, reviewed.get(effect.onboarding_key or ""), desk))
        except Unsayable as error:
            answers.append(EffectChange(key=effect.key, state=EffectState.CANCELLED, because=str(error)))
        except NotYet as error:
            answers.append(_after(effect, reviewed.get(effect.onboarding_key or ""), str(error), as_of))
        except Exception as error:
            told = f"{kind_and_place(error)} while it was made"
            logger.error("effect %s: %s", effect.key, told)
            logger.debug("effect %s", effect.key, exc_info=True)
            answers.append(Answer(key=effect.key, state="permanent", error=told))
    return _with_room(place, as_of, answers, reviewed) if channel is Channel.MAIL else answers


def _with_room(
    place: Workplace,
    as_of: datetime,
    found: Sequence[Ready | EffectChange | Answer],
    reviewed: Mapping[str, Reviewed],
) -> list[Ready | EffectChange | Answer]:
    """Mails for which today has no room are put off."""
    leaving = [(one.effect, one.recipient) for one in found if isinstance(one, Ready)]
    put_off = leave_room(place, as_of, leaving, reviewed)
    return [put_off.get(one.effect.key, one) if isinstance(one, Ready) else one for one in found]


def _after(effect: Leased, found: Reviewed | None, parent: str, as_of: datetime) -> EffectChange:
    """A reply or an edit waits for the message it belongs to, and falls with it."""
    lines = found.case.effects if found else ()
    state = next((line.state for line in lines if line.key == parent), EffectState.CANCELLED)
    if state in (EffectState.CANCELLED, EffectState.DEAD):
        return EffectChange(key=effect.key, state=EffectState.CANCELLED, because="its message never went out")
    because = "waits for the message it belongs to"
    return EffectChange(key=effect.key, state=EffectState.PLANNED, because=because, due_at=as_of + WAIT)


def _as_planned(case: Case, ours: frozenset[str]) -> Case:
    """The case as if what we hold were still waiting, so that the rules judge it."""
    lines: Iterable[Any] = (
        replace(line, state=EffectState.PLANNED) if line.key in ours else line for line in case.effects
    )
    return replace(case, effects=tuple(lines))


def _judge(effect: Leased, found: Reviewed | None, desk: Desk) -> Ready | EffectChange:
    if found is None:
        reader = effect.data.get("for")
        payload = effect.payload or chat_payload(
            effect, _kept_post(effect, desk), effect.recipient, desk, str(reader) if reader else None
        )
        return Ready(effect=effect, payload=payload, recipient=effect.recipient)
    change = next((one for one in found.review.changes if one.key == effect.key), None)
    if change is not None and (
        change.state is not EffectState.PLANNED or (change.due_at is not None and change.due_at > desk.as_of)
    ):
        return change
    opens_at = _opens_at(effect, found, desk)
    if opens_at > desk.as_of:
        because = "outside the reader's working hours; it waits for the next ones"
        if effect.expires_at is not None and opens_at > effect.expires_at:
            because = f"{TOO_LATE}the next working hours are past its time"
            return EffectChange(key=effect.key, state=EffectState.CANCELLED, because=because)
        return EffectChange(key=effect.key, state=EffectState.PLANNED, because=because, due_at=opens_at)
    recipient = (change.recipient if change else None) or effect.recipient
    moved = recipient.lower() != effect.recipient.lower()
    if moved and effect.in_doubt and effect.channel is Channel.MAIL:
        return EffectChange(key=effect.key, state=EffectState.CANCELLED, because=MOVED)
    # An edit is the whole of what is to be seen, so one that has to be tried again tells how things stand by then.
    # What was refused at an address is made anew for the next.
    frozen = None if moved or is_edit(effect) else effect.payload
    payload = frozen or compose(effect, found, desk, recipient)
    return Ready(effect=effect, payload=payload, recipient=recipient)


def _kept_post(effect: Leased, desk: Desk) -> Post:
    """What was written when it was planned; a digest stands under what is stopped when it leaves."""
    post = read_post(effect.data["post"])
    if effect.kind != DIGEST:
        return post
    return headed(
        post,
        [
            (stop_headline(one.channel), stop_details(one.channel, reason=one.reason, by=one.by, at=one.at))
            for one in desk.stopped
        ],
    )


def _opens_at(effect: Leased, found: Reviewed, desk: Desk) -> datetime:
    """The first working moment of the reader at or after now; a CRM never sleeps, and an edit wakes nobody."""
    if effect.channel is Channel.CRM or is_edit(effect):
        return desk.as_of
    reader = found.person(effect.person_id) or found.case.owners.get(effect.person_id)
    if reader is None:
        reader = found.review.standing.owner
    zone, country = (reader.zone, reader.country) if reader else ("UTC", None)
    return next_open(desk.as_of, zone, found.case.calendar(country), found.playbook.pace.hours)
