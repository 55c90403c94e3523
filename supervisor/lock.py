"""A file lock with a note of its holder; the operating system releases it when the holder dies.

The note is the lock file's content. It counts only while the lock is held, so that the note of a killed holder is
never read.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout

from tasks.runtime.refusals import Refused


class HeldLock:
    """A lock that is held; leaving the ``with`` block releases it."""

    def __init__(self, lock: BaseFileLock) -> None:
        self._lock = lock

    def leave_note(self, note: str) -> None:
        """Replace the note that processes read which find the lock taken."""
        with Path(self._lock.lock_file).open("w", encoding="utf-8") as file:
            file.write(note)
            file.flush()
            os.fsync(file.fileno())

    def __enter__(self) -> "HeldLock":
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def take(lock: Path) -> HeldLock | None:
    """Return the lock with an empty note, or None where another process or thread holds it."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    found = FileLock(lock, timeout=0, thread_local=False, fallback_to_soft=False)
    try:
        found.acquire()
    except Timeout:
        return None
    turn = HeldLock(found)
    turn.leave_note("")
    return turn


def note_in(lock: Path) -> str:
    """Return the holder's note; empty where it has left none yet."""
    return lock.read_text("utf-8").strip()


def note_of_holder(lock: Path) -> str:
    """Return the note of the process that holds the lock now; empty where none does."""
    if not lock.exists():
        return ""
    if (taken := take(lock)) is None:
        return note_in(lock)
    with taken:
        return ""


@contextmanager
def only_one(home: Path) -> Iterator[HeldLock]:
    """Hold the lock of the one ``first90 up`` of this home. Raises Refused where another one runs."""
    lock = home / "up.lock"
    taken = take(lock)
    if taken is None:
        raise Refused(
            f"`first90 up` is running on {home} already ({note_in(lock) or 'it is about to start'}); "
            "stop that one first, or give this one a folder of its own with FIRST90_HOME"
        )
    with taken:
        taken.leave_note(f"process {os.getpid()}")
        yield taken
