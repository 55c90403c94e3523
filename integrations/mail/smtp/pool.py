"""A pool of SMTP connections to one server, each lent to one thread at a time and kept for the next mail."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from config.settings.mail_senders import SmtpMail
from integrations.mail.smtp.connection import MAILS_PER_CONNECTION, Connection, Deadline, MailNotAccepted

FRESH_SECONDS = 5.0
"""A connection idle for longer is checked with NOOP before a mail is sent over it."""


class ConnectionPool:
    """At most ``server.connections`` connections, opened on demand. Thread-safe."""

    def __init__(self, server: SmtpMail) -> None:
        self.opened = 0
        """How many connections were opened in total."""
        self._server = server
        self._idle: list[Connection] = []
        self._lock = threading.Lock()
        self._free = threading.BoundedSemaphore(server.connections)
        self._closed = False

    @contextmanager
    def lend(self, deadline: Deadline) -> Iterator[tuple[Connection, bool]]:
        """Lend a connection for one mail, with whether it was used before. It is kept unless the mail broke it.

        Raise Failed if none can be opened.
        """
        with self._free:
            connection, used = self._take(deadline)
            broken = True
            try:
                yield connection, used
                broken = False
            except MailNotAccepted as failed:
                broken = failed.broken
                raise
            finally:
                self._take_back(connection, broken)

    def close(self) -> None:
        """Close all idle connections. Safe to repeat."""
        with self._lock:
            self._closed, idle, self._idle = True, self._idle, []
        for connection in idle:
            connection.quit()

    def _take(self, deadline: Deadline) -> tuple[Connection, bool]:
        while True:
            with self._lock:
                connection = self._idle.pop() if self._idle else None
            if connection is None:
                return self._open(deadline), False
            if time.monotonic() - connection.used_at < FRESH_SECONDS or connection.is_alive(deadline):
                return connection, True
            connection.close()

    def _open(self, deadline: Deadline) -> Connection:
        connection = Connection(self._server, deadline)
        with self._lock:
            self.opened += 1
        return connection

    def _take_back(self, connection: Connection, broken: bool) -> None:
        if broken:
            connection.close()
            return
        with self._lock:
            kept = connection.mails < MAILS_PER_CONNECTION and not self._closed
            if kept:
                self._idle.append(connection)
        if not kept:
            connection.quit()
