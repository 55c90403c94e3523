"""Delivery: everything that is due leaves, each channel in a channel of its own; one that hangs delays only itself.

A channel works in a thread of its own; the thread that asked for delivery waits, and alone hears that the run is being
ended. So an interruption never falls between an answer and its record.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, wait
from contextvars import copy_context
from datetime import datetime
from threading import Thread

from onboarding.model.vocabulary import Channel
from tasks.delivery.channel_loop import LAST_ANSWERS, carry_out
from tasks.delivery.channel_run import ChannelRun
from tasks.runtime.context import RunContext
from tasks.runtime.reports import DeliveryReport
from tasks.runtime.scope import Scope
from tasks.runtime.termination import orderly_exit

HEAD_START = 1.0
"""Seconds that a channel has to itself before the next begins. Most are done by then, and two that write to one SQLite
file at once only wait for each other; one that hangs makes the next wait for no longer. Ours."""


def deliver(context: RunContext, as_of: datetime, channel: Channel, scope: Scope) -> DeliveryReport:
    """Send everything that is due on one channel: see ``deliver_all``."""
    return deliver_all(context, as_of, [channel], scope)[0]


def deliver_all(
    context: RunContext,
    as_of: datetime,
    channels: Iterable[Channel],
    scope: Scope,
    carry: Callable[[ChannelRun, Scope], DeliveryReport] = carry_out,
) -> list[DeliveryReport]:
    """Send everything that is due on these channels; return a report for each, in their order.

    ``carry`` does the work of one channel in its thread; a flow run passes one that makes it a task run.
    Safe to run twice and beside any other run, as each channel is. Where the run is ended (SIGTERM, Cancel, Ctrl-C)
    leases that were not announced go back at once, calls under way get two seconds to be answered, and what ended it is
    raised. What breaks one channel (a fault of ours, the database) is raised when the others are done.
    """
    runs = [ChannelRun(context=context, channel=channel, as_of=as_of) for channel in channels]
    under_way: list[Future[DeliveryReport]] = []
    with orderly_exit():
        try:
            for run in runs:
                under_way.append(_begun(run, scope, carry))
                wait(under_way[-1:], HEAD_START)
            wait(under_way)
        except BaseException:
            _halt(runs)
            wait(under_way, LAST_ANSWERS)
            raise
    return [one.result() for one in under_way]


def _begun(
    run: ChannelRun, scope: Scope, carry: Callable[[ChannelRun, Scope], DeliveryReport]
) -> Future[DeliveryReport]:
    """A channel at work. Its thread keeps no process alive: a call that hangs may hang for good."""
    found, variables = Future[DeliveryReport](), copy_context()

    def work() -> None:
        try:
            found.set_result(variables.run(carry, run, scope))
        except BaseException as error:
            found.set_exception(error)

    Thread(target=work, daemon=True, name=f"first90-{run.channel}").start()
    return found


def _halt(runs: Sequence[ChannelRun]) -> None:
    for run in runs:
        run.halted = True
    for run in runs:
        run.release()
