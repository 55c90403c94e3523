"""SIGTERM as an exception, where no other handler is installed, so that leases are released on the way out."""

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

STATUS = 128 + signal.SIGTERM
"""The exit status that a shell reports for a process ended by SIGTERM."""


@contextmanager
def orderly_exit() -> Iterator[None]:
    """Let SIGTERM raise SystemExit inside the block instead of ending the process at once.

    An installed handler stays (Prefect has its own, which raises too). Outside the main thread no handler can be
    set: then leases expire by themselves.
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
def handling(handler: Callable[[int, FrameType | None], object], *numbers: signal.Signals) -> Iterator[None]:
    """Route these signals to the handler inside the block, and to their previous handlers afterwards."""
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, known in before.items():
            signal.signal(number, known)


def _leave(number: int, frame: FrameType | None) -> None:
    sys.exit(STATUS)
