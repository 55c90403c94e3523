"""The Slack messages of no onboarding as they leave: as planned, and on a request for a second person as it stands."""

from datetime import datetime

from database import approvals
from onboarding.effects.approval_note import APPROVAL, EXPIRY, REQUEST, approval_post
from onboarding.messages.posts import Post, read_post
from onboarding.model.effect import Leased, is_edit
from tasks.runtime.context import RunContext


def planned_post(context: RunContext, effect: Leased, now: datetime) -> Post | None:
    """Return the message, or its edit; None where no second person needs to be asked any more,
    or the request that would have expired was decided."""
    if effect.kind != APPROVAL:
        return read_post(effect.data["post"])
    with context.database.reading() as conn:
        request = approvals.find(conn, str(effect.data.get(REQUEST)))
    if request is None:
        return None
    if not (request.has_expired(now) if EXPIRY in effect.data else is_edit(effect) or request.is_open(now)):
        return None
    return approval_post(request, now, answers=context.settings.chat.has_buttons)
