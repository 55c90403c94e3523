"""What a Prefect server needs to mail to ops without first90: a provider's request, or a mail server's address."""

from urllib.parse import quote, urlencode

from config.settings.mail_senders import HttpMail, SmtpMail
from integrations.mail.parts import Notice
from integrations.mail.providers import NoticeRequest, notice_request

_MODES = {"starttls": "starttls", "implicit": "ssl", "never": "insecure"}


def provider_request(mail: HttpMail, sender: str, to: tuple[str, ...], subject: str, text: str) -> NoticeRequest:
    """Return the request by which anybody who holds it mails this through the provider. No request is made."""
    return notice_request(mail, Notice(sender=sender, to=to, subject=subject, text=text))


def apprise_url(mail: SmtpMail, sender: str, to: tuple[str, ...]) -> str:
    """Return the address under which Apprise, which Prefect notifies through, reaches these people by this mail server.

    It holds the password.
    """
    login = f"{quote(mail.user, safe='')}:{quote(_password(mail), safe='')}@" if mail.user else ""
    scheme = "mailto" if mail.tls == "never" else "mailtos"
    options = {"from": sender, "to": ",".join(to), "mode": _MODES[mail.tls], "format": "text"}
    return f"{scheme}://{login}{mail.host}:{mail.port}?{urlencode(options)}"


def _password(mail: SmtpMail) -> str:
    return mail.password.get_secret_value() if mail.password else ""
