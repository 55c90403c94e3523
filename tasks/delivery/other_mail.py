"""Mails that are no step of a playbook, as they leave: the report of the metrics, a new link to the plan page."""

from datetime import datetime
from typing import Any

from config.mail_templates.markdown import literal
from config.mail_templates.render import Rendered, Templates
from database.privacy import suppressions
from onboarding.drafts.decisions import Decided
from onboarding.effects.payloads import MailPayload
from onboarding.messages.letter_dates import greeted
from onboarding.messages.letter_parts import LetterContext
from onboarding.messages.report_messages import read_report_mail
from onboarding.model.effect import Leased
from onboarding.model.identity import one_spelling
from onboarding.review_case import Reviewed
from tasks.delivery.reader_links import plan_link_of
from tasks.runtime.context import RunContext

WHY_REPORT = "You get this because your company's team file names you under leaders."

WHY_LINK = "You get this because a new link was asked for. Nobody needs to do anything if it was not you."


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
    """Return what the mail on a report carries. Raises PlaybookError where the layout of mails has a mistake."""
    settings, templates = context.settings, context.templates
    told = read_report_mail(effect.data["mail"])
    mail = templates.note(told.subject, told.body, WHY_REPORT)
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


def link_mail_payload(effect: Leased, found: Reviewed, context: RunContext, as_of: datetime) -> dict[str, Any] | None:
    """Return what the mail carries; None where its reader is not known any more, or no link can be made."""
    person, owner = found.person(effect.person_id), found.review.state.owner
    url = plan_link_of(context, found, person.id, as_of) if person else ""
    if person is None or owner is None or not url:
        return None
    account, name = literal(found.case.account.name), literal(greeted(person))
    body = (
        f"Hello{f' {name}' if name else ''},\n\nhere is your link to the plan of {account}:\n\n"
        f"**[Open the plan](<{url}>)**\n\nIt is yours alone: please do not forward it. Earlier links may not work any "
        f"more.\n\nBest regards,\n\n**{literal(owner.name)}**"
    )
    mail = context.templates.note(f"Your link to the plan of {found.case.account.name}", body, WHY_LINK)
    return MailPayload(
        key=effect.key,
        to=context.settings.mail_redirect or effect.recipient,
        to_name=person.name,
        redirect_for=effect.recipient if context.settings.mail_redirect else None,
        sender=context.settings.mail_from,
        sender_name=owner.name,
        reply_to=owner.email,
        reply_to_name=owner.name,
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        date=as_of,
    ).stored()


def rendered_mail(templates: Templates, template: str, letter: LetterContext, draft: Decided) -> Rendered:
    """Return the mail: subject and text as they were edited, if they were. Raises PlaybookError for a bad template."""
    if draft.text is None or draft.subject is None:
        return templates.render(template, letter)
    return templates.edited(letter, draft.subject, draft.text)
