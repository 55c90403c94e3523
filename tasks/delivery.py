"""Delivery: everything that is due leaves, each channel in a lane of its own; one that hangs delays only itself.

A lane works in a thread of its own; the thread that asked for delivery waits, and alone hears that the run is being
ended. So an interruption never falls between an answer and its record.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, wait
from contextvars import copy_context
from datetime import datetime
from threading import Thread

from onboarding.words import Channel
from tasks.lane import Lane
from tasks.reports import DeliveryReport
from tasks.rounds import LAST_ANSWERS, carry_out
from tasks.scope import Scope
from tasks.termination import orderly_exit
from tasks.workplace import Workplace

HEAD_START = 1.0
"""Seconds that a lane has to itself before the next begins. Most are done by then, and two that write to one SQLite
file at once only wait for each other; one that hangs makes the next wait for no longer. Ours."""


def deliver(place: Workplace, as_of: datetime, channel: Channel, scope: Scope) -> DeliveryReport:
    """Send everything that is due on one channel: see ``deliver_all``."""
    return deliver_all(place, as_of, [channel], scope)[0]


def deliver_all(
    place: Workplace,
    as_of: datetime,
    channels: Iterable[Channel],
    scope: Scope,
    carry: Callable[[Lane, Scope], DeliveryReport] = carry_out,
) -> list[DeliveryReport]:
    """Send everything that is due on these channels; return a report for each, in their order.

    ``carry`` does the work of one channel in its thread; a flow run passes one that makes it a task run.
    Safe to run twice and beside any other run, as each lane is. Where the run is ended (SIGTERM, Cancel, Ctrl-C) leases
    that were not announced go back at once, calls under way get two seconds to be answered, and what ended it is
    raised. What breaks one lane (a fault of ours, the database) is raised when the others are done.
    """
    lanes = [Lane(place=place, channel=channel, as_of=as_of) for channel in channels]
    under_way: list[Future[DeliveryReport]] = []
    with orderly_exit():
        try:
            for lane in lanes:
                under_way.append(_begun(lane, scope, carry))
                wait(under_way[-1:], HEAD_START)
            wait(under_way)
        except BaseException:
            _halt(lanes)
            wait(under_way, LAST_ANSWERS)
            raise
    return [one.result() for one in under_way]


def _begun(lane: Lane, scope: Scope, carry: Callable[[Lane, Scope], DeliveryReport]) -> Future[DeliveryReport]:
    """A lane at work. Its thread keeps no process alive: a call that hangs may hang for good."""
    found, context = Future[DeliveryReport](), copy_context()

    def work() -> None:
        try:
            found.set_result(context.run(carry, lane, scope))
        except BaseException as error:
            found.set_exception(error)

    Thread(target=work, daemon=True, name=f"first90-{lane.channel}").start()
    return found


def _halt(lanes: Sequence[Lane]) -> None:
    for lane in lanes:
        lane.halted = True
    for lane in lanes:
        lane.give_back()
