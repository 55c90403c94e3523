"""A mail server behind a real socket: strict, with a record of deliveries, and faults on request.

A fault is a step and what happens there: ``accept``, ``ehlo``, ``starttls``, ``auth``, ``mail``, ``rcpt``, ``data``,
``body`` (in its middle), ``dot`` (the mail is dropped) or ``delivered`` (the mail is kept first), then ``close``,
``reset``, ``hang``, ``half`` (of a reply), ``crash`` (after a whole one), or a reply code.
"""

import base64
import contextlib
import re
import socket
import ssl
import struct
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from integrations.mail.parts import EFFECT_HEADER

TEXTS = {421: "4.3.2 closing", 450: "4.2.0 greylisted, ask <ann.lee@acme.example> later", 452: "4.2.2 full"}
TEXTS |= {550: "5.1.1 <ann.lee@acme.example> is nobody here", 552: "5.3.4 too big", 554: "5.7.1 smells of spam"}
_EFFECT = re.compile(rf"^{EFFECT_HEADER}: ([^\r]+(?:\r\n [^\r]+)*)\r\n".encode(), re.M)


class _Gone(Exception):
    """The connection is over."""


@dataclass
class MailServer:
    """The state of the server. ``delivered`` decides what arrived, independent of first90."""

    port: int = 0
    trouble: str | None = None
    calm: int = 0
    """How often the faulty step succeeds before the fault begins."""
    tls: ssl.SSLContext | None = None
    implicit: bool = False
    users: dict[str, str] = field(default_factory=dict)
    delivered: Counter[str] = field(default_factory=Counter)
    mails: list[bytes] = field(default_factory=list)
    envelopes: list[tuple[str, str]] = field(default_factory=list)
    said: list[bytes] = field(default_factory=list)
    """Every line of the clients, in the clear or under TLS, without bodies."""
    connections: int = 0
    hanging: int = 0
    """How many connections hang, or have hung."""
    release: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    lines: set[socket.socket] = field(default_factory=set)

    def hang_up(self) -> None:
        """Close the connections, as a server does with idle ones."""
        for line in self.lines:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def keep(self, sender: str, to: str, content: bytes) -> None:
        found = _EFFECT.search(content)
        with self.lock:
            self.mails.append(content)
            self.envelopes.append((sender, to))
            self.delivered[found[1].replace(b"\r\n ", b" ").decode() if found else "?"] += 1


@contextmanager
def mail_server(**more: object) -> Iterator[MailServer]:
    """A mail server that listens on this machine, with a thread for each connection."""
    server = MailServer(**more)  # type: ignore[arg-type]
    threads: list[threading.Thread] = []
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        server.port = listener.getsockname()[1]

        def listen() -> None:
            while True:
                try:
                    line, _ = listener.accept()
                except OSError:
                    return
                server.lines.add(line)
                server.connections += 1
                thread = threading.Thread(target=_Session(server, line).run, daemon=True)
                threads.append(thread)
                thread.start()

        main = threading.Thread(target=listen, daemon=True)
        main.start()
        try:
            yield server
        finally:
            server.release.set()
            listener.shutdown(socket.SHUT_RDWR)
            main.join(5)
            server.hang_up()
            for thread in threads:
                thread.join(5)
                assert not thread.is_alive()


