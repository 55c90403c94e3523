"""Mail providers with an HTTP interface: one mail a call, over connections that are kept."""

from typing import TYPE_CHECKING

from config.settings.mail_senders import HttpMail

if TYPE_CHECKING:
    from integrations.mail.http_sender import Provider


def open_provider(choice: HttpMail) -> "Provider":
    """The provider that the settings name; to be closed at the end. Nothing is asked of it yet."""
    from integrations.mail.postmark.sender import Postmark
    from integrations.mail.resend.sender import Resend
    from integrations.mail.sendgrid.sender import SendGrid

    kinds: dict[str, type[Provider]] = {"postmark": Postmark, "resend": Resend, "sendgrid": SendGrid}
    return kinds[choice.provider](choice)
