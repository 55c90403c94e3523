"""The mention that notifies the reader of a message: first90's own, never one out of a text."""

import hashlib
import re

from integrations.slack.blocks import BLOCKS, SECTION, Block
from integrations.slack.text import length

USER = re.compile(r"[UW][A-Z0-9]{2,}")


def mentioning(user: str, text: str, built: list[Block]) -> tuple[str, list[Block]]:
    """Return the notification text and the blocks with the user mentioned first. Slack notifies of a mention that it
    shows, so it stands in both."""
    mention = f"<@{user}>"
    for place, block in enumerate(built):
        said = block.get("text") or {}
        if block["type"] == "section" and length(said.get("text") or "") + len(mention) + 1 <= SECTION and said:
            marked = {**block, "text": {**said, "text": f"{mention} {said['text']}"}}
            return f"{mention} {text}", [*built[:place], marked, *built[place + 1 :]]
    alone = {"type": "section", "text": {"type": "mrkdwn", "text": mention, "verbatim": True}}
    return f"{mention} {text}", [*built[:1], alone, *built[1:]][:BLOCKS]


def stand_in(address: str) -> str:
    """Return the user that a chat file mentions for an address or an id: an id as it is, else one made of the address,
    always the same."""
    if USER.fullmatch(address):
        return address
    return f"U{hashlib.sha256(address.casefold().encode()).hexdigest()[:10].upper()}"
