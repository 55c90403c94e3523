"""The mail with a new link to the plan page, which its reader asked for. Pure."""

from datetime import datetime, timedelta

from onboarding.model.case import Case
from onboarding.model.effect import EffectLine, PlannedEffect
from onboarding.model.identity import one_spelling
from onboarding.model.message_policy import Purpose
from onboarding.model.parties import Person
from onboarding.model.suppressions import suppression_for
from onboarding.model.vocabulary import Channel, EffectState
from onboarding.people.audience import UNKNOWN_ROLE
from onboarding.review_context import ReviewContext
from onboarding.shared_plan.links import page_closed, page_reader

LINK_MAIL = "plan_link"
"""The kind of this mail, which is no step of a playbook."""
PAUSE = timedelta(hours=4)
"""How long after one such mail a person gets no other. This project's choice."""
USEFUL_FOR = timedelta(days=1)


def link_mail(case: Case, reader: Person, now: datetime) -> PlannedEffect | None:
    """Return the mail; None where the last one to the reader, or to their address, still waits or has just left.

    It leaves at once: its reader waits for it. Asked for twice at the same time it has the same key.
    """
    earlier = [line for line in case.effects if line.kind == LINK_MAIL and _is_to(reader, line)]
    if any(_is_enough(line, now) for line in earlier):
        return None
    occurrence = str(1 + max((int(one.occurrence) for one in earlier if one.occurrence.isdecimal()), default=0))
    return PlannedEffect(
        key=f"{case.key}:{LINK_MAIL}:{occurrence}:{Channel.MAIL.value}:{reader.id}",
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


def _is_to(reader: Person, line: EffectLine) -> bool:
    return line.person_id == reader.id or one_spelling(line.recipient) == one_spelling(reader.email or "")


def _is_enough(line: EffectLine, now: datetime) -> bool:
    """Return whether an earlier mail is why no other is due: it waits, or may have left lately. One that was cancelled
    or refused told its reader nothing."""
    if line.state in (EffectState.SENT, EffectState.UNKNOWN):
        return now < (line.sent_at or line.due_at) + PAUSE
    return line.state not in (EffectState.CANCELLED, EffectState.DEAD)


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
