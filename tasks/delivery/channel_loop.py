"""Delivery on one channel: lease what is due, recheck it, mark it as sending, send it and record the results."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import partial

from sqlalchemy import Connection

from database.bulk import collector_resting
from database.onboardings import openings, overview
from database.outbox import due, ledger, planned
from database.outbox.departures import RESTORED
from database.statements import chunks
from integrations.ports import Guarantee
from onboarding.effects.notices import stands_for
from onboarding.model.effect import Leased, PlannedEffect
from onboarding.model.review import EffectChange
from onboarding.model.vocabulary import Channel, EffectState
from tasks.booking.offering import overtaken
from tasks.delivery.channel_run import AT_ONCE, ChannelRun
from tasks.delivery.dead_workers import next_part, settle_dead_workers
from tasks.delivery.limits.clock_ahead import ClockGuard
from tasks.delivery.recheck import Answer, FailedEffect, Ready, recheck
from tasks.delivery.results import own_milestones
from tasks.delivery.send_pool import Sending, Sent
from tasks.review.batches import review_named
from tasks.review.stages import STAGE_WORK
from tasks.runtime.reports import DeliveryReport
from tasks.runtime.scope import Scope

BATCH = 200
"""Effects leased at once where each leaves in a call of its own: what a channel can send well inside a lease."""

MOST = 1000
"""The same where they leave in batches: a few calls, and more effects share the cost of a recheck."""

SECONDS_AHEAD = 20.0
"""Seconds: a channel with a rate limit leases no more than leaves in this time."""

PATIENCE = 20.0
"""Seconds after which leases are prolonged, of a call in flight or while effects are rechecked: a lease of 60 still
outlives the provider's time-out of 30 then."""

LAST_ANSWERS = 2.0
"""Seconds that a run which ends early waits for calls in flight: each result that arrives is one doubt less."""


def run_channel(run: ChannelRun, scope: Scope) -> DeliveryReport:
    """Send everything that is due on one channel, in batches, until nothing is left, its time is up or it is halted.

    Safe to run twice and beside any other run: an effect is leased by one worker at a time, marked as sending before
    it leaves and settled by its result; what a dead worker left is taken up first. A channel that is shut is
    not tried before the breaker's pause is over.
    """
    context = run.context
    with context.database.reading() as conn:
        waits = due.work_waits(conn, run.channel, as_of=run.as_of, real_now=run.began)
    if waits:
        with own_milestones(context, run.channel), _calls(run) as sending:
            settle_dead_workers(run)
            if not context.dry:
                run.departures.notice_restored(context.database, run.began)
            while not run.over:
                if leased := _claim(run, _keys(run, scope)):
                    _send(run, sending, leased)
                elif not _review_told(run, scope):
                    break
            if not run.halted:
                _review_told(run, scope)
    return run.tally.report(run.channel, run.happened)


def _review_told(run: ChannelRun, scope: Scope) -> bool:
    """Review the onboardings to which something was sent; return whether there were any.

    A sent message can end a stage (the welcome went out, both sides were told of the activation). Reviewed now, the
    change reaches the CRM in this cycle and a second cycle finds nothing new.
    """
    told, run.told = sorted(run.told), set()
    run.happened += review_named(run.context, told, run.as_of, scope.by, STAGE_WORK).happened
    return bool(told)


def _keys(run: ChannelRun, scope: Scope) -> list[str] | None:
    if scope.accounts is None:
        return None
    with run.context.database.reading() as conn:
        return overview.due_effects(conn, run.channel, run.as_of, scope.accounts)


def _claim(run: ChannelRun, keys: Sequence[str] | None) -> list[Leased]:
    """Lease what leaves next; more than one transaction may claim where a call has many messages."""
    if keys is not None and not keys:
        return []
    found = part = _claim_some(run, keys)
    limit = 1 if run.probing else _most_at_once(run)
    while keys is None and len(part) == AT_ONCE and (room := min(limit - len(found), AT_ONCE)) > 0:
        with run.context.database.writing() as conn:
            now, claim = run.context.wall_clock(), partial(ledger.claim, conn, run.channel, token=run.token)
            part = claim(as_of=run.as_of, real_now=now, limit=room)
        found = found + part
    return found


def _claim_some(run: ChannelRun, keys: Sequence[str] | None) -> list[Leased]:
    with run.context.database.writing() as conn:
        now = run.context.wall_clock()
        if not run.probing:
            run.read_breaker(conn)
        if run.shut:
            return []
        if key_life := run.sender.key_life:
            forgotten = due.hold_expired_keys(conn, run.channel, key_life, now)
            run.tally.set_aside(forgotten, EffectState.UNKNOWN, due.FORGOTTEN)
        run.tally.set_aside(run.departures.hold_departed(conn, now), EffectState.UNKNOWN, RESTORED)
        limit = 1 if run.probing else _most_at_once(run)
        narrowed = keys[:limit] if keys is not None and not run.probing else keys
        claim = partial(
            ledger.claim,
            conn,
            run.channel,
            as_of=run.as_of,
            real_now=now,
            token=run.token,
        )
        if leased := claim(limit=limit if keys else min(limit, AT_ONCE), keys=narrowed, probe=run.probing):
            return leased
        part = 1 if run.probing else min(limit, _part(run, conn))
        if part > 1 and (leased := claim(limit=part, keys=keys, suspects=True, of_one_death=True)):
            return leased
        return claim(limit=1, keys=keys, suspects=True)


