"""A message as it was sent, without the links that only its reader may follow."""

from collections.abc import Mapping
from typing import Any

from database.outbox.payloads import StoredMessage
from onboarding.effects.payloads import MailPayload, read_chat, read_mail
from onboarding.model.vocabulary import Channel
from tasks.runtime.links import without_signed_links

MAIL_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""The Content-Security-Policy of a mail's own HTML: inline styles and images, nothing else."""


def message_view(message: StoredMessage, account: str, key: str) -> Mapping[str, Any]:
    """Return the values of ``message.html``."""
    mail = _mail(message)
    return {
        "kind": message.kind,
        "channel": "Mail" if message.channel is Channel.MAIL else "Slack message",
        "recipient": message.recipient,
        "sent_at": message.sent_at,
        "account": account,
        "key": key,
        "subject": mail.subject if mail else None,
        "lines": [_without_secrets(mail.text, mail)] if mail else _post_lines(message),
    }


def mail_html(message: StoredMessage) -> str | None:
    """Return the HTML of a mail as it was sent; None for what is no mail or was erased."""
    mail = _mail(message)
    return _without_secrets(mail.html, mail) if mail and mail.html else None


def _mail(message: StoredMessage) -> MailPayload | None:
    """Return the mail; None for what is none, was erased, or cannot be read: one message never hides the others."""
    if not message.payload or message.channel is not Channel.MAIL:
        return None
    try:
        return read_mail(message.payload)
    except ValueError:
        return None


def _post_lines(message: StoredMessage) -> list[str] | None:
    if not message.payload or message.channel is Channel.MAIL:
        return None
    try:
        post = read_chat(message.payload).post
    except (KeyError, TypeError, ValueError):
        return None
    facts = [f"{name}: {value}" for name, value in post.facts]
    return [text for text in (post.headline, *post.lines, *facts, post.footer) if text]


def _without_secrets(text: str, mail: MailPayload) -> str:
    """Return the text without the links that act for its reader (unsubscribe, survey): a viewer here must not be able
    to use them."""
    text = text.replace(mail.unsubscribe_url, "#") if mail.unsubscribe_url else text
    return without_signed_links(text)
