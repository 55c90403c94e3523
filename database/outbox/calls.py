"""What is taken of the vendor's people's time: agreed calls, and times that are offered to customers."""

from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, or_, select, update

from database import key_values
from database.statements import insert_new
from database.tables import DealRow, EffectRow, FactRow, KeyValueRow, OnboardingRow
from onboarding.booking.offer import Offer, read_offer
from onboarding.facts.meetings import KICKOFF_CALL
from onboarding.model.vocabulary import EffectState, FactKind, Status
from onboarding.stages.kickoff import KICKOFF

_LOCK = "offered_times"


class Taken(NamedTuple):
    """A time (UTC) at which one of the vendor's people has a call or has offered one."""

    person_id: str
    at: datetime
    onboarding_key: str
    effect_key: str = ""
    """The message that offers it; empty for an agreed call."""


def lock(conn: Connection) -> None:
    """Let no other transaction offer or agree times before this one ends; SQLite has one writer anyway."""
    insert_new(conn, KeyValueRow, [{"name": _LOCK, "value": "", "at": _LONG_AGO}])
    key_values.read(conn, _LOCK, held=True)


def hold(conn: Connection, key: str, offer: Offer | None) -> None:
    """Hold the times that a mail which waits for its owner offers, in place of those held for it; None: nothing."""
    values = {"offer": offer.stored() if offer else None, "offered_until": offer.until if offer else None}
    mine = (EffectRow.key == key, EffectRow.state == EffectState.WITHHELD.value)
    conn.execute(update(EffectRow).where(*mine).values(values))


def taken(conn: Connection, now: datetime, people: Collection[str] | None = None) -> list[Taken]:
    """Return what is taken from ``now`` on, of these people or of all, in three statements. Past calls cost nothing.

    A time is held from when its message is made until it is over, the message is given up, or its onboarding has agreed
    on a call since, whoever of ours offered it.
    """
    agreed, answered = _agreed(conn, now)
    found = (*agreed, *_offered(conn, now, answered))
    return [one for one in found if people is None or one.person_id in people]


def _offered(conn: Connection, now: datetime, answered: dict[str, datetime]) -> Iterator[Taken]:
    query = select(EffectRow.key, EffectRow.onboarding_key, EffectRow.offer, EffectRow.sent_at).where(*_held(now))
    for row in conn.execute(query):
        offer = read_offer(row.offer)
        if offer is None:
            continue
        since = answered.get(row.onboarding_key)
        if since is None or row.sent_at is None or since < row.sent_at:
            yield from (Taken(offer.by, at, row.onboarding_key, row.key) for at in offer.at)


def _agreed(conn: Connection, now: datetime) -> tuple[list[Taken], dict[str, datetime]]:
    """Return the agreed calls that are ahead, and when each onboarding last agreed on one."""
    calls: dict[tuple[str, str], Taken] = {}
    answered: dict[str, datetime] = {}
    # Sorting is stable: what was reported at the moment at which the CRM showed another time is the newer one.
    for said in sorted((*_in_crm(conn, now), *_reported(conn, now)), key=lambda one: one.known_at):
        if said.taken is None:
            calls.pop(said.call, None)
        else:
            calls[said.call] = said.taken
            answered[said.taken.onboarding_key] = said.known_at
    return [*_ahead(calls.values(), now)], answered


class _Said(NamedTuple):
    """What a report, or the deal's own field, says of a call; ``taken`` is None where it is off."""

    known_at: datetime
    call: tuple[str, str]
    """The onboarding, and the name of the call."""
    taken: Taken | None


def _reported(conn: Connection, now: datetime) -> Iterator[_Said]:
    """Yield what was reported of onboardings with a call ahead or times offered, in the order of learning.
    ``kickoff_held`` is taken back without the kickoff's time."""
    ahead = select(FactRow.onboarding_key).where(FactRow.call_at > now)
    query = (
        select(
            FactRow.onboarding_key,
            OnboardingRow.owner_id,
            FactRow.kind,
            FactRow.name,
            FactRow.call_at,
            FactRow.learned_at,
        )
        .join(OnboardingRow, OnboardingRow.key == FactRow.onboarding_key)
        .where(_CALLS_STAND, FactRow.onboarding_key.in_(ahead.union(_offering(now), _shown_ahead(now))))
        .where(or_(FactRow.kind == FactKind.MILESTONE_UNDONE.value, FactRow.call_at.is_not(None)))
        .order_by(FactRow.learned_at, FactRow.at, FactRow.key)
    )
    for row in conn.execute(query):
        if row.kind == FactKind.MILESTONE_UNDONE.value:
            yield _Said(row.learned_at, (row.onboarding_key, row.name), None)
        elif row.owner_id:
            call = row.onboarding_key, KICKOFF_CALL if row.name in KICKOFF else row.name
            yield _Said(row.learned_at, call, Taken(row.owner_id, row.call_at, row.onboarding_key))


def _in_crm(conn: Connection, now: datetime) -> Iterator[_Said]:
    """Yield the times of kickoffs in the deals' own field, each known since the CRM first showed it."""
    query = (
        select(DealRow.onboarding_key, OnboardingRow.owner_id, DealRow.kickoff_at, DealRow.kickoff_seen_at)
        .join(OnboardingRow, OnboardingRow.key == DealRow.onboarding_key)
        .where(_CALLS_STAND, DealRow.kickoff_at.is_not(None), OnboardingRow.owner_id.is_not(None))
        .where(or_(DealRow.kickoff_at > now, DealRow.onboarding_key.in_(_offering(now))))
        .order_by(DealRow.kickoff_at)
    )
    for row in conn.execute(query):
        known_at, call = row.kickoff_seen_at or _LONG_AGO, (row.onboarding_key, KICKOFF_CALL)
        yield _Said(known_at, call, Taken(row.owner_id, row.kickoff_at, row.onboarding_key))


def _offering(now: datetime) -> Select[tuple[str | None]]:
    return select(EffectRow.onboarding_key).where(*_held(now))


def _shown_ahead(now: datetime) -> Select[tuple[str | None]]:
    return select(DealRow.onboarding_key).where(DealRow.kickoff_at > now, DealRow.onboarding_key.is_not(None))


def _held(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of messages that hold times which are ahead."""
    given_up = [EffectState.CANCELLED.value, EffectState.DEAD.value]
    return (
        EffectRow.offered_until.is_not(None),
        EffectRow.offered_until > now,
        EffectRow.state.not_in(given_up),
    )


_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_CALLS_STAND = OnboardingRow.status.not_in([Status.CHURNED.value, Status.CANCELLED.value])
"""Of completed onboardings too: check-ins go on."""


def _ahead(calls: Iterable[Taken], now: datetime) -> Iterator[Taken]:
    return (one for one in calls if one.at > now)
