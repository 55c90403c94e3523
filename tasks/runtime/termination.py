"""SIGTERM as an exception, where nobody else listens for it: what is held is given back on the way out."""

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

STATUS = 128 + signal.SIGTERM
"""What a shell says of a process that SIGTERM ended."""


@contextmanager
def orderly_exit() -> Iterator[None]:
    """Inside, SIGTERM raises SystemExit instead of ending the process on the spot.

    A handler that is there stays (Prefect has its own, which raises too), and so it does outside the main thread,
    where none can be set: then a lease runs out by itself.
    """
    ours = threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    if not ours:
        yield
        return
    signal.signal(signal.SIGTERM, _leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


@contextmanager
def heard(handler: Callable[[int, FrameType | None], object], *numbers: signal.Signals) -> Iterator[None]:
    """Inside, these signals come to the handler; afterwards to whom they came before."""
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, known in before.items():
            signal.signal(number, known)


def _leave(number: int, frame: FrameType | None) -> None:
    sys.exit(STATUS)