class _Session:
    def __init__(self, server: MailServer, line: socket.socket) -> None:
        self.server, self.line = server, line
        self.rest = b""
        self.protected = False
        self.user: str | None = None

    def run(self) -> None:
        try:
            self._upset("accept")
            if self.server.implicit:
                self._wrap()
            self.answer(220, "mail.example ESMTP")
            self._serve()
        except (_Gone, OSError):
            pass
        finally:
            self.line.close()

    def answer(self, code: int, text: str = "OK") -> None:
        self.line.sendall(f"{code} {text}\r\n".encode())

    def _serve(self) -> None:
        sender: str | None = None
        to: str | None = None
        while True:
            said = self._read_line()
            verb, _, rest = said.decode("ascii").partition(" ")
            self.server.said.append(f"{verb.upper()} {rest}".strip().encode())
            match verb.upper():
                case "EHLO" | "HELO":
                    if self._upset("ehlo"):
                        continue
                    self._greet()
                case "STARTTLS" if self.server.tls and not self.protected:
                    if self._upset("starttls"):
                        continue
                    self.answer(220, "go ahead")
                    self._wrap()
                case "AUTH":
                    if not self._upset("auth"):
                        self._login(rest)
                case "MAIL":
                    if self._upset("mail"):
                        continue
                    if self.server.users and self.user is None:
                        self.answer(530, "5.7.0 log in first")
                        continue
                    sender, to = self._address(rest), None
                    self.answer(250)
                case "RCPT" if sender is not None:
                    if not self._upset("rcpt"):
                        to = self._address(rest)
                        self.answer(250)
                case "DATA" if sender is not None and to is not None:
                    if not self._upset("data"):
                        self._take(sender, to)
                    sender = to = None
                case "RSET":
                    sender = to = None
                    self.answer(250)
                case "NOOP":
                    self.answer(250)
                case "QUIT":
                    self.answer(221, "bye")
                    raise _Gone
                case _:
                    self.answer(503, "5.5.1 not now")

    def _greet(self) -> None:
        offers = ["mail.example", "SIZE 10000000"]
        if self.server.tls and not self.protected:
            offers.append("STARTTLS")
        if self.server.users and (self.protected or not self.server.tls):
            offers.append("AUTH PLAIN LOGIN")
        lines = [f"250{' ' if number == len(offers) else '-'}{offer}" for number, offer in enumerate(offers, start=1)]
        self.line.sendall("".join(f"{line}\r\n" for line in lines).encode())

    def _login(self, rest: str) -> None:
        kind, _, first = rest.partition(" ")
        if kind.upper() == "PLAIN":
            _, user, password = base64.b64decode(first).decode().split("\0")
        else:
            user = base64.b64decode(first).decode() if first else self._challenge("Username:")
            password = self._challenge("Password:")
        if self.server.users.get(user) == password:
            self.user = user
            self.answer(235, "2.7.0 welcome")
        else:
            self.answer(535, f"5.7.8 {user} with {password} is nobody")

    def _challenge(self, text: str) -> str:
        self.answer(334, base64.b64encode(text.encode()).decode())
        return base64.b64decode(self._read_line()).decode()

    def _take(self, sender: str, to: str) -> None:
        self.answer(354, "go on")
        if (self.server.trouble or "").startswith("body"):
            self.line.recv(1000)
            self._upset("body")
        while b"\r\n.\r\n" not in self.rest:
            self._more()
        raw, _, self.rest = self.rest.partition(b"\r\n.\r\n")
        content = (raw + b"\r\n").replace(b"\r\n..", b"\r\n.")
        content = content[1:] if content.startswith(b"..") else content
        if self._upset("dot"):
            return
        if re.search(rb"\r(?!\n)|(?<!\r)\n", content) or max(map(len, content.split(b"\r\n"))) > 998:
            self.answer(554, "5.6.0 bare CR or LF, or an endless line")
            return
        self.server.keep(sender, to, content)
        if not self._upset("delivered"):
            self.answer(250, f"2.0.0 Ok: queued as 4X{len(self.server.mails):06d}")

    def _upset(self, step: str) -> bool:
        """Apply the fault of this step; return whether it was answered. Does not return if the connection ends."""
        at, _, what = (self.server.trouble or "").partition(" ")
        if at != step or self._still_calm():
            return False
        if what.isdecimal():
            self.answer(int(what), TEXTS.get(int(what), "for ann.lee@acme.example"))
            if what == "421":
                raise _Gone
            return True
        if what == "hang":
            self.server.hanging += 1
            self.server.release.wait(60)
        elif what == "half":
            self.line.sendall(b"25")
        elif what == "crash":
            self.answer(250, "2.0.0 Ok: queued as 4Xcrash")
        elif what == "reset":
            self.line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise _Gone

    def _still_calm(self) -> bool:
        with self.server.lock:
            self.server.calm -= 1
            return self.server.calm >= 0

    def _wrap(self) -> None:
        assert self.server.tls is not None
        assert not self.rest, "something was said before TLS began"
        self.line = self.server.tls.wrap_socket(self.line, server_side=True)
        self.protected = True

    def _address(self, rest: str) -> str:
        found = re.fullmatch(r"(?:FROM|TO):<([^<>\s]+)>.*", rest, re.I)
        assert found, rest
        return found[1]

    def _read_line(self) -> bytes:
        while b"\r\n" not in self.rest:
            self._more()
        line, _, self.rest = self.rest.partition(b"\r\n")
        return line

    def _more(self) -> None:
        chunk = self.line.recv(65536)
        if not chunk:
            raise _Gone
        self.rest += chunk
