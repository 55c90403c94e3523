"""Delivery: lease what is due, look once more, announce, send, record what was answered. One lane a channel."""

import logging
import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from database import answers, crm_rows, ledger, openings, queries
from database.answers import Answer
from database.crm_rows import CrmRow
from database.leased import Leased
from database.ledger import Doubt
from integrations.ports import Outcome, Parcel, Sender, Unreachable
from onboarding.review import EffectChange
from onboarding.words import Channel
from tasks.last_look import Ready, look_again
from tasks.reports import DeliveryReport, Failure
from tasks.reviews import review_named
from tasks.scope import Scope
from tasks.stages import STAGE_WORK
from tasks.task_run import task_run
from tasks.termination import orderly_exit
from tasks.workplace import Workplace

logger = logging.getLogger(__name__)

BATCH = 200
"""Effects leased at once: what one lane can send well inside a lease."""


@dataclass
class _Lane:
    """One round of one channel: who sends, under which token, and what came of it."""

    place: Workplace
    channel: Channel
    as_of: datetime
    token: str
    tally: Counter[str] = field(default_factory=Counter)
    dead: list[Failure] = field(default_factory=list)
    told: set[str] = field(default_factory=set)
    """Onboardings to whose people something was sent: what that proves is worked out before the lane ends."""

    @property
    def sender(self) -> Sender:
        return self.place.sender(self.channel)

    @property
    def doubt(self) -> Doubt:
        """What to do where nobody knows whether an effect arrived."""
        return doubt_of(self.place, self.channel)


def doubt_of(place: Workplace, channel: Channel) -> Doubt:
    """A keyed channel drops a repeat, a lookup channel can be asked; for a plain one the operator has chosen."""
    guarantee = place.sender(channel).guarantee
    if guarantee == "keyed":
        return "repeat"
    if guarantee == "lookup":
        return "ask"
    return "repeat" if place.settings.mail_in_doubt == "resend" and channel is Channel.MAIL else "park"


@task_run("deliver")
def deliver(place: Workplace, as_of: datetime, channel: Channel, scope: Scope) -> DeliveryReport:
    """Send everything that is due on one channel, in batches, until nothing is left.

    Safe to run twice and beside any other run: an effect is leased by one worker at a time, announced before it
    leaves and settled by what was answered; what a dead worker left is taken up first (reliability, section 4).
    On the way out of an interrupted run unstarted leases are given back.
    """
    lane = _Lane(place=place, channel=channel, as_of=as_of, token=secrets.token_hex(16))
    with orderly_exit():
        _recover(lane)
        keys = _keys(lane, scope)
        while (leased := _claim(lane, keys)) or lane.told:
            with _given_back(lane):
                _carry_out(lane, leased)
            if not leased:
                _book(lane, scope)
            keys = _keys(lane, scope)
    return DeliveryReport(
        channel=channel,
        sent=lane.tally["sent"],
        failed=lane.tally["transient"] + lane.tally["permanent"],
        unknown=lane.tally["unknown"],
        moved=lane.tally["moved"],
        dead=tuple(lane.dead),
    )


def _book(lane: _Lane, scope: Scope) -> None:
    """What was sent proves something (the welcome went out, both sides were told), and that may end a stage: worked
    out now, so that the CRM hears of it in this cycle and a second cycle finds nothing new."""
    told, lane.told = sorted(lane.told), set()
    review_named(lane.place, told, lane.as_of, scope.by, STAGE_WORK)


def _recover(lane: _Lane) -> None:
    """Take up what dead workers left on this lane: another one that is down delays only itself."""
    place = lane.place
    with place.database.writing() as conn:
        doubts = {lane.channel: lane.doubt}
        found = answers.recover(conn, real_now=place.wall_clock(), token=lane.token, doubts=doubts)
    _settle(lane, [answer for one in found.ask if (answer := _asked(lane, one.key))])


def _asked(lane: _Lane, key: str) -> Answer | None:
    """What the far side says of a doubt; None while it cannot be asked: then nothing leaves, and it is asked again."""
    try:
        there = lane.sender.find(key)
    except Unreachable as error:
        logger.warning("effect %s is in doubt, and the far side cannot be asked now: %s", key, error)
        return None
    if there:
        return Answer(key=key, state="sent", provider_id=there)
    return Answer(key=key, state="transient", error="it had not arrived when it was asked for")


