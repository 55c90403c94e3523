"""Mail over SMTP. A server cannot recognise a repeated mail, so the guarantee is ``plain``."""

from collections.abc import Sequence
from datetime import timedelta

from config.settings.mail_senders import SmtpMail
from integrations.mail.message import mime
from integrations.mail.parts import PayloadError, read_letter
from integrations.mail.smtp.connection import SEND_SECONDS, Deadline, MailNotAccepted
from integrations.mail.smtp.pool import ConnectionPool
from integrations.ports import Guarantee, OutgoingMessage, Unreachable
from onboarding.effects.send_result import ResultState, SendResult


class SmtpSender:
    """The transport over SMTP: one mail a call, in parallel on as many connections as allowed. To be closed at the
    end."""

    guarantee: Guarantee = Guarantee.PLAIN
    embedded = False
    batch = 1
    key_life: timedelta | None = None

    def __init__(self, server: SmtpMail, seconds: float = SEND_SECONDS) -> None:
        self._seconds = seconds
        self.slots = server.connections
        self.pool = ConnectionPool(server)

    def send(self, messages: Sequence[OutgoingMessage]) -> Sequence[SendResult]:
        """Send the mails one after another; for the payload see ``integrations.mail.parts.read_letter``."""
        return [self._send(outgoing) for outgoing in messages]

    def find(self, key: str) -> str | None:
        """Raise Unreachable: a mail server cannot tell which mails it accepted."""
        raise Unreachable("a mail server cannot be asked what became of a mail")

    def check(self) -> str:
        """Connect, start TLS and log in without sending a mail. Raise Unreachable."""
        try:
            with self.pool.lend(Deadline.within(self._seconds)):
                return "it answers and lets us in"
        except MailNotAccepted as failed:
            raise Unreachable(failed.result.error or "the mail server cannot be used") from None

    def close(self) -> None:
        """Close the connections."""
        self.pool.close()

    def _send(self, outgoing: OutgoingMessage) -> SendResult:
        try:
            letter = read_letter({**outgoing.payload, "key": outgoing.key})
            content = mime(letter)
        except PayloadError as error:
            return SendResult(state=ResultState.PERMANENT, error=f"the mail cannot be built: {error}")
        deadline = Deadline.within(self._seconds)
        for last_try in (False, True):
            used = False
            try:
                with self.pool.lend(deadline) as (connection, used):
                    # The envelope uses the checked addresses, never the header values.
                    return connection.send(letter.sender.address, letter.to.address, content, deadline)
            except MailNotAccepted as failed:
                result = failed.result
                # A kept connection that the server has closed meanwhile says nothing about the mail: retried once.
                if last_try or not (used and failed.broken and result.state is ResultState.TRANSIENT):
                    break
        return result
