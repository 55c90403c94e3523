"""Webhooks of mail providers: who sent this, and what does it report? One module a provider."""

from collections.abc import Mapping
from datetime import datetime

from config.mail_hooks import MailHooks
from integrations.mail_hooks import postmark, resend, sendgrid
from integrations.mail_hooks.post import Forged, Heard, Unreadable

__all__ = ["Forged", "Heard", "Unreadable", "read_hook"]


def read_hook(hooks: MailHooks, provider: str, headers: Mapping[str, str], body: bytes, now: datetime) -> Heard | None:
    """What a post reports; None where this provider is not set. ``headers`` by lower-case name, ``now`` the wall clock.

    Raises Forged for whatever the provider did not send just now, and Unreadable for a body that is no post of its
    kind. Events that mean nothing to us (opened, delivered) are left out; odd ones are passed over, and told.
    """
    if provider == "postmark" and hooks.postmark is not None:
        return postmark.read(hooks.postmark.get_secret_value(), headers, body, now)
    if provider == "sendgrid" and hooks.sendgrid is not None:
        return sendgrid.read(hooks.sendgrid.get_secret_value(), headers, body, now)
    if provider == "resend" and hooks.resend is not None:
        return resend.read(hooks.resend.get_secret_value(), headers, body, now)
    return None
