"""The next call of the plan page as a calendar file."""

from datetime import UTC

from integrations.mail.ics import published
from onboarding.brand.company import Brand
from onboarding.effects.invitation import Invitation, uid_of
from onboarding.plan_page.calls.shown import NextCall
from onboarding.plan_page.context import PageContext


def call_file(page: PageContext, call: NextCall, brand: Brand, place: str) -> bytes:
    """Return the file: the same entry as the invitation by mail, which it replaces in a calendar. ``place`` is the link
    to the meeting, empty if none is known."""
    case, owner = page.case, page.state.owner
    entry = Invitation(
        method="PUBLISH",
        uid=uid_of(case, call.meeting),
        sequence=call.sequence,
        starts_at=call.starts_at.astimezone(UTC),
        minutes=call.minutes,
        summary=page.language.call_title(call.title, (case.account.name, brand.name)),
        location=place,
    )
    return published(entry, (owner.name, owner.email) if owner else None, page.now)
