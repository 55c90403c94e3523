"""The buttons and menus of a message. They carry ids and a purpose, no secrets and no names.

A date or user menu carries no value of first90, so its subject is in the id of its block. That id is new with each
edit, so that clients show the menus empty again.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from integrations.slack.text import escape
from onboarding.messages.posts import Buttons

ACK, WHY, SNOOZE, DONE, REASSIGN = (f"first90.{word}" for word in ("ack", "why", "snooze", "done", "reassign"))
MOST_OPTIONS, OPTION_TEXT, OPTION_VALUE, BLOCK_ID = 100, 75, 150, 255
_BLOCK = re.compile(r"first90\|(?P<episode>[^|]*)\|[0-9a-f]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """The subject of a pressed button."""

    onboarding: str
    episode: int | None
    """None if it is not about a stall."""


def actions(buttons: Buttons, key: str) -> Iterator[dict[str, Any]]:
    """Yield the actions block of a message, if there is anything to press. ``key`` is the effect's."""
    elements = [*_stall(buttons), *_work(buttons)]
    block_id = f"first90|{buttons.episode}|{sha256(key.encode()).hexdigest()[:12]}"
    if elements and len(block_id) <= BLOCK_ID:
        yield {"type": "actions", "block_id": block_id, "elements": elements}


def about(block_id: str, value: str) -> About | None:
    """Return the subject of a press by its block and value; None if the block is not one of first90's."""
    found = _BLOCK.fullmatch(block_id)
    if found is None:
        return None
    onboarding, _, number = found["episode"].rpartition(":")
    if not onboarding:
        return About(onboarding=value.partition(":")[0], episode=None)
    return About(onboarding=onboarding, episode=int(number)) if number.isdecimal() else None


def _stall(buttons: Buttons) -> Iterator[dict[str, Any]]:
    if not buttons.episode:
        return
    yield {
        "type": "button",
        "action_id": ACK,
        "text": _plain("I'm on it", OPTION_TEXT),
        "value": buttons.episode,
        "style": "primary",
    }
    yield {"type": "button", "action_id": WHY, "text": _plain("Why?", OPTION_TEXT), "value": buttons.episode}
    yield {"type": "datepicker", "action_id": SNOOZE, "placeholder": _plain("Snooze until…", 150)}
    yield {
        "type": "users_select",
        "action_id": REASSIGN,
        "placeholder": _plain("Hand over to…", 150),
        "confirm": _sure("Hand this onboarding over?", "They become its CSM: mails go out in their name.", "Hand over"),
    }


def _work(buttons: Buttons) -> Iterator[dict[str, Any]]:
    options = [
        {"text": _plain(words, OPTION_TEXT), "value": what}
        for what, words in dict(buttons.doable).items()
        if len(what) <= OPTION_VALUE
    ]
    if options:
        yield {
            "type": "static_select",
            "action_id": DONE,
            "placeholder": _plain("Mark done…", 150),
            "options": options[:MOST_OPTIONS],
            "confirm": _sure("Mark it as done?", "What depends on it goes on from here.", "Mark done"),
        }


def _sure(title: str, text: str, confirm: str) -> dict[str, Any]:
    return {
        "title": _plain(title, 100),
        "text": _plain(text, 300),
        "confirm": _plain(confirm, 30),
        "deny": _plain("Cancel", 30),
    }


def _plain(text: str, most: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": escape(" ".join(text.split()), most) or "-", "emoji": False}
