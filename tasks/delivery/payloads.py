"""Payloads of effects: a mail, a Slack message or a CRM row, made from the case as it is now."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from config.company.languages import load_languages
from onboarding.account_plan.plan import account_plan
from onboarding.booking.slots import offers, sides_of
from onboarding.clashes.clash import ANCHOR
from onboarding.clashes.words import why_not_asked
from onboarding.crm.projection import rows
from onboarding.crm.withdrawn import withdrawn_row, withdraws
from onboarding.drafts.decisions import DRAFT_POST, MAIL, decided_on
from onboarding.effects.invitation import invitation_of
from onboarding.effects.payloads import RowPayload
from onboarding.escalations.digest import DIGEST
from onboarding.escalations.thread_lines import KIND
from onboarding.forms.buttons import step_buttons
from onboarding.languages.language import Language
from onboarding.messages.letter_parts import NO_CLASH
from onboarding.messages.letters import clash_part, letter_context, letter_days
from onboarding.messages.posts import Post, account_plan_lines, step_post, worded
from onboarding.messages.stopping import headed, stop_details, stop_headline
from onboarding.model.effect import Leased
from onboarding.model.message_policy import Purpose
from onboarding.model.playbook import Playbook, Step
from onboarding.model.vocabulary import Channel
from onboarding.newcomers.letter import NO_CATCH_UP
from onboarding.newcomers.newcomers import ANCHOR as JOINED
from onboarding.plan_page.answer_post import answers_post
from onboarding.plan_page.calls.shown import can_book
from onboarding.plan_page.context import PageContext
from onboarding.plan_page.mails.catch_up import catch_up_part
from onboarding.plan_page.useful import resources_of_mail
from onboarding.profiles.brief import brief_lines
from onboarding.review_case import Reviewed
from onboarding.shared_plan.link_mail import LINK_MAIL
from onboarding.shared_plan.links import roles_of
from onboarding.shared_plan.news import PLAN_ANSWERS
from onboarding.shared_plan.own_calls import OWN_CALL
from onboarding.shared_plan.passed_calls import told_version
from tasks.booking.offering import rendered_mail, taken_offer
from tasks.delivery.payload_inputs import NothingToSend, PayloadInputs, Reader, chat_payload, enveloped
from tasks.delivery.reader_links import crm_link, plan_link_of, survey_part
from tasks.delivery.stall_posts import stall_message
from tasks.delivery.stepless_mail import link_mail_payload, listed_payload, own_call_payload
from tasks.runtime.links import unsubscribe_url
from tasks.views.approval_posts import planned_post
from tasks.views.draft_posts import draft_post
from tasks.views.languages import slack_language

Made = TypeVar("Made")


def compose(effect: Leased, found: Reviewed, inputs: PayloadInputs, recipient: str) -> dict[str, Any]:
    """Return the payload of one effect.

    Raises NothingToSend where it has become pointless, WaitsForParent where its thread does not exist yet and
    PlaybookError for a bad template. Pure but for compiled templates: the same case at the same moment makes the same
    payload.
    """
    if effect.channel is Channel.CRM:
        return _row(effect, found, inputs)
    if effect.channel is Channel.SLACK:
        reader = found.case.owners.get(effect.person_id)
        language = slack_language(inputs.context, reader.email if reader else "")
        post = inputs.links.with_page(_post(effect, found, inputs, language), found, effect.person_id)
        post = worded(post, language, reader.zone if reader else None)
        return chat_payload(effect, post, recipient, inputs, Reader(reader.name if reader else None, language))
    return _mail(effect, found, inputs, recipient)


def payload_without_case(effect: Leased, inputs: PayloadInputs) -> Mapping[str, Any]:
    """Return the payload of a message that belongs to no onboarding (a digest, gathered news, a note to ops): the post
    it was planned with. A digest is headed by what is stopped when it leaves."""
    if effect.channel is Channel.MAIL:
        return listed_payload(effect, inputs.context, inputs.as_of)
    post = _known(planned_post(inputs.context, effect, inputs.as_of), "it is decided")
    if effect.kind == DIGEST:
        post = headed(
            inputs.links.with_board(post, effect),
            [
                (stop_headline(one.channel), stop_details(one.channel, reason=one.reason, by=one.by, at=one.at))
                for one in inputs.stopped
            ],
        )
    reader, zone = effect.data.get("for"), effect.data.get("zone")
    language = slack_language(inputs.context, effect.recipient)
    post = worded(post, language, str(zone) if zone else None)
    return chat_payload(effect, post, effect.recipient, inputs, Reader(str(reader) if reader else None, language))


def step_of(playbook: Playbook, kind: str) -> Step:
    """Return the playbook's step of this name. Raises NothingToSend where it has none any more."""
    for step in playbook.steps:
        if step.name == kind:
            return step
    raise NothingToSend(f"the playbook has no step {kind} any more")


