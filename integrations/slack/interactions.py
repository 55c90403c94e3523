"""Interactions (pressed buttons) in Slack's payload, read into one value."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from integrations.slack.buttons import about, form_of
from onboarding.forms.form import FormKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """One button pressed, or one choice made, by one person."""

    id: str
    """The same for every repeat by Slack, and another one for a second click."""
    team: str
    user: str
    action: str
    onboarding: str
    episode: int | None
    """The stall that the message is about; None if it is not about one."""
    value: str
    """The chosen day, user or milestone."""
    response_url: str
    """Empty where it was pressed in the App Home."""
    form: FormKind | None = None
    """The form that it opens; None if it acts at once."""
    chosen: str = ""
    """What is chosen in that form already."""
    trigger_id: str = ""
    """Opens a modal, once, for three seconds."""
    at_home: bool = False
    """Whether it was pressed in the App Home."""


def read_press(payload: Mapping[str, Any]) -> Press | None:
    """Return the press in a payload; None for anything else (a view, a link, another app's block)."""
    try:
        action = payload["actions"][0] if payload.get("type") == "block_actions" else None
        if action is None:
            return None
        value = _value(action)
        found = about(str(action["block_id"]), value)
        if found is None or not found.onboarding:
            return None
        user = payload["user"]
        team = payload.get("team") or {}
        form = form_of(str(action["action_id"]), value)
        return Press(
            id=f"{action['action_ts']}:{user['id']}:{action['action_id']}",
            team=str(team.get("id") or user.get("team_id") or ""),
            user=str(user["id"]),
            action=str(action["action_id"]),
            onboarding=found.onboarding,
            episode=found.episode,
            value=value,
            response_url=str(payload.get("response_url") or ""),
            form=form[0] if form else None,
            chosen=form[1] if form else "",
            trigger_id=str(payload.get("trigger_id") or ""),
            at_home=(payload.get("view") or {}).get("type") == "home",
        )
    except (KeyError, IndexError, TypeError, ValueError, AttributeError):
        return None


def _value(action: Mapping[str, Any]) -> str:
    match action.get("type"):
        case "static_select" | "overflow":
            return str((action.get("selected_option") or {}).get("value") or "")
        case "users_select":
            return str(action.get("selected_user") or "")
        case "datepicker":
            return str(action.get("selected_date") or "")
        case _:
            return str(action.get("value") or "")
