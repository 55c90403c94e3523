"""Product usage from a function of the operator's own, such as one that asks Segment or a warehouse."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from config.settings.redaction import without_secrets
from integrations.instants import instant
from integrations.ports import Unreachable
from integrations.signals import cursor as signal_cursor
from integrations.signals.host import DONE, FAILED
from integrations.signals.records import BEGINNING, USAGE, Layout, Sorting
from integrations.signals.spool import Spool, spooled
from onboarding.model.identity import one_line
from onboarding.model.usage import SignalBatch

MOST_SECONDS = 600.0
"""The limit for one call, so that a query that hangs delays no sweep for long. This project's choice."""
OVERLAP = timedelta(days=2)
"""The time before the newest event from which events are asked for again, because they arrive late; as over HTTP."""
MOST_WORDS = 300
"""Characters of a failure that are told. This project's choice."""


class SignalFunction:
    """A signal source behind ``package.module:function``.

    The function gets the moment since when events are wanted (None: all) and yields ``SignalEvent`` or mappings with
    the columns of the CSV file. It runs in a process of its own, whose failure or delay is a failure of this source
    alone, and everything that it yields is checked here.
    """

    def __init__(self, function: str, clock: Callable[[], datetime], layout: Layout = USAGE) -> None:
        self._function = function
        self._clock = clock
        self._layout = layout

    def read(self, cursor: str | None) -> Iterator[SignalBatch]:
        """Yield the events since the cursor, or ``unchanged``. Raise Unreachable."""
        made_for = signal_cursor.fit("python", self._function)
        before = signal_cursor.read(cursor, made_for)
        since = self._since(before.get("since"))
        with spooled(self._function) as spool:
            self._call(since - OVERLAP if since > BEGINNING else None, spool)
            digest, sorting = spool.digest(), Sorting(self._function, self._layout, self._clock())

            def moved() -> str:
                return signal_cursor.written(made_for, since=max(since, sorting.newest).isoformat(), digest=digest)

            if digest == before.get("digest"):
                yield SignalBatch(source=self._function, cursor=moved(), unchanged=True)
            else:
                yield from sorting.parts(spool.sort_json_lines(sorting, "event"), moved, whole=False)

    def _since(self, kept: str | None) -> datetime:
        try:
            return instant(kept) if kept else BEGINNING
        except ValueError:
            signal_cursor.dropped()
            return BEGINNING

    def _call(self, since: datetime | None, spool: Spool) -> None:
        """Write what the function yields into ``spool``. Raise Unreachable if it fails, takes too long, or its process
        ends before it yielded all: whatever the code, the events that are missing would never be asked for again."""
        arguments = [self._function, *([since.isoformat()] if since else [])]
        with _started([sys.executable, "-P", "-m", "integrations.signals.host", *arguments]) as (process, late):
            assert process.stdout is not None
            while part := process.stdout.read1(1 << 16):  # type: ignore[attr-defined]
                spool.write(part)
            code = process.wait()
        if late.is_set():
            told = f"not done after {MOST_SECONDS:g} seconds; ask for less since the moment that it is given"
            raise Unreachable(f"signals from {self._function}: {told}")
        if not spool.remove_end(DONE) or code:
            raise Unreachable(f"signals from {self._function}: {_failure(spool, code)}; it is tried again")


@contextmanager
def _started(command: list[str]) -> Iterator[tuple["subprocess.Popen[bytes]", threading.Event]]:
    """Run a command as the head of its own group of processes, which is ended after ``MOST_SECONDS`` (then the event
    is set) and at the end."""
    late = threading.Event()
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)

    def end() -> None:
        late.set()
        _kill(process)

    timer = threading.Timer(MOST_SECONDS, end)
    timer.daemon = True
    timer.start()
    try:
        yield process, late
    finally:
        timer.cancel()
        _kill(process)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        process.wait()


def _kill(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:  # else its number may be another process's by now
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _failure(spool: Spool, code: int) -> str:
    """Return why the process ended, in one line without possible secrets."""
    said = spool.end().rpartition(FAILED)
    if not said[1]:
        return f"its process ended with {code} and not by the return of the function"
    return one_line(without_secrets(said[2].decode("utf-8", "replace")))[:MOST_WORDS]
