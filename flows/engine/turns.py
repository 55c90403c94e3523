"""Whose turn it is: a lock in a file that ends with its holder, however that ends, and a note in it for who waits."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from tasks.refusals import Refused


def take(lock: Path) -> TextIO | None:
    """The lock with an empty note, to be closed by whoever took it; None where somebody else has it."""
    import fcntl

    lock.parent.mkdir(parents=True, exist_ok=True)
    file = lock.open("a+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    file.truncate(0)
    return file


def leave_note(taken: TextIO, note: str) -> None:
    """Say something to those who find the lock taken."""
    taken.truncate(0)
    taken.write(note)
    taken.flush()
    os.fsync(taken.fileno())


def note_in(lock: Path) -> str:
    """What the holder says; nothing yet where it is about to."""
    return lock.read_text("utf-8").strip()


def told_by_holder(lock: Path) -> str:
    """The note of whoever has it now; nothing where nobody has."""
    if not lock.exists():
        return ""
    if (taken := take(lock)) is None:
        return note_in(lock)
    taken.close()
    return ""


@contextmanager
def only_one(home: Path) -> Iterator[TextIO]:
    """The one ``first90 up`` of this home, with a note for others who try. Raises Refused where there is another."""
    lock = home / "up.lock"
    taken = take(lock)
    if taken is None:
        raise Refused(
            f"`first90 up` is running on {home} already ({note_in(lock) or 'it is about to start'}); "
            "stop that one first, or give this one a folder of its own with FIRST90_HOME"
        )
    with taken:
        leave_note(taken, f"process {os.getpid()}")
        yield taken
