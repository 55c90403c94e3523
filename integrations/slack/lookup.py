"""Looking for a message of ours after a doubt: by the metadata that each one carries."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from integrations.slack.client import Client
from integrations.slack.errors import Trouble

EVENT = "first90_effect"
PAGE = 200
MOST_PAGES = 25
"""So many messages a page (Slack's advice), and pages before we say that we cannot tell. Ours."""
EARLIER = timedelta(minutes=10)
"""How far Slack's clock may be behind ours."""


def metadata(key: str) -> dict[str, Any]:
    """What each message carries: the effect's key, and nothing of anybody."""
    return {"event_type": EVENT, "event_payload": {"key": key}}


def find_message(client: Client, key: str, channel: str, since: datetime, thread: str | None = None) -> str | None:
    """The ``ts`` of the effect's message in a channel (or thread of it) since a moment; None where it is not there.

    Newest pages first, each message looked at. Raises Trouble where it cannot be said: no permission, no answer, or
    more messages than we may read.
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
