"""A form as a modal of Slack, within Slack's limits; and the modals that only say something."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from integrations.slack.buttons import CALLBACK, option_of, options_of, plain
from integrations.slack.text import escape
from onboarding.forms.form import FieldKind, Form, FormField, FormKind
from onboarding.sentences.label_phrases import LABELS, LabelPhrases

TITLE, LABEL, HINT, PLACEHOLDER, SECTION, MOST_TEXT = 24, 2000, 2000, 150, 3000, 3000
METADATA = 3000

View = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModalSubject:
    """What an open modal is about. Slack keeps it with the modal, out of sight, and returns it signed."""

    form: FormKind
    onboarding: str
    episode: int | None
    zone: str = "UTC"
    """The person's zone (IANA), in which days and times were shown."""
    shown: str = ""
    """The mark of what the form showed as known."""
    response_url: str = ""
    """Where the reply goes if the modal was closed meanwhile."""
    about: str = ""
    """What was chosen when it was opened: the key of a draft."""
    language: str = ""
    """The language (BCP 47) in which it was shown; empty in modals of earlier versions."""

    def stored(self) -> str:
        """Return it as Slack keeps it. The longest response URL is left out rather than cut."""
        text = json.dumps(asdict(self))
        return text if len(text) <= METADATA else json.dumps(asdict(self) | {"response_url": ""})


def read_subject(text: str) -> ModalSubject:
    """Return what a modal is about. Raise KeyError, TypeError or ValueError for anything not stored by first90."""
    kept = json.loads(text)
    episode = kept["episode"]
    return ModalSubject(
        form=FormKind(kept["form"]),
        onboarding=str(kept["onboarding"]),
        episode=None if episode is None else int(episode),
        zone=str(kept["zone"]),
        shown=str(kept["shown"]),
        response_url=str(kept["response_url"]),
        about=str(kept.get("about") or ""),
        language=str(kept.get("language") or ""),
    )


def form_view(form: Form, subject: ModalSubject, labels: LabelPhrases = LABELS) -> View:
    """Return the modal that asks a form's questions, with the words of what may be pressed and chosen in it."""
    blocks: list[dict[str, Any]] = [_section(line) for line in form.intro if line]
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "title": plain(form.title, TITLE),
        "submit": plain(form.submit, TITLE),
        "close": plain(labels.cancel, TITLE),
        "private_metadata": subject.stored(),
        "blocks": [*blocks, *(_input(field, labels) for field in form.fields)],
    }


def said_view(title: str, lines: Iterable[str], labels: LabelPhrases = LABELS) -> View:
    """Return a modal that says something and asks nothing."""
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "title": plain(title, TITLE),
        "close": plain(labels.close, TITLE),
        "blocks": [_section(line) for line in lines],
    }


def opening_view(labels: LabelPhrases = LABELS) -> View:
    """Return the modal that is open while the form is made."""
    return said_view("first90", [labels.opening], labels)


def carrying_out_view(labels: LabelPhrases = LABELS) -> View:
    """Return the modal that is open while the form is carried out."""
    return said_view("first90", [labels.carrying_out], labels)


def _input(field: FormField, labels: LabelPhrases) -> dict[str, Any]:
    block: dict[str, Any] = {
        "type": "input",
        "block_id": field.name,
        "label": plain(field.label, LABEL),
        "optional": not field.required,
        "element": {"action_id": field.name} | _element(field, labels),
    }
    return block | ({"hint": plain(field.hint, HINT)} if field.hint else {})


def _element(field: FormField, labels: LabelPhrases) -> dict[str, Any]:
    element: dict[str, Any]
    match field.kind:
        case FieldKind.LINE | FieldKind.LINES:
            several = field.kind is FieldKind.LINES
            most = MOST_TEXT if several else 200
            element = {"type": "plain_text_input", "multiline": several, "max_length": most}
            return element | _initial("initial_value", field.initial[:most])
        case FieldKind.NUMBER:
            element = {"type": "number_input", "is_decimal_allowed": True}
            return element | _initial("initial_value", field.initial)
        case FieldKind.DAY:
            element = {"type": "datepicker"}
            return element | _initial("initial_date", field.initial)
        case FieldKind.TIME:
            element = {"type": "timepicker"}
            return element | _initial("initial_time", field.initial)
        case FieldKind.PERSON:
            return {"type": "users_select", "placeholder": plain(labels.choose_person, PLACEHOLDER)}
    return _choice(field, labels)


def _choice(field: FormField, labels: LabelPhrases) -> dict[str, Any]:
    chosen = next((option for option in field.options if option.value == field.initial), None)
    element = {"type": "static_select", "placeholder": plain(labels.choose, PLACEHOLDER)} | options_of(
        field.options, labels.other
    )
    return element | ({"initial_option": option_of(chosen)} if chosen else {})


def _initial(name: str, value: str) -> dict[str, Any]:
    return {name: value} if value else {}


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": escape(text, SECTION) or "-", "verbatim": True}}
