"""Mail providers with an HTTP API: one mail a request, over kept-alive connections."""

from typing import TYPE_CHECKING

from config.settings.mail_senders import HttpMail

if TYPE_CHECKING:
    from integrations.mail.http_sender import Provider


def open_provider(choice: HttpMail) -> "Provider":
    """Return the provider of the settings, to be closed at the end. No request is made yet."""
    from integrations.mail.postmark.sender import Postmark
    from integrations.mail.resend.sender import Resend
    from integrations.mail.sendgrid.sender import SendGrid

    kinds: dict[str, type[Provider]] = {"postmark": Postmark, "resend": Resend, "sendgrid": SendGrid}
    return kinds[choice.provider](choice)
