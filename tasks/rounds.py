"""One lane of delivery: lease what is due, look once more, announce, send, record what was answered."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial

from sqlalchemy import Connection

from database import answers, ledger, openings, queries, rounds
from database.answers import CRASHED, POISON, Answer
from integrations.ports import Unreachable
from onboarding.effects.effect import Leased, is_edit
from onboarding.review import EffectChange
from onboarding.words import Channel, EffectState
from tasks.lane import Lane
from tasks.last_look import Ready, look_again
from tasks.reports import DeliveryReport
from tasks.reviews import review_named
from tasks.scope import Scope
from tasks.sending import Sending, Sent
from tasks.stages import STAGE_WORK
from tasks.suspects import next_part

logger = logging.getLogger(__name__)

BATCH = 200
"""Effects leased at once where they leave one by one: what a lane can send well inside a lease."""

MOST = 1000
"""The same where they leave in batches: a few calls, and the cost of a look is shared by more."""

LOOKED_AT_A_SECOND = 50
"""Effects looked at again in a second, at the very least: a batch above ``MOST`` is leased for so much longer. Ours."""

SECONDS_AHEAD = 20.0
"""A lane with a rate leases no more than leaves in this time."""

PATIENCE = 20.0
"""Seconds after which a call under way has its leases prolonged: well inside a lease of 60."""

LAST_ANSWERS = 2.0
"""Seconds that a round which ends early gives to calls under way: an answer heard is a doubt less."""


def carry_out(lane: Lane, scope: Scope) -> DeliveryReport:
    """Send everything that is due on one channel, in batches, until nothing is left, its time is up or it is halted.

    Safe to run twice and beside any other run: an effect is leased by one worker at a time, announced before it
    leaves and settled by what was answered; what a dead worker left is taken up first.
    A lane that is down is left alone until its breaker's rest is over.
    """
    place = lane.place
    with place.database.reading() as conn:
        waits = rounds.work_waits(conn, lane.channel, as_of=lane.as_of, real_now=lane.began)
    if waits:
        with _calls(lane) as sending:
            _recover(lane)
            while not lane.over:
                if leased := _claim(lane, _keys(lane, scope)):
                    _send(lane, sending, leased)
                elif not _book(lane, scope):
                    break
            if not lane.halted:
                _book(lane, scope)
    return lane.report()


def _book(lane: Lane, scope: Scope) -> bool:
    """What was sent proves something (the welcome went out, both sides were told), and that may end a stage: worked
    out now, so that the CRM hears of it in this cycle and a second cycle finds nothing new. False where nothing was."""
    told, lane.told = sorted(lane.told), set()
    lane.happened += review_named(lane.place, told, lane.as_of, scope.by, STAGE_WORK).happened
    return bool(told)


def _recover(lane: Lane) -> None:
    """Take up what dead workers left on this lane: another one that is down delays only itself."""
    place = lane.place
    with place.database.writing() as conn:
        lane.look_at_breaker(conn)
        if lane.shut:
            return
        doubts = {lane.channel: lane.doubt}
        found = answers.recover(conn, real_now=place.wall_clock(), token=lane.token, doubts=doubts)
    for key in found.parked:
        lane.set_aside([key], EffectState.UNKNOWN, found.told.get(key, CRASHED))
    lane.set_aside(found.dead, EffectState.DEAD, POISON)
    told: list[Answer] = []
    try:
        for one in found.ask:
            if lane.halted:
                break
            told.append(_asked(lane, one.key))
    except Unreachable as error:
        lane.cannot_ask([one.key for one in found.ask[len(told) :]], str(error))
    lane.settle(told, of={one.key: one.onboarding_key for one in found.ask})


def _asked(lane: Lane, key: str) -> Answer:
    """What the far side says of a doubt. Raises Unreachable while it cannot be asked: nothing is sent again before."""
    there = lane.sender.find(key)
    if there:
        return Answer(key=key, state="sent", provider_id=there)
    return Answer(key=key, state="transient", error="it had not arrived when it was asked for")


def _keys(lane: Lane, scope: Scope) -> list[str] | None:
    if scope.accounts is None:
        return None
    with lane.place.database.reading() as conn:
        return queries.due_effects(conn, lane.channel, lane.as_of, scope.accounts)


def _claim(lane: Lane, keys: Sequence[str] | None) -> list[Leased]:
    if keys is not None and not keys:
        return []
    with lane.place.database.writing() as conn:
        now = lane.place.wall_clock()
        if not lane.probing:
            lane.look_at_breaker(conn)
        if lane.shut:
            return []
        if key_life := lane.sender.key_life:
            forgotten = rounds.set_forgotten_aside(conn, lane.channel, key_life, now)
            lane.set_aside(forgotten, EffectState.UNKNOWN, rounds.FORGOTTEN)
        limit = 1 if lane.probing else _most_at_once(lane)
        narrowed = keys[:limit] if keys is not None and not lane.probing else keys
        claim = partial(
            ledger.claim,
            conn,
            lane.channel,
            as_of=lane.as_of,
            real_now=now,
            token=lane.token,
            lease_seconds=ledger.LEASE_SECONDS + max(0, limit - MOST) / LOOKED_AT_A_SECOND,
        )
        if leased := claim(limit=limit, keys=narrowed, probe=lane.probing):
            return leased
        part = 1 if lane.probing else min(limit, _part(lane, conn))
        if part > 1 and (leased := claim(limit=part, keys=keys, suspects=True, of_one_death=True)):
            return leased
        return claim(limit=1, keys=keys, suspects=True)


def _part(lane: Lane, conn: Connection) -> int:
    """How many of those that a worker died with are taken up at once."""
    if lane.sender.guarantee != "keyed":
        return 1
    left = rounds.count_suspects(conn, lane.channel, lane.as_of)
    lane.suspects = lane.suspects or left
    return next_part(left, lane.suspects)


def _most_at_once(lane: Lane) -> int:
    if lane.batch > 1:
        return max(lane.batch, min(5 * lane.batch, MOST))
    per_second = lane.pace.per_second
    return BATCH if per_second is None else max(1, min(BATCH, int(per_second * SECONDS_AHEAD)))


@contextmanager
def _calls(lane: Lane) -> Iterator[Sending]:
    """The calls of the lane. Where a fault of ours ends it early, leases that were not announced go back at once, and
    calls under way get a moment to be answered."""
    slots = lane.sender.slots if lane.batch == 1 else 1
    # A call of many parcels takes long: it has a thread of its own, so that its leases can be prolonged meanwhile.
    threads = slots if slots > 1 else int(lane.batch > BATCH)
    sending = Sending(lane.sender, lane.batch, threads=threads)
    try:
        yield sending
    except BaseException:
        lane.give_back()
        with suppress(Exception):  # what cannot be recorded now is a doubt, and the next run treats it as one
            lane.step(sending.last_answers(LAST_ANSWERS), [], 0, last=True)
        raise
    finally:
        sending.close()


def _send(lane: Lane, sending: Sending, leased: Sequence[Leased]) -> None:
    """One round: look again, freeze, and let them leave. Announcing the next and settling the last share a commit."""
    found = look_again(lane.place, lane.as_of, lane.channel, leased)
    moves = [one for one in found if isinstance(one, EffectChange)]
    waiting = [one for one in found if isinstance(one, Ready)]
    with lane.place.database.writing() as conn:
        ledger.move(conn, lane.token, moves)
        if lane.channel is not Channel.CRM:
            # An edit that has to be tried again says how things stand by then, and that is kept.
            ledger.thaw(conn, lane.token, [one.effect.key for one in waiting if is_edit(one.effect)])
            ledger.freeze(
                conn,
                lane.token,
                {one.effect.key: one.payload for one in waiting},
                {one.effect.key: one.recipient for one in waiting},
            )
            if len(waiting) > lane.batch:
                # Made known again with the last of them. Should a crash come between, they are looked at all the same.
                openings.touch(conn, {key for one in waiting if (key := one.effect.onboarding_key)}, lane.as_of)
    lane.count("moved", len(moves))
    lane.settle([one for one in found if isinstance(one, Answer)], announce=True)
    answered: list[Sent] = []
    while answered or sending.under_way or (waiting and not lane.over):
        last = not waiting and not sending.under_way
        room = 0 if lane.over else sending.room
        sending.begin(lane.step(answered, waiting, room, last=last))
        answered = sending.answered(PATIENCE)
        if answered:
            continue
        if sending.under_way:
            lane.stay_alive()
        elif waiting and not lane.over:
            lane.place.pause(max(0.01, lane.pace.wait(waiting, lane.place.wall_clock())))
    lane.finish_round(waiting)