def _part(run: ChannelRun, conn: Connection) -> int:
    """Return how many of the effects that a worker died with are tried at once."""
    if run.sender.guarantee != Guarantee.KEYED:
        return 1
    left = due.count_suspects(conn, run.channel, run.as_of)
    run.suspects = run.suspects or left
    return next_part(left, run.suspects)


def _most_at_once(run: ChannelRun) -> int:
    if run.batch > 1:
        return max(run.batch, min(5 * run.batch, MOST))
    per_second = run.pace.per_second
    return BATCH if per_second is None else max(1, min(BATCH, int(per_second * SECONDS_AHEAD)))


@contextmanager
def _calls(run: ChannelRun) -> Iterator[Sending]:
    """Open the channel's calls. Where an error of ours ends the run early, leases of effects that are not marked as
    sending are released at once, and calls in flight get ``LAST_ANSWERS`` seconds to finish."""
    slots = run.sender.slots if run.batch == 1 else 1
    # A call of many messages takes long: in a thread of its own, so that its leases can be prolonged meanwhile.
    threads = slots if slots > 1 else int(run.batch > BATCH)
    sending = Sending(run.sender, run.batch, threads=threads)
    try:
        yield sending
    except BaseException:
        run.release()
        with suppress(Exception):  # what cannot be recorded now is a doubt, and the next run treats it as one
            run.step(sending.last_answers(LAST_ANSWERS), [], 0, last=True)
        raise
    finally:
        sending.close()


def _recheck(run: ChannelRun, leased: Sequence[Leased]) -> list[Answer]:
    """Recheck what is leased, ``MOST`` at a time, and keep its leases meanwhile: a worker that dies leaves it for a
    lease's time only, however much it was."""

    def rechecked() -> None:
        run.progress += 1

    found: list[Answer] = []
    kept_at = run.context.wall_clock()
    for part in chunks(leased, MOST):
        found += recheck(run.context, run.as_of, run.channel, part, rechecked)
        if (now := run.context.wall_clock()) >= kept_at + timedelta(seconds=PATIENCE):
            run.prolong_leases(EffectState.LEASED)
            kept_at = now
    return found


def _gathered(
    conn: Connection, run: ChannelRun, moves: Sequence[EffectChange], together: Sequence[PlannedEffect]
) -> list[EffectChange]:
    """Plan the messages that tell the news of several; return the changes without those of messages that another worker
    has leased meanwhile, which tells their news itself."""
    theirs: set[str] = set()
    for one in together:
        group = stands_for(one)
        if ledger.holds(conn, run.token, group):
            planned.plan(conn, [(None, one)], run.as_of)
        else:
            theirs.update(group)
    ledger.release(conn, run.token, sorted(theirs))
    return [one for one in moves if one.key not in theirs]


@collector_resting()
def _send(run: ChannelRun, sending: Sending, leased: Sequence[Leased]) -> None:
    """Recheck what is leased, store the payloads and send. Marking the next as sending and recording the last results
    share a commit."""
    found = _recheck(run, leased)
    moves = [one for one in found if isinstance(one, EffectChange)]
    waiting = [one for one in found if isinstance(one, Ready)]
    with run.context.database.writing() as conn:
        made = {one.effect.key: one.payload for one in waiting if one.payload != one.effect.payload}
        late = overtaken(conn, run.context, made, run.as_of)
        ledger.release(conn, run.token, sorted(late))  # they are made anew, with other times
        waiting = [one for one in waiting if one.effect.key not in late]
        moves = _gathered(conn, run, moves, [one for one in found if isinstance(one, PlannedEffect)])
        ledger.move(conn, run.token, moves)
        if run.channel is not Channel.CRM:
            # What was composed anew replaces its stored payload: an edit tried again, a mail of another rehearsal.
            anew = [one.effect.key for one in waiting if one.effect.payload and one.payload != one.effect.payload]
            ledger.drop_payloads(conn, run.token, anew)
            ledger.store_payload(
                conn,
                run.token,
                {one.effect.key: one.payload for one in waiting},
                {one.effect.key: one.recipient for one in waiting},
            )
            if len(waiting) > run.batch:
                # Touched again with the last result. After a crash in between they are reviewed all the same.
                openings.touch(conn, {key for one in waiting if (key := one.effect.onboarding_key)}, run.as_of)
    run.tally.count("moved", len(moves))
    run.record_results({one.key: one.result for one in found if isinstance(one, FailedEffect)}, mark_sending=True)
    answered, clock = list[Sent](), ClockGuard(run)
    while answered or sending.under_way or (waiting and not run.over):
        last = not waiting and not sending.under_way
        room = 0 if run.over or clock.holds() else sending.room
        sending.begin(run.step(answered, waiting, room, last=last))
        answered = sending.answered(PATIENCE)
        if answered:
            continue
        if sending.under_way:
            run.prolong_leases()
        elif waiting and not run.over:
            run.context.pause(max(0.01, run.pace.wait(waiting, run.context.wall_clock())))
    run.finish_round(waiting)
