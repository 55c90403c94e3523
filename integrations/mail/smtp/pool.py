"""A pool of SMTP connections to one server, each lent to one thread at a time and kept for the next mail."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from config.settings.mail_senders import SmtpMail
from integrations.mail.smtp.connection import MAILS_PER_CONNECTION, Connection, Deadline, Failed

FRESH_SECONDS = 5.0
"""A connection idle for longer is checked with NOOP before a mail is sent over it."""


class ConnectionPool:
    """At most ``server.connections`` connections, opened on demand. Thread-safe."""

    def __init__(self, server: SmtpMail) -> None:
        self.opened = 0
        """How many connections were opened in total."""
        self._server = server
        self._resting: list[Connection] = []
        self._lock = threading.Lock()
        self._free = threading.BoundedSemaphore(server.connections)
        self._closed = False

    @contextmanager
    def lend(self, deadline: Deadline) -> Iterator[tuple[Connection, bool]]:
        """Lend a connection for one mail, with whether it was used before. It is kept unless the mail broke it.

        Raise Failed if none can be opened.
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
        """Close all idle connections. Safe to repeat."""
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
