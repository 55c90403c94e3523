"""Which processes are ours: known by a mark in their environment, whoever their parent is by now.

Prefect kills a worker's runs without a word when the worker is asked to end, and leaves them behind when the worker was
killed. So ``up`` asks the runs itself. Linux alone shows environments; elsewhere Prefect's way stays, which costs a
lease that has to run out.
"""

import os
import signal
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path

MARK = "FIRST90_UP"
RUN = "PREFECT__FLOW_RUN_ID"
"""In the environment of a flow run, and of nothing else."""
LOOKS_EVERY = 0.1
"""Seconds."""


def mark() -> dict[str, str]:
    """For the environment of a child, and so of all that comes of it."""
    return {MARK: str(os.getpid())}


def ours() -> list[int]:
    """All that came of us and still runs."""
    return [
        int(place.name) for place in Path("/proc").glob("[0-9]*") if _environment(place).get(MARK) == str(os.getpid())
    ]


def our_runs() -> list[int]:
    """The flow runs among them."""
    return [process for process in ours() if RUN in _environment(Path("/proc") / str(process))]


def end_all(found: Callable[[], Collection[int]], patience: float) -> None:
    """Ask these processes to end, also those that come meanwhile; without mercy when the patience is over."""
    asked: set[int] = set()
    until = time.monotonic() + patience
    while left := set(found()):
        over = time.monotonic() > until
        for process in left if over else left - asked:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL if over else signal.SIGTERM)
        asked |= left
        time.sleep(LOOKS_EVERY)


def _environment(place: Path) -> dict[str, str]:
    try:
        entries = (place / "environ").read_bytes().decode("utf-8", "replace").split("\0")
    except OSError:
        return {}
    return {name: value for name, _, value in (entry.partition("=") for entry in entries)}
