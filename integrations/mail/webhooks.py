"""The webhooks of the mail providers: authentication and reports, one module for each provider."""

from collections.abc import Mapping
from datetime import datetime

from config.settings.mail_webhooks import MailHooks
from integrations.mail.postmark import webhook
from integrations.mail.resend import webhook as resend_webhook
from integrations.mail.sendgrid import webhook as sendgrid_webhook
from integrations.mail.webhook import Forged, HookReports, Unreadable

__all__ = ["Forged", "HookReports", "Unreadable", "read_hook"]


def read_hook(
    hooks: MailHooks, provider: str, headers: Mapping[str, str], body: bytes, now: datetime
) -> HookReports | None:
    """Return the reports of a request; None if this provider is not set. ``headers`` by lower-case name, ``now`` the
    wall clock.

    Raise Forged for what the provider did not send just now, and Unreadable for a body of another kind. Events of no
    interest (opened, delivered) are left out; unreadable ones are skipped and counted as odd.
    """
    if provider == "postmark" and hooks.postmark is not None:
        return webhook.read(hooks.postmark.get_secret_value(), headers, body, now)
    if provider == "sendgrid" and hooks.sendgrid is not None:
        return sendgrid_webhook.read(hooks.sendgrid.get_secret_value(), headers, body, now)
    if provider == "resend" and hooks.resend is not None:
        return resend_webhook.read(hooks.resend.get_secret_value(), headers, body, now)
    return None