def _mail(effect: Leased, found: Reviewed, inputs: PayloadInputs, recipient: str) -> dict[str, Any]:
    if effect.kind == OWN_CALL:
        return _known(own_call_payload(effect, found, inputs.context, inputs.as_of), "its call is not known any more")
    if effect.kind == LINK_MAIL:
        return _known(link_mail_payload(effect, found, inputs.context, inputs.as_of), "its reader may have no page")
    case, state, settings = found.case, found.review.state, inputs.context.settings
    step, person = step_of(found.playbook, effect.kind), found.person(effect.person_id)
    if step.mail is None or person is None:
        raise NothingToSend("its reader is no longer known")
    if state.owner is None:
        raise NothingToSend("there is no accountable owner in whose name it could go out")
    wanted = load_languages().of(person, case.account, inputs.context.brand)
    language = inputs.context.templates.languages.of_mail(step.mail.template, wanted)
    link = "" if step.purpose is Purpose.SERVICE else unsubscribe_url(settings, person.id, case.key, inputs.as_of)
    edited, templates = decided_on(case.facts, effect.key), inputs.context.templates
    sides = sides_of(case, state.owner, person, found.playbook.pace.hours)
    names_times = not edited.is_edited and templates.names_times(step.mail.template, language.folder)
    free = (offers(inputs.as_of, sides, inputs.diary) if names_times else None) or ()
    letter = letter_context(
        case,
        state,
        found.playbook,
        step,
        person,
        effect.role,
        inputs.as_of,
        stage=found.review.progress.stage,
        unsubscribe_url=link,
        version=told_version(step, effect.occurrence),
        language=language,
        offered=free,
    )
    plan = plan_link_of(inputs.context, found, person.id, inputs.as_of)
    survey = survey_part(settings, found, step, effect, inputs.as_of)
    asked = replace(survey, question=language.question(step.mail.survey))
    seen = PageContext(
        case=case,
        review=found.review,
        playbook=found.playbook,
        now=inputs.as_of,
        reader=person,
        roles=roles_of(state, person.id),
        language=language,
        resources=inputs.context.resources,
    )
    days = letter_days(case, person, inputs.as_of, language)
    clash = clash_part(case, effect.occurrence, days, plan) if step.due.anchor == ANCHOR else NO_CLASH
    over = why_not_asked(case.facts, effect.occurrence, inputs.as_of) if clash is None else ""
    letter = replace(
        letter,
        survey=asked,
        plan_url=plan,
        call_url=f"{plan}#call" if plan and can_book(seen, step) else "",
        clash=_known(clash, over),
        resources=resources_of_mail(seen, step.mail.topic),
        catch_up=catch_up_part(seen) if step.due.anchor == JOINED else NO_CATCH_UP,
    )
    mail = rendered_mail(templates, step.mail.template, letter, edited)
    companies = (case.account.name, inputs.context.brand.name)
    summary = language.call_title(step.calendar.title, companies) if step.calendar else ""
    offer = taken_offer(mail, None if edited.is_edited else free, days, state.owner, inputs.diary)
    message = replace(
        enveloped(effect, recipient, mail, inputs.context, inputs.as_of),
        to_name=person.name,
        sender_name=state.owner.name,
        reply_to=state.owner.email,
        reply_to_name=state.owner.name,
        purpose=step.purpose,
        unsubscribe_url=link or None,
        calendar=replace(
            _known(invitation_of(effect, case, step.calendar, summary), "there is no call that it could speak of"),
            location=inputs.context.team.meeting_place(state.owner.email),
        )
        if step.calendar
        else None,
        offer=offer,
    )
    return message.stored()


def _post(effect: Leased, found: Reviewed, inputs: PayloadInputs, language: Language) -> Post:
    if effect.kind == KIND:
        return _stall(effect, found, inputs)
    if effect.kind == PLAN_ANSWERS:
        return _known(answers_post(found, effect.key, inputs.as_of), "what was said is not known any more")
    link, answers = crm_link(inputs.context, found.case.account.id), inputs.context.settings.chat.has_buttons
    if effect.kind == DRAFT_POST:
        left = inputs.left.get(str(effect.data.get(MAIL)))
        shown = draft_post(
            effect, found, link, answers, lambda mail: left or _mail(mail, found, inputs, mail.recipient)
        )
        return _known(shown, "its draft is gone")
    step = step_of(found.playbook, effect.kind)
    reader = found.case.owners.get(effect.person_id) or found.review.state.owner
    if step.slack is None or reader is None:
        raise NothingToSend("its reader is no longer known")
    state, stage = found.review.state, found.review.progress.stage
    letter = letter_context(
        found.case,
        state,
        found.playbook,
        step,
        reader,
        effect.role,
        inputs.as_of,
        stage=stage,
        offered=(),
        language=language,
    )
    text = inputs.context.templates.say(language.text(step.slack.says), letter)
    more = account_plan_lines(account_plan(found.case, found.review)) if step.slack.account_plan else ()
    more = (*more, *(brief_lines(found.case, state) if step.slack.brief else ()))
    post = step_post(found.case, step, text, inputs.as_of, link=link, more=more)
    return replace(post, buttons=step_buttons(found.case, step.name, answers))


def _stall(effect: Leased, found: Reviewed, inputs: PayloadInputs) -> Post:
    answers = inputs.context.settings.chat.has_buttons
    link = crm_link(inputs.context, found.case.account.id)
    return _known(stall_message(effect, found, inputs.as_of, link, answers=answers), "its episode is gone")


def _known(made: Made | None, because: str) -> Made:
    if made is None:
        raise NothingToSend(because)
    return made


def _row(effect: Leased, found: Reviewed, inputs: PayloadInputs) -> dict[str, Any]:
    if found.case.key not in inputs.projected:
        inputs.projected[found.case.key] = rows(found.case, found.review, found.summary)
    row = inputs.projected[found.case.key].get(effect.target_id)
    if row is None and withdraws(effect):
        row = withdrawn_row(found.case.key, effect.target_id)
    if row is None:
        raise NothingToSend("the playbook has no such milestone any more")
    base = inputs.written.get(row.key, {})
    return RowPayload(object=row.object, key=row.key, fields=row.fields, base=base).stored()
