"""A lock between processes of one machine, held on a file; the system drops it when its holder dies."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WAIT = 20.0
"""Seconds; less than an effect's lease, so that who cannot get in answers while still owning it. Ours."""
PAUSE = 0.01


class Busy(Exception):
    """Somebody else held the lock for the whole wait."""


@contextmanager
def locked(path: Path, wait: float = WAIT) -> Iterator[None]:
    """Hold the lock on ``path``, which is made if missing and left behind empty.

    Waits up to ``wait`` seconds, then raises Busy. Raises OSError where the file cannot be opened. It holds
    between threads too, because every call opens the file for itself.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        until = time.monotonic() + wait
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= until:
                    raise Busy(f"{path.name} is held by another process") from None
                time.sleep(PAUSE)
        yield
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Make a rename or a new name in this folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
