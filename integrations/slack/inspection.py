"""The checks of a workspace for ``first90 check``: bot user, scopes, and whether the channel can be read."""

import re
from collections.abc import Collection

from config.settings.channels import SlackChat
from integrations.ports import Unreachable
from integrations.slack.client import Client
from integrations.slack.errors import Trouble, channel_mend

SCOPES = {
    "chat:write": "to post and edit",
    "users:read": "to see who pressed a button",
    "users:read.email": "to find people by mail address",
    "im:write": "to write to a person",
    "im:history": "to look for a message after a doubt",
}
"""The required scopes, each with its purpose."""
COMMANDS, HOME_OPENED = "commands", "app_home_opened"
"""The scope of ``/first90``, and the event after which the App Home is shown. Slack tells an app its scopes, not its
events."""
EITHER = {"channels:history", "groups:history"}
"""One of these is required, for a public or a private channel: to look for a message after a doubt."""


def inspect(choice: SlackChat) -> str:
    """Return workspace, bot, channel, and how presses come in. Posts nothing. Raise Unreachable with what is
    missing."""
    client = Client(choice.token, choice.api_url)
    try:
        who = client.ask("auth.test")
        headers = {str(name).lower(): str(value) for name, value in who.headers.items()}
        granted = {scope.strip() for scope in headers.get("x-oauth-scopes", "").split(",")}
        missing = [f"{scope} ({why})" for scope, why in SCOPES.items() if scope not in granted]
        if not granted & EITHER:
            missing.append("channels:history or groups:history (to look for a message after a doubt)")
        if missing:
            raise Unreachable(
                f"the app in {who['team']} lacks {'; '.join(missing)}: add them under OAuth & Permissions, and install "
                "it again"
            )
        said = f"{who['team']} as {who.get('user')}, {_channel(client, choice.channel)}, {_buttons(choice)}"
        return f"{said}{_command(choice, granted)}"
    except Trouble as trouble:
        raise Unreachable(str(trouble)) from None


def _channel(client: Client, channel: str) -> str:
    """Return words on the channel, after reading its history. Raise Unreachable."""
    if not re.fullmatch(r"[CDG][A-Z0-9]+", channel):
        return f"channel {channel} (by name it cannot be looked into after a doubt: better its id, C…)"
    try:
        client.ask("conversations.history", channel=channel, limit=1)
    except Trouble as trouble:
        if trouble.kind == "nowhere":
            raise Unreachable(f"{trouble}; {channel_mend(trouble.code)}") from None
        raise
    return f"channel {channel}"


def _command(choice: SlackChat, granted: Collection[str]) -> str:
    """Return words on ``/first90`` and the App Home. They are no condition of anything else, so nothing fails."""
    if not choice.has_buttons:
        return ""
    if COMMANDS not in granted:
        return (
            f"; no /first90, and perhaps no App Home: the app lacks the scope {COMMANDS} and may lack the event "
            f"{HOME_OPENED}: take the manifest of docs/slack.md, and install it again"
        )
    return f"; /first90, and the App Home where the app is subscribed to {HOME_OPENED}"


def _buttons(choice: SlackChat) -> str:
    if choice.app_token is not None:
        Client(choice.app_token, choice.api_url).ask("apps.connections.open")
        return "buttons by `first90 slack`"
    if choice.signing_secret is not None:
        return "buttons by `first90 web`"
    return "no buttons (set FIRST90_SLACK_APP_TOKEN, or the signing secret and `first90 web`)"
