"""The open connections to one mail server, lent to one thread at a time and kept for the next mail."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from config.settings.mail_senders import SmtpMail
from integrations.mail.smtp.connection import MAILS_PER_CONNECTION, Connection, Deadline, Failed

FRESH_SECONDS = 5.0
"""A connection that has rested longer is asked whether it is still there before a mail is entrusted to it."""


class ConnectionPool:
    """At most ``server.connections`` connections, opened when they are needed. For any number of threads."""

    def __init__(self, server: SmtpMail) -> None:
        self.opened = 0
        """How many connections there have been in all."""
        self._server = server
        self._resting: list[Connection] = []
        self._lock = threading.Lock()
        self._free = threading.BoundedSemaphore(server.connections)
        self._closed = False

    @contextmanager
    def lend(self, deadline: Deadline) -> Iterator[tuple[Connection, bool]]:
        """A connection for one mail, and whether it has served before. Comes back unless the mail broke it.

        Raises Failed where none can be had.
        """
        with self._free:
            line, used = self._take(deadline)
            broken = True
            try:
                yield line, used
                broken = False
            except Failed as failed:
                broken = failed.broken
                raise
            finally:
                self._take_back(line, broken)

    def close(self) -> None:
        """Hang up all of them. Safe to repeat."""
        with self._lock:
            self._closed, resting, self._resting = True, self._resting, []
        for line in resting:
            line.say_goodbye()

    def _take(self, deadline: Deadline) -> tuple[Connection, bool]:
        while True:
            with self._lock:
                line = self._resting.pop() if self._resting else None
            if line is None:
                return self._open(deadline), False
            if time.monotonic() - line.used_at < FRESH_SECONDS or line.is_alive(deadline):
                return line, True
            line.close()

    def _open(self, deadline: Deadline) -> Connection:
        line = Connection(self._server, deadline)
        with self._lock:
            self.opened += 1
        return line

    def _take_back(self, line: Connection, broken: bool) -> None:
        if broken:
            line.close()
            return
        with self._lock:
            kept = line.mails < MAILS_PER_CONNECTION and not self._closed
            if kept:
                self._resting.append(line)
        if not kept:
            line.say_goodbye()
