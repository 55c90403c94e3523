"""The buttons and menus of a message. They carry ids and a purpose, no secrets and no names.

A control's subject is in the id of its block (a stall) or in its value (an onboarding). A block's id is new with each
edit, so that clients show menus empty again.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from integrations.slack.text import escape
from onboarding.forms.buttons import Buttons
from onboarding.forms.form import FormKind, Option
from onboarding.sentences.label_phrases import LABELS, LabelPhrases

ACK, WHY, SNOOZE, DONE, REASSIGN = (f"first90.{word}" for word in ("ack", "why", "snooze", "done", "reassign"))
"""Controls that act at once. Snooze and reassign are menus of messages of earlier versions; forms replace them."""
APPROVE, DISCARD = "first90.approve", "first90.discard"
"""Buttons of a draft; the value is the key of its mail, with the mark of the shown words where it is approved."""
CONFIRM, REFUSE = "first90.confirm", "first90.refuse"
"""Buttons of a request for a second person; the value is its id."""
FORM, MORE = "first90.form", "first90.more"
"""Controls that open a form: a button for each kind (``first90.form.hold``), and the menu with the rest."""
CALLBACK = "first90.form"
"""The id of every modal of first90."""
CALL = "call"
"""Last part of an option of the menu *Mark done*, where the time of the call is asked first."""
MOST_OPTIONS, OPTION_TEXT, OPTION_VALUE, BLOCK_ID, GROUP_LABEL = 100, 75, 150, 255, 75
MOST_SHOWN, MOST_IN_MENU = 3, 5
"""Forms with a button of their own, and options of the menu with the rest, of which Slack allows five."""
_MARKED = re.compile(r"(?P<key>.+)\|(?P<mark>[0-9a-f]{12})")
_BLOCK = re.compile(r"first90\|(?P<episode>[^|]*)\|[0-9a-f]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """The subject of a pressed button."""

    onboarding: str
    episode: int | None
    """None if it is not about a stall."""


def actions(buttons: Buttons, key: str, labels: LabelPhrases = LABELS) -> Iterator[dict[str, Any]]:
    """Yield the actions block of a message, if there is anything to press. ``key`` is the effect's."""
    elements = [*_pressed(buttons, labels), *_work(buttons, labels)]
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


def form_of(action: str, value: str) -> tuple[FormKind, str] | None:
    """Return the form that a press opens, and what is chosen in it already; None if it opens none."""
    if action == f"{FORM}.{FormKind.DRAFT}":
        return FormKind.DRAFT, value
    if action.startswith(f"{FORM}.") and action.removeprefix(f"{FORM}.") in set(FormKind):
        return FormKind(action.removeprefix(f"{FORM}.")), ""
    if action == MORE and value.rpartition(":")[2] in set(FormKind):
        return FormKind(value.rpartition(":")[2]), ""
    if action == DONE and value.count(":") == 2 and value.endswith(f":{CALL}"):
        return FormKind.CALL, value.split(":")[1]
    return None


def approved(value: str) -> tuple[str, str]:
    """Return the key of the mail that *Approve* is about, and the mark of the words that its message shows; no mark in
    messages of earlier versions."""
    found = _MARKED.fullmatch(value)
    return (found["key"], found["mark"]) if found else (value, "")


def _pressed(buttons: Buttons, labels: LabelPhrases) -> Iterator[dict[str, Any]]:
    subject = buttons.episode or f"{buttons.onboarding}:"
    if buttons.episode:
        yield _button(ACK, labels.ack, subject) | {"style": "primary"}
    if buttons.episode or buttons.why:
        yield _button(WHY, labels.why, subject)
    if buttons.draft:
        marked = f"{buttons.draft}|{buttons.draft_mark}" if buttons.draft_mark else buttons.draft
        yield _button(APPROVE, labels.approve, marked) | {"style": "primary"}
        yield _button(f"{FORM}.{FormKind.DRAFT}", labels.form_draft, buttons.draft)
        sure = _sure(labels, "discard")
        yield _button(DISCARD, labels.discard, buttons.draft) | {"style": "danger", "confirm": sure}
    if buttons.approval:
        sure = _sure(labels, "confirm")
        yield _button(CONFIRM, labels.confirm, buttons.approval) | {"style": "primary", "confirm": sure}
        sure = _sure(labels, "refuse")
        yield _button(REFUSE, labels.refuse, buttons.approval) | {"style": "danger", "confirm": sure}
    kinds = buttons.forms
    # A menu holds so few that what it has no room for is shown, so that no form is missing.
    alone = len(kinds) if len(kinds) <= MOST_SHOWN + 1 else max(MOST_SHOWN, len(kinds) - MOST_IN_MENU)
    shown, rest = kinds[:alone], kinds[alone : alone + MOST_IN_MENU]
    for kind in shown:
        yield _button(f"{FORM}.{kind}", form_label(labels, kind), subject)
    if rest:
        onboarding = buttons.episode.rpartition(":")[0] or buttons.onboarding
        options = [Option(f"{onboarding}::{kind}", form_label(labels, kind)) for kind in rest]
        yield {"type": "overflow", "action_id": MORE, "options": [option_of(option) for option in options]}


def _work(buttons: Buttons, labels: LabelPhrases) -> Iterator[dict[str, Any]]:
    once = {one[0]: one for one in buttons.doable if len(one[0]) <= OPTION_VALUE}
    options = [Option(*one[:3]) for one in list(once.values())[:MOST_OPTIONS]]
    if options:
        yield {
            "type": "static_select",
            "action_id": DONE,
            "placeholder": plain(labels.mark_done, 150),
            **options_of(options, labels.other),
            "confirm": _sure(labels, "done"),
        }


def options_of(options: Sequence[Option], other: str = LABELS.other) -> dict[str, Any]:
    """Return the options of a menu; in groups, in the order of their first options, where they have headings."""
    some = options[:MOST_OPTIONS]
    if not any(option.group for option in some):
        return {"options": [option_of(option) for option in some]}
    names = list(dict.fromkeys(option.group for option in some))
    groups = {name: [option_of(option) for option in some if option.group == name] for name in names}
    return {
        "option_groups": [
            {"label": plain(name or other, GROUP_LABEL), "options": found} for name, found in groups.items()
        ]
    }


def option_of(option: Option) -> dict[str, Any]:
    """Return one option of a menu."""
    return {"text": plain(option.words, OPTION_TEXT), "value": option.value}


def plain(text: str, most: int) -> dict[str, Any]:
    """Return a text object that formats and mentions nothing."""
    return {"type": "plain_text", "text": escape(" ".join(text.split()), most) or "-", "emoji": False}


def _button(action: str, words: str, value: str) -> dict[str, Any]:
    return {"type": "button", "action_id": action, "text": plain(words, OPTION_TEXT), "value": value}


def form_label(labels: LabelPhrases, kind: FormKind) -> str:
    """Return the words on the button that opens a form."""
    return str(getattr(labels, f"form_{kind.value}"))


def _sure(labels: LabelPhrases, act: str) -> dict[str, Any]:
    """Return the question that Slack asks before an act."""
    return {
        "title": plain(str(getattr(labels, f"{act}_title")), 100),
        "text": plain(str(getattr(labels, f"{act}_text")), 300),
        "confirm": plain(str(getattr(labels, act)), 30),
        "deny": plain(labels.cancel, 30),
    }
