"""Lookup of a message after a doubt, by the metadata that each message carries."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from integrations.slack.client import Client
from integrations.slack.errors import Trouble

EVENT = "first90_effect"
PAGE = 200
MOST_PAGES = 25
"""Messages a page (Slack's recommendation), and pages after which the lookup gives up. This project's choice."""
EARLIER = timedelta(minutes=10)
"""How far Slack's clock may be behind the local one."""


def metadata(key: str) -> dict[str, Any]:
    """Return a message's metadata: the effect's key, and no personal data."""
    return {"event_type": EVENT, "event_payload": {"key": key}}


def find_message(client: Client, key: str, channel: str, since: datetime, thread: str | None = None) -> str | None:
    """Return the ``ts`` of the effect's message in a channel (or a thread of it) since a moment; None if it is not
    there.

    Reads the newest pages first. Raise Trouble if it cannot be told: no permission, no response, or more messages
    than ``MOST_PAGES`` pages.
    """
    method = "conversations.replies" if thread else "conversations.history"
    asked: dict[str, Any] = {
        "channel": channel,
        "oldest": f"{(since - EARLIER).timestamp():.6f}",
        "include_all_metadata": True,
        "limit": PAGE,
        **({"ts": thread} if thread else {}),
    }
    for _ in range(MOST_PAGES):
        answer = client.ask(method, **asked)
        for message in answer.get("messages") or ():
            if _key(message) == key:
                return str(message["ts"])
        cursor = (answer.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            return None
        asked["cursor"] = cursor
    raise Trouble("busy", f"{method}: more than {PAGE * MOST_PAGES} messages since; it cannot be looked through")


def _key(message: Mapping[str, Any]) -> str | None:
    told = message.get("metadata") or {}
    key = (told.get("event_payload") or {}).get("key") if told.get("event_type") == EVENT else None
    return str(key) if key else None
