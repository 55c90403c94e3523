"""Settles what dead workers left on a channel, before anything else is sent on it.

How many suspects, effects that a worker died with, are tried at once is decided here too: one of them may have killed
it. Where the far side drops a repeat, many are tried in parts, each half of what is left. A part that passes clears all
its members. A part that kills again is tried one by one, and the third death identifies the effect. A few suspects are
tried one by one from the start, which takes one death less. On other channels they always are.
"""

from database.outbox import due, results
from database.outbox.results import CRASHED, POISON
from integrations.ports import Unreachable
from onboarding.effects.events import DoubtPolicy
from onboarding.effects.send_result import ResultState, SendResult
from onboarding.model.vocabulary import Channel, EffectState
from tasks.delivery.changed_mail import is_another_way
from tasks.delivery.channel_run import ChannelRun
from tasks.delivery.results import doubt_of

FEW = 40
"""Up to this many, one by one is quicker than trying a part twice. Our choice."""

MOST = 300
"""The largest part: as many as can be tried one by one well inside one run. Our choice."""

LEAST = 50
"""The smallest part but for the last: a smaller one saves no time. Our choice."""


def settle_dead_workers(run: ChannelRun) -> None:
    """Settle what dead workers left on this channel; another channel that is down delays only itself."""
    context = run.context
    with context.database.writing() as conn:
        run.read_breaker(conn)
        if run.shut:
            return
        now = context.wall_clock()
        changed = run.channel is Channel.MAIL and is_another_way(conn, context, now)
        held = due.hold_doubts(conn, run.channel) if changed else ()
        run.tally.set_aside(held, EffectState.UNKNOWN, due.ANOTHER_WAY)
        doubts = {run.channel: DoubtPolicy.PARK if changed else doubt_of(context, run.channel)}
        found = results.recover(conn, real_now=now, token=run.token, doubts=doubts)
    for key in found.parked:
        run.tally.set_aside([key], EffectState.UNKNOWN, found.told.get(key, CRASHED))
    run.tally.set_aside(found.dead, EffectState.DEAD, POISON)
    told: dict[str, SendResult] = {}
    try:
        for one in found.ask:
            if run.halted:
                break
            told[one.key] = _look_up(run, one.key)
    except Unreachable as error:
        run.cannot_ask([one.key for one in found.ask[len(told) :]], str(error))
    run.record_results(told, of={one.key: one.onboarding_key for one in found.ask})


def _look_up(run: ChannelRun, key: str) -> SendResult:
    """Return what the far side says of an effect in doubt. Raises Unreachable while it cannot be asked, and nothing is
    sent again before it was."""
    there = run.sender.find(key)
    if there:
        return SendResult(state=ResultState.SENT, provider_id=there)
    return SendResult(state=ResultState.TRANSIENT, error="it had not arrived when it was asked for")


def next_part(left: int, at_first: int) -> int:
    """Return how many suspects are tried at once: ``left`` are left of ``at_first`` when the run began."""
    if at_first <= FEW:
        return 1
    return min(MOST, max(LEAST, -(-left // 2)))
