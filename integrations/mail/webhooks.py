"""Webhooks of mail providers: who sent this, and what does it report? One module a provider."""

from collections.abc import Mapping
from datetime import datetime

from config.settings.mail_webhooks import MailHooks
from integrations.mail.postmark import webhook
from integrations.mail.resend import webhook as resend_webhook
from integrations.mail.sendgrid import webhook as sendgrid_webhook
from integrations.mail.webhook import Forged, Heard, Unreadable

__all__ = ["Forged", "Heard", "Unreadable", "read_hook"]


def read_hook(hooks: MailHooks, provider: str, headers: Mapping[str, str], body: bytes, now: datetime) -> Heard | None:
    """What a post reports; None where this provider is not set. ``headers`` by lower-case name, ``now`` the wall clock.

    Raises Forged for whatever the provider did not send just now, and Unreadable for a body that is no post of its
    kind. Events that mean nothing to us (opened, delivered) are left out; odd ones are passed over, and told.
    """
    if provider == "postmark" and hooks.postmark is not None:
        return webhook.read(hooks.postmark.get_secret_value(), headers, body, now)
    if provider == "sendgrid" and hooks.sendgrid is not None:
        return sendgrid_webhook.read(hooks.sendgrid.get_secret_value(), headers, body, now)
    if provider == "resend" and hooks.resend is not None:
        return resend_webhook.read(hooks.resend.get_secret_value(), headers, body, now)
    return None
