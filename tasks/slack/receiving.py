"""What Slack tells, by its kind: interactions, commands, events. Over Socket Mode and HTTP alike."""

import logging
from collections.abc import Mapping
from typing import Any

from integrations.slack.socket_mode import is_refusal
from tasks.runtime.clock import present
from tasks.runtime.context import RunContext
from tasks.slack.filling import open_waiting
from tasks.slack.home import handle_event
from tasks.slack.presses import handle_press
from tasks.slack.slash import handle_command
from tasks.slack.submissions import handle_submission, reply_to

__all__ = ["COMMAND", "EVENT", "INTERACTIVE", "SlackReceiver", "is_refusal"]
logger = logging.getLogger(__name__)

INTERACTIVE, COMMAND, EVENT = "interactive", "slash_commands", "events_api"
"""The kinds of what Slack tells, named as in Socket Mode."""


class SlackReceiver:
    """Processes what people do in Slack. The caller has verified that it comes from Slack. Thread-safe."""

    def __init__(self, context: RunContext) -> None:
        self._context = context

    def reply(self, kind: str, payload: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return what Slack is told at once, within its three seconds; None for a bare acknowledgement.

        After a reply with errors there is nothing more to do. Never raises.
        """
        try:
            return reply_to(self._context, payload, present(self._context)) if kind == INTERACTIVE else None
        except Exception as error:
            logger.error("a form could not be read: %s", type(error).__name__)
            return None

    def begin(self, kind: str, payload: Mapping[str, Any]) -> str:
        """Open the modal of a press that asks something, and return its id; a trigger works for three seconds."""
        return open_waiting(self._context, payload) if kind == INTERACTIVE else ""

    def work(self, kind: str, payload: Mapping[str, Any], view_id: str = "") -> None:
        """Do what was asked. Never raises."""
        try:
            now = present(self._context)
            if kind == INTERACTIVE:
                handle_press(self._context, payload, now, view_id)
                handle_submission(self._context, payload, now)
            elif kind == COMMAND:
                handle_command(self._context, payload, now)
            elif kind == EVENT:
                handle_event(self._context, payload, now)
        except Exception as error:
            logger.error("a press could not be heard: %s", type(error).__name__)
