"""A lock between processes of one machine, on a file; the operating system releases it when its holder dies."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from errno import ENOENT
from pathlib import Path

from filelock import FileLock, Timeout

WAIT = 20.0
"""Seconds; less than an effect's lease, so that a sender that waited in vain still holds its effect. This project's
choice."""
PAUSE = 0.01


class Busy(Exception):
    """Another process or thread held the lock for the whole wait."""


@contextmanager
def locked(path: Path, wait: float = WAIT) -> Iterator[None]:
    """Hold the lock on ``path``, which is created if missing and left behind empty.

    Wait up to ``wait`` seconds, then raise Busy. Raise OSError if the file cannot be opened or the file system has
    no locks. Works between threads too, because every call opens the file itself.
    """
    if not path.parent.is_dir():  # FileLock would create it
        raise FileNotFoundError(ENOENT, os.strerror(ENOENT), str(path))
    lock = FileLock(path, mode=0o600, fallback_to_soft=False)
    try:
        held = lock.acquire(timeout=wait, poll_interval=PAUSE)
    except Timeout:
        raise Busy(f"{path.name} is held by another process") from None
    with held:
        yield


def sync_folder(folder: Path) -> None:
    """Make a rename or a new name in this folder durable across a power failure."""
    _sync(folder, os.O_RDONLY | os.O_DIRECTORY)


def sync_file(file: Path) -> None:
    """Make what was written into this file durable across a power failure."""
    _sync(file, os.O_RDONLY)


def _sync(path: Path, flags: int) -> None:
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
