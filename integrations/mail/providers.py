"""Mail providers with an HTTP API: one mail a request, over kept-alive connections."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from config.settings.mail_senders import HttpMail

if TYPE_CHECKING:
    from integrations.mail.http_sender import Provider
    from integrations.mail.parts import Notice


def open_provider(choice: HttpMail) -> "Provider":
    """Return the provider of the settings, to be closed at the end. No request is made yet."""
    from integrations.mail.postmark.sender import Postmark
    from integrations.mail.resend.sender import Resend
    from integrations.mail.sendgrid.sender import SendGrid

    kinds: dict[str, type[Provider]] = {"postmark": Postmark, "resend": Resend, "sendgrid": SendGrid}
    return kinds[choice.provider](choice)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRequest:
    """The request by which another program sends a mail through the provider: a POST of JSON."""

    url: str
    headers: Mapping[str, str] = field(repr=False)
    """They hold the token."""
    body: Mapping[str, Any]


def notice_request(choice: HttpMail, notice: "Notice") -> NoticeRequest:
    """Return the request with this mail. No request is made."""
    with closing(open_provider(choice)) as provider:
        return NoticeRequest(
            url=f"{(choice.api_url or provider.home).rstrip('/')}{provider.path}",
            headers=provider.credentials(choice.token.get_secret_value()),
            body=provider.notice(notice),
        )
