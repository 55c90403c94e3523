"""Mails that are no step of a playbook, as they leave: the report of the metrics, a note to ops, a new link to the plan
page, and the invitation to one of our people for a call that a customer booked."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from config.mail_templates.markdown import literal
from config.mail_templates.render import Rendered
from database.privacy import suppressions
from onboarding.effects.clock_fault import CLOCK_FAULT
from onboarding.effects.down_time import DOWN_TIME
from onboarding.effects.invitation import Invitation, uid_of
from onboarding.facts.meetings import step_of_call
from onboarding.languages.language import ENGLISH
from onboarding.messages.letters import letter_context
from onboarding.messages.posts import read_post
from onboarding.messages.report_messages import REPORT, read_report_mail
from onboarding.messages.undelivered import UNDELIVERED
from onboarding.model.effect import Leased
from onboarding.model.identity import one_spelling
from onboarding.model.parties import Person
from onboarding.model.vocabulary import ON_ITS_WAY, CustomerRole
from onboarding.people.audience import UNKNOWN_ROLE
from onboarding.review_case import Reviewed
from onboarding.shared_plan.links import roles_of
from onboarding.shared_plan.own_calls import entries, version_of
from tasks.delivery.payload_inputs import enveloped
from tasks.delivery.reader_links import plan_link_of
from tasks.runtime.context import RunContext
from tasks.views.languages import page_language

WHY_OWN_CALL = (
    "You get this because the customer booked this call on their plan page, and you are accountable for them."
)

WHY_LISTED = "You get this because your company's team file names you {listed}."
LISTS = {REPORT: "under leaders", UNDELIVERED: "for ops", DOWN_TIME: "for ops", CLOCK_FAULT: "for ops"}
"""In words, the list of the team file whose addresses get mails of this kind."""


def why_not_sent(effect: Leased, context: RunContext) -> str | None:
    """Return why the mail to a list of the team file is not to leave any more; None if it is: a report's link opens the
    board, so a leader who is no longer one gets none."""
    address = one_spelling(effect.recipient)
    named = context.team.leaders if effect.kind == REPORT else context.team.ops_addresses
    if address not in map(one_spelling, named):
        return f"the team file no longer names this address {LISTS[effect.kind]}"
    with context.database.reading() as conn:
        closed = suppressions.current(conn, (), [address])
    return f"not written to: {closed[0].reason}" if closed else None


def listed_payload(effect: Leased, context: RunContext, as_of: datetime) -> dict[str, Any]:
    """Return what a mail to a list of the team file carries: on a report, or a note to ops. Raises PlaybookError where
    the layout of mails has a mistake."""
    if effect.kind == REPORT:
        told = read_report_mail(effect.data["mail"])
        subject, body = told.subject, told.body
    else:
        post = read_post(effect.data["post"])
        subject = f"first90: {post.headline}"
        body = "\n".join([*(f"- {literal(line)}" for line in post.lines), "", literal(post.footer)])
    mail = context.templates.note(subject, body, WHY_LISTED.format(listed=LISTS[effect.kind]))
    return replace(
        enveloped(effect, effect.recipient, mail, context, as_of),
        sender_name=context.brand.name or "first90",
        reply_to=context.settings.mail_from,
    ).stored()


def link_mail_payload(effect: Leased, found: Reviewed, context: RunContext, as_of: datetime) -> dict[str, Any] | None:
    """Return what the mail carries; None where its reader is not known any more, or no link can be made."""
    person, owner = found.person(effect.person_id), found.review.state.owner
    url = plan_link_of(context, found, person.id, as_of) if person else ""
    if person is None or owner is None or not url:
        return None
    mail = _link_letter(found, person, context, url, as_of)
    return replace(
        enveloped(effect, effect.recipient, mail, context, as_of),
        to_name=person.name,
        sender_name=owner.name,
        reply_to=owner.email,
        reply_to_name=owner.name,
    ).stored()


def _link_letter(found: Reviewed, person: Person, context: RunContext, url: str, as_of: datetime) -> Rendered:
    """Return the mail in its reader's language, with the button that opens the plan."""
    case, state = found.case, found.review.state
    roles = roles_of(state, person.id)
    role = next((one.value for one in CustomerRole if one in roles), UNKNOWN_ROLE)
    language = page_language(context, person, case.account)
    letter = letter_context(case, state, found.playbook, None, person, role, as_of, language=language, offered=())
    said, reader = language.words.link_mail, letter.person
    name = (reader.formal or reader.full_name) if language.words.greets_formally else reader.first_name
    greeting = said.greeting.format(name=literal(name)) if name else said.greeting_without_name
    lines = (
        greeting,
        said.here.format(account=literal(case.account.name)),
        f"**[{said.button}](<{url}>)**",
        said.yours_alone,
        said.why,
    )
    return context.templates.worded(letter, said.subject.format(account=case.account.name), "\n\n".join(lines))


def own_call_payload(effect: Leased, found: Reviewed, context: RunContext, as_of: datetime) -> dict[str, Any] | None:
    """Return what the mail with an invitation for one of our people carries; None where there is no such call or person
    any more. Its organizer is the sending address: calendars do not take up an invitation from oneself."""
    case, (meeting, version) = found.case, version_of(effect.occurrence)
    owner, step = case.owners.get(effect.person_id), step_of_call(found.playbook, meeting)
    call = step.calendar if step else None
    if owner is None or call is None or version is None:
        return None
    had = [
        one.version.at
        for one in entries(case, meeting)
        if one.version.number < version.number
        and one.line.person_id == effect.person_id
        and one.line.state in ON_ITS_WAY
    ]
    before = had[-1] if had else None
    at = version.at or before
    if at is None:
        return None
    place, account = context.team.meeting_place(owner.email), case.account.name
    title, when = f"{call.title} with {account}", ENGLISH.meeting(at, owner.zone)
    if version.at is None:
        subject = f"Off: {title}, {when}"
        lines = [f"{literal(title)} on {literal(when)} is off for you. This mail takes it out of your calendar."]
    else:
        subject = f"{title}: {when}"
        lines = [f"{literal(title)}, {call.minutes} minutes:", f"**{literal(when)}**"]
        if before is not None and before != at:
            lines.append(f"It was to be on {literal(ENGLISH.meeting(before, owner.zone))}.")
        if place:
            lines.append(f"[{literal(place)}](<{place}>)")
    mail = context.templates.note(subject, "\n\n".join(lines), WHY_OWN_CALL)
    return replace(
        enveloped(effect, effect.recipient, mail, context, as_of),
        to_name=owner.name,
        sender_name=context.brand.name or "first90",
        calendar=Invitation(
            method="REQUEST" if version.at else "CANCEL",
            uid=uid_of(case, meeting),
            sequence=version.number,
            starts_at=at.astimezone(UTC),
            minutes=call.minutes,
            summary=ENGLISH.call_title(call.title, (account, context.brand.name)),
            location=place,
        ),
    ).stored()
