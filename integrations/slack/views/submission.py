"""A submitted modal, read into one value."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from integrations.slack.buttons import CALLBACK
from integrations.slack.views.modals import ModalSubject, read_subject
from onboarding.forms.form import Answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """One form as one person filled it in."""

    view_id: str
    """The same for every repeat by Slack; a modal is submitted once."""
    team: str
    user: str
    subject: ModalSubject
    answers: Answers


def read_submission(payload: Mapping[str, Any]) -> Submission | None:
    """Return the submission in a payload; None for anything else (a press, a closed modal, another app's modal)."""
    try:
        view = payload["view"]
        if payload.get("type") != "view_submission" or view["callback_id"] != CALLBACK:
            return None
        user = payload["user"]
        return Submission(
            view_id=str(view["id"]),
            team=str((payload.get("team") or {}).get("id") or user.get("team_id") or ""),
            user=str(user["id"]),
            subject=read_subject(view["private_metadata"]),
            answers=_answers(view["state"]["values"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return None


def _answers(values: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Answers:
    found = {name: _answer(element) for name, block in values.items() for element in block.values()}
    return {name: text for name, text in found.items() if text}


def _answer(element: Mapping[str, Any]) -> str:
    match element.get("type"):
        case "static_select":
            return str((element.get("selected_option") or {}).get("value") or "")
        case "users_select":
            return str(element.get("selected_user") or "")
        case "datepicker":
            return str(element.get("selected_date") or "")
        case "timepicker":
            return str(element.get("selected_time") or "")
    return str(element.get("value") or "").strip()
