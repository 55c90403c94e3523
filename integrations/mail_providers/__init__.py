"""Mail providers with an HTTP interface: one mail a call, over connections that are kept."""

from typing import TYPE_CHECKING

from config.mail_ways import HttpMail

if TYPE_CHECKING:
    from integrations.mail_providers.provider import Provider


def open_provider(choice: HttpMail) -> "Provider":
    """The provider that the settings name; to be closed at the end. Nothing is asked of it yet."""
    from integrations.mail_providers.postmark import Postmark
    from integrations.mail_providers.resend import Resend
    from integrations.mail_providers.sendgrid import SendGrid

    kinds: dict[str, type[Provider]] = {"postmark": Postmark, "resend": Resend, "sendgrid": SendGrid}
    return kinds[choice.provider](choice)
