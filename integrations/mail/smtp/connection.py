"""One SMTP connection: opened, encrypted and logged in, then used for one mail after another."""

import smtplib
import socket
import ssl
import time
from dataclasses import dataclass

from config.settings.mail_senders import SmtpMail
from integrations.mail.smtp.answers import Step, accepted, in_doubt, lost, misfit, refused
from integrations.tls import trust
from onboarding.effects.send_result import ResultState, SendResult

SEND_SECONDS = 30.0
"""The limit for one mail, connection and login included; the lease of 60 s depends on it."""
MAILS_PER_CONNECTION = 100
"""Mails after which it is opened again, because many servers close it after more (P5)."""


class MailNotAccepted(Exception):
    """The mail was not accepted; ``result`` is the result. ``broken``: the connection cannot be used again."""

    def __init__(self, result: SendResult, *, broken: bool = True) -> None:
        super().__init__(result.error)
        self.result, self.broken = result, broken


@dataclass(frozen=True, slots=True)
class Deadline:
    """The moment by which a mail must be sent, on the monotonic clock."""

    at: float

    @classmethod
    def within(cls, seconds: float) -> "Deadline":
        """Return the deadline so many seconds from now."""
        return cls(time.monotonic() + seconds)

    @property
    def left(self) -> float:
        """Return the seconds left; never 0, which a socket takes for non-blocking."""
        return max(0.01, self.at - time.monotonic())


class Connection:
    """An open connection. Not thread-safe; ``ConnectionPool`` lends it to one thread at a time."""

    def __init__(self, server: SmtpMail, deadline: Deadline) -> None:
        """Connect, start TLS and log in. Raise Failed; nothing is left open then."""
        self.mails = 0
        self.used_at = time.monotonic()
        step: Step = "connect"
        self._smtp = _Client(local_hostname=_our_name(), timeout=deadline.left)
        try:
            context = None if server.tls == "never" else trust()
            if server.tls == "implicit" and context is not None:
                self._smtp.wrap = context
            code, said = self._smtp.connect(server.host, server.port)
            if code != 220:
                raise MailNotAccepted(refused(step, code, said))
            self._wait(deadline)
            self._smtp.ehlo_or_helo_if_needed()
            if server.tls == "starttls":
                step = "TLS"
                code, said = self._smtp.starttls(context=context)
                if code != 220:
                    raise MailNotAccepted(refused(step, code, said))
                self._wait(deadline)
                self._smtp.ehlo()
            if server.user and server.password:
                step = "login"
                self._wait(deadline)
                self._smtp.login(server.user, server.password.get_secret_value())
        except smtplib.SMTPResponseException as error:
            self.close()
            raise MailNotAccepted(refused(step, error.smtp_code, _as_bytes(error.smtp_error))) from None
        except smtplib.SMTPNotSupportedError:
            self.close()
            missing = "STARTTLS" if step == "TLS" else "a login that we know"
            raise MailNotAccepted(misfit(f"the mail server offers no {missing}; nothing was sent")) from None
        except ssl.SSLCertVerificationError as error:
            self.close()
            why = f"its certificate is not trusted ({error.verify_message}); nothing was sent"
            raise MailNotAccepted(misfit(f"the mail server: {why}")) from None
        except MailNotAccepted:
            self.close()
            raise
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise MailNotAccepted(lost(step, type(error).__name__)) from None

    def send(self, sender: str, to: str, content: bytes, deadline: Deadline) -> SendResult:
        """Send one mail and return the result. ``content`` has CRLF line ends. Raise Failed."""
        step: Step = "sender"
        try:
            size = [f"size={len(content)}"] if self._smtp.has_extn("size") else []
            self._ask(step, *self._timed(deadline).mail(sender, size))
            step = "recipient"
            self._ask(step, *self._timed(deadline).rcpt(to))
            step = "data"
            code, said = self._timed(deadline).docmd("DATA")
            if code != 354:
                self._ask(step, code if code >= 400 else 0, said)
            self._timed(deadline).send(_dot_stuffed(content))
        except (smtplib.SMTPException, OSError) as error:
            raise MailNotAccepted(lost(step, type(error).__name__)) from None
        return self._final_dot(deadline)

    def is_alive(self, deadline: Deadline) -> bool:
        """Return whether the server still replies on an idle connection."""
        try:
            return self._timed(deadline).noop()[0] == 250
        except (smtplib.SMTPException, OSError):
            return False

    def close(self) -> None:
        """Close the socket without QUIT."""
        self._smtp.close()

    def quit(self) -> None:
        """Close the connection with QUIT."""
        try:
            self._timed(Deadline.within(1)).quit()
        except (smtplib.SMTPException, OSError):
            self.close()

    def _final_dot(self, deadline: Deadline) -> SendResult:
        """Send the final dot and return the result. From here on the mail may be delivered, whatever the reply."""
        try:
            # A packet of its own: if the body itself did not get through, the mail was certainly not accepted.
            self._timed(deadline).send(b".\r\n")
            code, said = self._smtp.getreply()
        except (smtplib.SMTPException, OSError) as error:
            raise MailNotAccepted(in_doubt(f"the mail server was lost ({type(error).__name__})")) from None
        self.mails += 1
        self.used_at = time.monotonic()
        if 200 <= code < 300:
            return accepted(said)
        result = refused("body", code, said)
        raise MailNotAccepted(result, broken=code == 421 or result.state is ResultState.UNKNOWN)

    def _ask(self, step: Step, code: int, said: bytes) -> None:
        if 200 <= code < 300:
            return
        result = refused(step, code, said)
        try:
            whole = code != 421 and self._smtp.rset()[0] == 250
        except (smtplib.SMTPException, OSError):
            whole = False
        raise MailNotAccepted(result, broken=not whole)

    def _timed(self, deadline: Deadline) -> "_Client":
        self._wait(deadline)
        return self._smtp

    def _wait(self, deadline: Deadline) -> None:
        if self._smtp.sock is not None:
            self._smtp.sock.settimeout(deadline.left)


class _Client(smtplib.SMTP):
    """smtplib's client, with TLS from the first byte if ``wrap`` is set, and without Nagle's algorithm."""

    wrap: ssl.SSLContext | None = None

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        raw_socket = socket.create_connection((host, port), timeout)
        raw_socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.wrap is None:
            return raw_socket
        try:
            return self.wrap.wrap_socket(raw_socket, server_hostname=host)
        except BaseException:
            raw_socket.close()
            raise

    def connect(self, host: str = "localhost", port: int = 0, source_address: object = None) -> tuple[int, bytes]:
        self._host = host  # STARTTLS checks the certificate against it
        return super().connect(host, port)


def _dot_stuffed(content: bytes) -> bytes:
    """Return the mail with dots stuffed: a line that begins with a dot gets another one, so that none ends the mail."""
    content = content if content.endswith(b"\r\n") else content + b"\r\n"
    return (b"." if content.startswith(b".") else b"") + content.replace(b"\r\n.", b"\r\n..")


def _our_name() -> str:
    """Return the name for EHLO; resolving a fully qualified name may take many seconds."""
    name = socket.gethostname()
    return name if name.isascii() and name.replace("-", "").replace(".", "").isalnum() else "localhost"


def _as_bytes(said: bytes | str) -> bytes:
    return said if isinstance(said, bytes) else said.encode("utf-8", errors="replace")