def _keys(lane: _Lane, scope: Scope) -> list[str] | None:
    if scope.accounts is None:
        return None
    with lane.place.database.reading() as conn:
        return queries.due_effects(conn, lane.channel, lane.as_of, scope.accounts)


def _claim(lane: _Lane, keys: Sequence[str] | None) -> list[Leased]:
    if keys is not None and not keys:
        return []
    place = lane.place
    with place.database.writing() as conn:
        return ledger.claim(
            conn,
            lane.channel,
            as_of=lane.as_of,
            real_now=place.wall_clock(),
            token=lane.token,
            limit=BATCH,
            keys=keys[:BATCH] if keys is not None else None,
        )


@contextmanager
def _given_back(lane: _Lane) -> Iterator[None]:
    """Whatever ends the round early (SIGTERM, a fault of ours): leases that were not announced go back at once."""
    try:
        yield
    except BaseException:
        with lane.place.database.writing() as conn:
            ledger.give_back(conn, lane.token)
        raise


def _carry_out(lane: _Lane, leased: Sequence[Leased]) -> None:
    found = look_again(lane.place, lane.as_of, lane.channel, leased)
    moves = [one for one in found if isinstance(one, EffectChange)]
    faults = [one for one in found if isinstance(one, Answer)]
    ready = [one for one in found if isinstance(one, Ready)]
    with lane.place.database.writing() as conn:
        ledger.move(conn, lane.token, moves)
        ledger.freeze(
            conn,
            lane.token,
            {one.effect.key: one.payload for one in ready if lane.channel is not Channel.CRM},
            {one.effect.key: one.recipient for one in ready},
        )
    lane.tally["moved"] += len(moves)
    if faults:
        _announce(lane, [answer.key for answer in faults])
        _settle(lane, faults)
    batch = lane.sender.batch if lane.doubt == "repeat" and lane.sender.guarantee == "keyed" else 1
    for start in range(0, len(ready), batch):
        _send(lane, ready[start : start + batch])


def _send(lane: _Lane, ready: Sequence[Ready]) -> None:
    """Announce, send, settle. The rows that a CRM took are remembered in the transaction that settles them."""
    going = _announce(lane, [one.effect.key for one in ready])
    leaving = [one for one in ready if one.effect.key in going]
    parcels = [Parcel(key=one.effect.key, payload=one.payload) for one in leaving]
    outcomes = lane.sender.send(parcels) if parcels else []
    pairs = list(zip(leaving, outcomes, strict=True))
    _settle(lane, [_answer(one, outcome) for one, outcome in pairs], _rows_written(lane, pairs))
    for one, outcome in pairs:
        logger.info("effect %s: %s", one.effect.key, outcome.state)


def _announce(lane: _Lane, keys: Sequence[str]) -> frozenset[str]:
    place = lane.place
    with place.database.writing() as conn:
        going = ledger.announce(conn, lane.token, list(keys), as_of=lane.as_of, real_now=place.wall_clock())
        ledger.give_back(conn, lane.token, [key for key in keys if key not in going])
    return going


def _answer(one: Ready, outcome: Outcome) -> Answer:
    return Answer(
        key=one.effect.key,
        state=outcome.state,
        provider_id=outcome.provider_id,
        error=outcome.error,
        retry_after=outcome.retry_after,
    )


def _rows_written(lane: _Lane, pairs: Sequence[tuple[Ready, Outcome]]) -> list[CrmRow]:
    if lane.channel is not Channel.CRM:
        return []
    return [
        CrmRow(
            key=one.payload["key"],
            onboarding_key=one.effect.onboarding_key or "",
            values={name: value for name, value in one.payload["fields"].items() if value is not None},
        )
        for one, outcome in pairs
        if outcome.state == "sent"
    ]


def _settle(lane: _Lane, found: Sequence[Answer], rows: Sequence[CrmRow] = ()) -> None:
    if not found:
        return
    place = lane.place
    with place.database.writing() as conn:
        answers.settle(conn, lane.token, found, as_of=lane.as_of, real_now=place.wall_clock(), doubt=lane.doubt)
        crm_rows.remember_written(conn, rows, place.wall_clock())
        if lane.channel is not Channel.CRM:
            sent = [answer.key for answer in found if answer.state == "sent"]
            told = queries.onboardings_of_effects(conn, sent)
            openings.touch(conn, told, lane.as_of)
            lane.told |= told
    lane.tally.update(answer.state for answer in found)
    lane.dead += [
        Failure(where=answer.key, error=answer.error or "refused") for answer in found if answer.state == "permanent"
    ]
