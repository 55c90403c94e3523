"""Real SIGKILLs: a forked child counts the boundaries that it crosses and kills itself at the n-th.

A boundary lies before every statement, before and after every commit, and before every step that changes a file or
makes it durable (open for writing, rename, remove, truncate, mkdir; before and after fsync). All of them are watched
from outside: SQLAlchemy's events and dialect, Python's audit events and the ``os`` module. No product code is patched.

A boundary is ``idle`` where a kill leaves what a kill at the one before leaves: the same bytes on disk where these are
compared, else no commit and no step on a file since. What a transaction has written so far goes with its process.
"""

import hashlib
import os
import pickle
import signal
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Engine, event

T = TypeVar("T")
STEPS = frozenset({"os.rename", "os.remove", "os.truncate", "os.mkdir", "os.rmdir"})


class Killed(Exception):
    """The child ended by SIGKILL."""


@dataclass(frozen=True)
class Boundary:
    """One point at which a process can be killed."""

    number: int
    name: str
    idle: bool


class Boundaries:
    """Counts boundaries, and kills the process at the given one; 0 only counts.

    ``look`` returns what a killed process would leave; it is compared at every boundary.
    """

    def __init__(self, kill_at: int = 0, look: Callable[[], bytes] | None = None) -> None:
        self.kill_at, self.look = kill_at, look
        self.passed: list[Boundary] = []
        self._changed, self._left = True, b""

    def cross(self, name: str, *, changes: bool = True) -> None:
        """Cross one boundary, before something that ``changes`` the world outside or leaves it as it is."""
        if self.look:
            before, self._left = self._left, self.look()
            self._changed = self._left != before
        self.passed.append(Boundary(len(self.passed) + 1, name, not self._changed))
        self._changed = changes
        if len(self.passed) == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(self, engine: Engine, home: Path) -> None:
        """Watch all boundaries for the rest of this process: only a forked child may call this."""
        wrote = [False]

        def statement(conn: Any, cursor: Any, sql: str, *rest: Any) -> None:
            self.cross(f"before {sql[:60]!r}", changes=False)
            wrote[0] |= not sql.startswith(("BEGIN", "SELECT"))

        event.listen(engine, "before_cursor_execute", statement)
        commit, fsync, inside = engine.dialect.do_commit, os.fsync, str(home)

        def do_commit(connection: Any) -> None:
            self.cross("before COMMIT", changes=wrote[0])
            commit(connection)
            self.cross("after COMMIT", changes=False)
            wrote[0] = False

        def do_fsync(handle: int) -> None:
            self.cross("before fsync")
            fsync(handle)
            self.cross("after fsync")

        def audit(name: str, given: tuple[Any, ...]) -> None:
            if name == "open" and str(given[0]).startswith(inside) and given[2] & (os.O_WRONLY | os.O_RDWR):
                self.cross(f"open {given[0]}")
            elif name in STEPS and str(given[0]).startswith(inside):
                self.cross(f"{name} {given[0]}")

        engine.dialect.do_commit = do_commit  # type: ignore[method-assign]
        os.fsync = do_fsync
        sys.addaudithook(audit)


def digest(folder: Path) -> bytes:
    """Return a digest of all files in a folder, without SQLite's index of its log, which readers write too."""
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        found.update(str(path).encode())
        found.update(path.read_bytes() if path.is_file() and not path.name.endswith("-shm") else b"")
    return found.digest()


def forked(work: Callable[[], T]) -> T:
    """Return the result of ``work`` in a forked child. Raises Killed where it was killed, else the child's error."""
    with tempfile.TemporaryDirectory(prefix="first90-child-") as folder:
        answer = Path(folder) / "answer"
        child = start(lambda: answer.write_bytes(pickle.dumps(work())), answer.with_name("error"))
        ended = wait(child)
        if ended == -signal.SIGKILL:
            raise Killed
        assert ended == 0, answer.with_name("error").read_text()
        return pickle.loads(answer.read_bytes())  # type: ignore[no-any-return]


def start(work: Callable[[], object], error: Path) -> int:
    """Fork a child that does the work and exits; its error, if any, is written to ``error``."""
    with warnings.catch_warnings():
        # From Python 3.12 on a fork beside other threads gives a warning. Nothing here waits for another thread.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child:
        return child
    code = 1
    try:
        work()
        code = 0
    except BaseException:
        error.write_text(traceback.format_exc())
    finally:
        os._exit(code)


def wait(child: int) -> int:
    """Return its exit code, or the signal as a negative number."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
