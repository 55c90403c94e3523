"""Fills the modal that a press has opened: the form for the onboarding as it stands, or why there is none."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from database.onboardings.lookup import NotFound
from integrations.slack.errors import Trouble
from integrations.slack.interactions import Press, read_press
from integrations.slack.views.modals import ModalSubject, View, form_view, opening_view, said_view
from integrations.slack.workspace import SlackWorkspace
from onboarding.forms.asked import fingerprint
from onboarding.forms.asking import form_for, nothing_to_ask
from onboarding.forms.form import OF_A_STALL, FormKind, statuses_for
from onboarding.sentences.sentence import sentence
from onboarding.sentences.terms import status_name
from tasks.commands.drafts import find_draft
from tasks.runtime.context import RunContext
from tasks.runtime.refusals import Refused
from tasks.slack.permissions import of_press
from tasks.slack.readers import reader_by_id, reader_of
from tasks.slack.requests import known_member, read_asked
from tasks.slack.showing import FAULT
from tasks.views.languages import slack_language

logger = logging.getLogger(__name__)

NOT_OPENED = sentence("replies.not_opened")
NOTHING = sentence("replies.nothing_to_fill_in")


def open_waiting(context: RunContext, payload: Mapping[str, Any]) -> str:
    """Open a modal that says to wait, if the press asks something, and return its id; empty if there is none.

    Nothing is looked up before, because a trigger works for three seconds only. Never raises.
    """
    slack, press = context.chat, read_press(payload)
    if press is None or press.form is None or not isinstance(slack, SlackWorkspace):
        return ""
    try:
        return slack.views.open(press.trigger_id, opening_view(slack_language(context).words.labels))
    except Trouble as trouble:
        logger.warning("a form was not opened: %s", trouble)
        return ""


def fill_form(context: RunContext, slack: SlackWorkspace, press: Press, view_id: str, now: datetime) -> None:
    """Put the form into the open modal, or say why it cannot be filled in. Never raises."""
    if not view_id:
        slack.answer(press.response_url, reader_by_id(context, slack, press).told(NOT_OPENED))
        return
    try:
        view = _form(context, slack, press, now)
    except (Refused, NotFound, Trouble) as error:
        reader = reader_by_id(context, slack, press)
        view = said_view(reader.told(NOTHING), [reader.refused(error)], reader.labels)
    except Exception as error:
        logger.error("a form of onboarding %s could not be made: %s", press.onboarding, type(error).__name__)
        reader = reader_by_id(context, slack, press)
        view = said_view(reader.told(NOTHING), [reader.told(FAULT)], reader.labels)
    try:
        slack.views.update(view_id, view)
    except Trouble as trouble:
        logger.warning("a form of onboarding %s was not filled: %s", press.onboarding, trouble)
        slack.answer(press.response_url, reader_by_id(context, slack, press).told(NOT_OPENED))


def _form(context: RunContext, slack: SlackWorkspace, press: Press, now: datetime) -> View:
    member = known_member(context, slack, press, of_press(press))
    kind, reader = press.form or FormKind.SNOOZE, reader_of(context, member)
    with context.database.reading() as conn:
        asked = replace(read_asked(context, conn, press.onboarding, now, member.zone), about=press.chosen)
    if kind is FormKind.DRAFT:
        words = find_draft(context, press.chosen, now)
        asked = replace(asked, subject=words.subject, text=words.body)
    case = asked.case
    if case.progress.status not in statuses_for(kind):
        raise Refused(sentence("replies.status", account=case.account.name, status=status_name(case.progress.status)))
    open_numbers = {episode.number for episode in case.episodes if episode.closed_at is None}
    episode = press.episode if kind in OF_A_STALL else None
    if kind in OF_A_STALL and press.episode not in open_numbers:
        raise Refused(sentence("replies.stall_over", account=case.account.name))
    form = form_for(kind, asked)
    if form is None:
        raise Refused(nothing_to_ask(kind))
    subject = ModalSubject(
        form=kind,
        onboarding=case.key,
        episode=episode,
        zone=member.zone,
        shown=fingerprint(kind, asked),
        response_url=press.response_url,
        about=press.chosen if kind is FormKind.DRAFT else "",
        language=reader.language.tag,
    )
    return form_view(reader.form(form), subject, reader.labels)
