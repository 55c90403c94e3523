"""The mail with a new link to the plan page, which its reader asked for. Pure."""

from datetime import UTC, datetime, timedelta

from onboarding.model.effect import PlannedEffect
from onboarding.model.message_policy import Purpose
from onboarding.model.parties import Person
from onboarding.model.suppressions import suppression_for
from onboarding.model.vocabulary import Channel
from onboarding.people.audience import UNKNOWN_ROLE
from onboarding.review_context import ReviewContext
from onboarding.shared_plan.links import page_closed, page_reader

LINK_MAIL = "plan_link"
"""The kind of this mail, which is no step of a playbook."""
HOURS = 4
"""So many hours of a day share one mail to a person. This project's choice."""
USEFUL_FOR = timedelta(days=1)


def link_mail(onboarding_key: str, reader: Person, now: datetime) -> PlannedEffect:
    """Return the mail, once for each part of a day. It leaves at once: its reader waits for it."""
    here = now.astimezone(UTC)
    occurrence = f"{here:%Y%m%d}.{here.hour // HOURS}"
    return PlannedEffect(
        key=f"{onboarding_key}:{LINK_MAIL}:{occurrence}:{Channel.MAIL.value}:{reader.id}",
        kind=LINK_MAIL,
        occurrence=occurrence,
        channel=Channel.MAIL,
        person_id=reader.id,
        recipient=reader.email or "",
        role=UNKNOWN_ROLE,
        due_at=now,
        expires_at=now + USEFUL_FOR,
        because="its reader asked for a new link to the plan",
        data={"wakes": True},
    )


def why_no_link_mail(context: ReviewContext, person_id: str, recipient: str) -> str | None:
    """Return why the mail is not to leave any more, in words; None if it is."""
    case, progress = context.case, context.progress
    if progress.blocked:
        return progress.blocked.partition("; ")[0]
    if case.only_accounts is not None and case.account.id not in case.only_accounts:
        return "the account is not among the pilot's (FIRST90_ACCOUNTS)"
    if page_closed(progress, context.now):
        return "the plan page is closed"
    reader = page_reader(case, context.state, person_id, context.now)
    if reader is None or reader.email != recipient:
        return "its reader may have no page any more, or has another address"
    suppressed = suppression_for(case.suppressions, reader.id, recipient, Purpose.SERVICE)
    return suppressed.words() if suppressed else None
