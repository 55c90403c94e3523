"""Carries out a filled-in form: by the same functions as the command line, once, under the person's name.

What is wrong with an answer by itself is refused at its field while the form is open (``reply_to``). Everything else
is checked in the transaction of the order, and told in the modal that stays open.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from database.acting import acting
from database.onboardings.lookup import NotFound
from integrations.slack.errors import Trouble
from integrations.slack.people import WorkspaceUser
from integrations.slack.views.modals import View, carrying_out_view, said_view
from integrations.slack.views.submission import Submission, read_submission
from integrations.slack.workspace import SlackWorkspace
from onboarding.forms.answers import problems
from onboarding.forms.asked import Asked, fingerprint
from onboarding.forms.form import FormKind, statuses_for
from onboarding.model.case import Episode
from onboarding.model.vocabulary import Concern
from onboarding.sentences.sentence import sentence
from tasks.runtime.context import RunContext
from tasks.runtime.refusals import Refused
from tasks.slack.carrying_out import CARRIED_OUT, CHANGED, Filled
from tasks.slack.home import show_home
from tasks.slack.permissions import of_form
from tasks.slack.presses import owned_by
from tasks.slack.readers import reader_of_modal
from tasks.slack.requests import SlackRequest, address_of, identity_of, known_member, read_asked, was_recorded
from tasks.slack.showing import FAULT, RECORDED, show

logger = logging.getLogger(__name__)


def reply_to(context: RunContext, payload: Mapping[str, Any], now: datetime) -> Mapping[str, Any] | None:
    """Return what Slack is told at once: the fields that are wrong, or a modal that says to wait. Nothing is looked
    up: Slack waits three seconds.

    None for what is no submission of first90's.
    """
    submission = read_submission(payload)
    if submission is None:
        return None
    reader = reader_of_modal(context, submission.subject)
    wrong = problems(submission.subject.form, submission.answers, submission.subject.zone, now)
    if wrong:
        return {"response_action": "errors", "errors": reader.errors(wrong)}
    return {"response_action": "update", "view": carrying_out_view(reader.labels)}


def handle_submission(context: RunContext, payload: Mapping[str, Any], now: datetime) -> None:
    """Carry out a submitted form that ``reply_to`` accepted, and say in its modal what came of it. Never raises."""
    slack, submission = context.chat, read_submission(payload)
    if submission is None or not isinstance(slack, SlackWorkspace):
        return
    subject, request = submission.subject, None
    reader = reader_of_modal(context, subject)
    try:
        member = known_member(context, slack, submission, of_form(subject.form))
        filled = _read(context, slack, submission, member, now)
        person = identity_of(member)
        with acting({person.name: person.how}):
            said, title = reader.told(CARRIED_OUT[subject.form](filled)), "replies.done"
        request = filled.request
    except (Refused, NotFound, Trouble) as error:
        said, title = reader.refused(error), "replies.nothing_changed"
    except Exception as error:
        logger.error("a form of onboarding %s could not be carried out: %s", subject.onboarding, type(error).__name__)
        recorded = was_recorded(context, _id_of(submission))
        said, title = (RECORDED, "replies.was_recorded") if recorded else (FAULT, "replies.failed")
        said = reader.told(said)
    _tell(slack, submission, said_view(reader.told(sentence(title)), [said], reader.labels), said)
    if request is not None:
        show(request, frozenset(Concern) if subject.form is FormKind.CALL else frozenset({Concern.ESCALATIONS}))
    if not subject.response_url:
        show_home(context, slack, submission, now, said)


def _tell(slack: SlackWorkspace, submission: Submission, view: View, said: str) -> None:
    """Say it in the modal; if that was closed meanwhile, where the form was opened from."""
    try:
        if slack.views.update(submission.view_id, view):
            return
    except Trouble as trouble:
        logger.warning("a modal does not show what was done: %s", trouble)
    if submission.subject.response_url:
        slack.answer(submission.subject.response_url, said)


def _id_of(submission: Submission) -> str:
    """Return the id of the request, the same for every repeat by Slack."""
    return f"view:{submission.view_id}"


def _read(
    context: RunContext, slack: SlackWorkspace, submission: Submission, member: WorkspaceUser, now: datetime
) -> Filled:
    subject = submission.subject

    def unneeded(asked: Asked, episode: Episode | None) -> str | None:
        return None if fingerprint(subject.form, replace(asked, about=subject.about)) == subject.shown else CHANGED

    request = SlackRequest(
        context=context,
        id=_id_of(submission),
        what=f"form.{subject.form}",
        onboarding=subject.onboarding,
        episode=subject.episode,
        by=member.email or member.id,
        now=now,
        zone=subject.zone,
        statuses=statuses_for(subject.form),
        unneeded=unneeded,
    )
    with context.database.reading() as conn:
        asked = read_asked(context, conn, subject.onboarding, now, subject.zone)
    filled = Filled(request=request, submission=submission, asked=asked)
    if subject.form is FormKind.HAND_OVER:
        address = address_of(slack, submission.answers["to"])
        mine = owned_by(address)
        checked = replace(request, unneeded=lambda asked, episode: mine(asked, episode) or unneeded(asked, episode))
        answers = {**submission.answers, "address": address}
        return replace(filled, request=checked, submission=replace(submission, answers=answers))
    return filled
