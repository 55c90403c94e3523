"""Finds the processes that ``up`` started, by a variable in their environment, whatever their parent is by now.

Prefect kills a worker's runs at once when the worker is asked to end, and leaves them running when the worker is
killed. So ``up`` ends the runs itself. Only Linux shows the environment of processes; elsewhere Prefect's way remains,
and leases of killed runs have to expire.
"""

import os
import signal
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path

MARK = "FIRST90_UP"
RUN = "PREFECT__FLOW_RUN_ID"
"""A variable in the environment of flow runs only."""
LOOKS_EVERY = 0.1
"""Seconds between two looks at processes."""


def mark() -> dict[str, str]:
    """Return the variable for the environment of a child, which its descendants inherit."""
    return {MARK: str(os.getpid())}


def ours() -> list[int]:
    """Return the ids of the running processes that descend from this one."""
    return [
        int(place.name) for place in Path("/proc").glob("[0-9]*") if _environment(place).get(MARK) == str(os.getpid())
    ]


def our_runs() -> list[int]:
    """Return the ids of the flow runs among them."""
    return [process for process in ours() if RUN in _environment(Path("/proc") / str(process))]


def end_all(found: Callable[[], Collection[int]], patience: float) -> None:
    """Ask these processes to end (SIGTERM), also new ones meanwhile; kill those left after ``patience`` seconds."""
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
