"""Shows a person their accounts in the App Home: when they open it, and after each of its buttons."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from integrations.slack.errors import Trouble
from integrations.slack.views.home import ReadAt, home_view, refused_home
from integrations.slack.views.modals import View
from integrations.slack.workspace import SlackWorkspace
from onboarding.permissions.table import Permission
from tasks.runtime.context import RunContext
from tasks.runtime.refusals import Refused
from tasks.slack.accounts import links_for, my_accounts
from tasks.slack.readers import reader_by_id, reader_of
from tasks.slack.requests import SlackPerson, Who, known_member
from tasks.slack.showing import FAULT

logger = logging.getLogger(__name__)


def handle_event(context: RunContext, payload: Mapping[str, Any], now: datetime) -> None:
    """Show the App Home to the person who opened it. Other events are ignored; a repeat shows it again."""
    slack, event = context.chat, payload.get("event")
    if not isinstance(slack, SlackWorkspace) or not isinstance(event, Mapping):
        return
    if event.get("type") == "app_home_opened" and event.get("tab") == "home":
        person = SlackPerson(team=str(payload.get("team_id") or ""), user=str(event.get("user")))
        show_home(context, slack, person, now)


def show_home(context: RunContext, slack: SlackWorkspace, who: Who, now: datetime, note: str = "") -> None:
    """Publish a person's App Home; ``note`` says what came of their last button. Never raises."""
    try:
        view = _home(context, slack, who, now, note)
    except (Refused, Trouble) as error:
        view = refused_home(reader_by_id(context, slack, who).refused(error, "replies.not_shown"))
    except Exception as error:
        logger.error("an App Home could not be made: %s", type(error).__name__)
        view = refused_home(reader_by_id(context, slack, who).told(FAULT))
    try:
        slack.views.publish(who.user, view)
    except Trouble as trouble:
        logger.warning("an App Home was not shown: %s", trouble)


def _home(context: RunContext, slack: SlackWorkspace, who: Who, now: datetime, note: str) -> View:
    member = known_member(context, slack, who, Permission.LOOK)
    email = member.email or ""
    mine, _ = my_accounts(context, email, now)
    return home_view(
        mine, links_for(context, email, now), ReadAt(now, member.zone, reader_of(context, member).language), note
    )
