"""The mail on a report of the metrics, as it leaves: it belongs to no onboarding and goes out in the company's name."""

from datetime import datetime
from typing import Any

from database.privacy import suppressions
from onboarding.effects.payloads import MailPayload
from onboarding.messages.report_messages import read_report_mail
from onboarding.model.effect import Leased
from onboarding.model.identity import one_spelling
from tasks.runtime.context import RunContext

WHY = "You get this because your company's team file names you under leaders."


def why_not_sent(effect: Leased, context: RunContext) -> str | None:
    """Return why the mail is not to leave any more; None if it is: its link opens the board, so a leader who is no
    longer one gets none."""
    address = one_spelling(effect.recipient)
    if address not in map(one_spelling, context.team.leaders):
        return "the team file no longer names this address under leaders"
    with context.database.reading() as conn:
        closed = suppressions.current(conn, (), [address])
    return f"not written to: {closed[0].reason}" if closed else None


def report_payload(effect: Leased, context: RunContext, as_of: datetime) -> dict[str, Any]:
    """Return what the mail carries. Raises PlaybookError where the layout of mails has a mistake."""
    settings, templates = context.settings, context.templates
    told = read_report_mail(effect.data["mail"])
    mail = templates.note(told.subject, told.body, WHY)
    return MailPayload(
        key=effect.key,
        to=settings.mail_redirect or effect.recipient,
        redirect_for=effect.recipient if settings.mail_redirect else None,
        sender=settings.mail_from,
        sender_name=templates.brand.name or "first90",
        reply_to=settings.mail_from,
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        date=as_of,
    ).stored()
