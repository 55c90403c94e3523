"""A message as it was sent, without the links that only its reader may follow."""

from collections.abc import Mapping
from typing import Any

from database.outbox.payloads import StoredMessage
from onboarding.model.vocabulary import Channel

MAIL_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""The Content-Security-Policy of a mail's own HTML: inline styles and images, nothing else."""


def message_view(message: StoredMessage, account: str, key: str) -> Mapping[str, Any]:
    """Return the values of ``message.html``."""
    said = message.payload
    return {
        "kind": message.kind,
        "channel": "Mail" if message.channel is Channel.MAIL else "Slack message",
        "recipient": message.recipient,
        "sent_at": message.sent_at,
        "account": account,
        "key": key,
        "subject": said.get("subject") if said else None,
        "lines": None if said is None else _lines(message.channel, said),
    }


def mail_html(message: StoredMessage) -> str | None:
    """Return the HTML of a mail as it was sent; None for what is no mail or was erased."""
    if message.channel is not Channel.MAIL or not message.payload or not message.payload.get("html"):
        return None
    return _without_secrets(str(message.payload["html"]), message.payload)


def _lines(channel: Channel, said: Mapping[str, Any]) -> list[str]:
    if channel is Channel.MAIL:
        return [_without_secrets(str(said.get("text", "")), said)]
    post = said.get("post") or {}
    facts = [f"{name}: {value}" for name, value in post.get("facts") or ()]
    return [text for text in (post.get("headline"), *(post.get("lines") or ()), *facts, post.get("footer")) if text]


def _without_secrets(text: str, said: Mapping[str, Any]) -> str:
    """Return the text without the unsubscribe link, which acts for its reader: a viewer here must not be able to use
    it."""
    link = said.get("unsubscribe_url")
    return text.replace(str(link), "#") if link else text
