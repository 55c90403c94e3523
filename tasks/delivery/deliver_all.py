"""Delivery on several channels at once, each in a thread of its own: one that hangs delays only itself.

Only the calling thread, which waits, is told that the run is being ended. So an interruption never falls between a
result and its record.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, wait
from contextvars import copy_context
from datetime import datetime
from threading import Thread

from onboarding.model.vocabulary import Channel
from tasks.delivery.channel_loop import LAST_ANSWERS, run_channel
from tasks.delivery.channel_run import ChannelRun
from tasks.runtime.context import RunContext
from tasks.runtime.reports import DeliveryReport
from tasks.runtime.scope import Scope
from tasks.runtime.termination import orderly_exit

HEAD_START = 1.0
"""Seconds between the starts of two channels. Most are done by then, and two that write to one SQLite file at once
only wait for each other; a channel that hangs delays the next by no more than this. Our choice."""

STANDSTILL = 3.0
"""Seconds without progress after which the next channel starts beside one whose sender stays on this machine. Such a
sender does not wait for the network, so two at once gain nothing, and a change that follows from the first (a welcome
was sent) would need a second write of the same CRM row. Our choice."""


def deliver(context: RunContext, as_of: datetime, channel: Channel, scope: Scope) -> DeliveryReport:
    """Send everything that is due on one channel, as ``deliver_all`` does."""
    return deliver_all(context, as_of, [channel], scope)[0]


def deliver_all(
    context: RunContext,
    as_of: datetime,
    channels: Iterable[Channel],
    scope: Scope,
    run_one: Callable[[ChannelRun, Scope], DeliveryReport] = run_channel,
) -> list[DeliveryReport]:
    """Send everything that is due on these channels; return a report for each, in their order.

    ``run_one`` does the work of one channel in its thread; a flow run passes one that makes it a task run.
    Safe to run twice and beside any other run, as each channel is. Where the run is ended (SIGTERM, Cancel, Ctrl-C)
    leases of effects that are not marked as sending are released at once, calls in flight get two seconds to finish,
    and the exception that ended the run is raised. What breaks one channel (an error of ours, the database) is raised
    when the others are done.
    """
    runs = [ChannelRun(context=context, channel=channel, as_of=as_of) for channel in channels]
    under_way: list[Future[DeliveryReport]] = []
    with orderly_exit():
        try:
            for run in runs:
                under_way.append(_start(run, scope, run_one))
                _give_lead(run, under_way[-1])
            wait(under_way)
        except BaseException:
            _halt(runs)
            wait(under_way, LAST_ANSWERS)
            raise
    return [one.result() for one in under_way]


def _give_lead(run: ChannelRun, found: Future[DeliveryReport]) -> None:
    """Wait until the channel is done or the next one may start beside it."""
    if not run.sender.embedded:
        wait([found], HEAD_START)
        return
    seen = -1
    while run.progress != seen:
        seen = run.progress
        if wait([found], STANDSTILL).done:
            return


def _start(
    run: ChannelRun, scope: Scope, run_one: Callable[[ChannelRun, Scope], DeliveryReport]
) -> Future[DeliveryReport]:
    """Start a channel's work. Its thread is a daemon, because a call that hangs may hang for good."""
    found, variables = Future[DeliveryReport](), copy_context()

    def work() -> None:
        try:
            found.set_result(variables.run(run_one, run, scope))
        except BaseException as error:
            found.set_exception(error)

    Thread(target=work, daemon=True, name=f"first90-{run.channel}").start()
    return found


def _halt(runs: Sequence[ChannelRun]) -> None:
    for run in runs:
        run.halted = True
    for run in runs:
        run.release()
