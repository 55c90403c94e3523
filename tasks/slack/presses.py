"""Handles buttons pressed in Slack: each runs the function of the command line and is answered with its sentence.

Safe to receive twice: a press is stored in the transaction of its command, and what holds already is not done again.
So a hundred clicks make one line in the journal, under the name of the person who pressed.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from database.acting import acting
from database.channels.halted import halted
from database.onboardings.lookup import NotFound
from integrations.slack.buttons import ACK, APPROVE, CONFIRM, DISCARD, DONE, REASSIGN, REFUSE, SNOOZE, WHY, approved
from integrations.slack.errors import Trouble
from integrations.slack.interactions import Press, read_press
from integrations.slack.people import WorkspaceUser
from integrations.slack.workspace import SlackWorkspace
from onboarding.dates.wording import Audience
from onboarding.drafts.decisions import decided_on
from onboarding.escalations.listeners import Waits
from onboarding.explain.explanation import explain_to
from onboarding.forms.asked import Asked
from onboarding.forms.form import FormKind, statuses_for
from onboarding.model.case import Episode
from onboarding.model.identity import one_spelling
from onboarding.orders import FactReport, Order
from onboarding.people.handovers import WITHOUT_NOTE
from onboarding.review_case import review
from onboarding.sentences.sentence import NearDay, of_playbook, sentence
from tasks.commands import onboardings
from tasks.commands.drafts import approve_draft, discard_draft
from tasks.commands.facts import record_milestone
from tasks.runtime.context import RunContext
from tasks.runtime.refusals import Refused
from tasks.slack.filling import fill_form
from tasks.slack.home import show_home
from tasks.slack.permissions import of_press
from tasks.slack.readers import reader_by_id, reader_of
from tasks.slack.requests import (
    SlackRequest,
    Unneeded,
    address_of,
    always_needed,
    identity_of,
    known_member,
    morning_of,
    read_asked,
    was_recorded,
)
from tasks.slack.second_person import decide_request
from tasks.slack.showing import FAULT, RECORDED, show

logger = logging.getLogger(__name__)


def handle_press(context: RunContext, payload: Mapping[str, Any], now: datetime, view_id: str = "") -> None:
    """Carry out a button press, answer the person who pressed (visible to them only) and update the stall's messages.

    ``payload`` is Slack's; the caller has verified its origin. A press that asks something fills the modal
    ``view_id`` that is open already. Never raises: errors become the answer.
    """
    slack, press = context.chat, read_press(payload)
    if press is None or not isinstance(slack, SlackWorkspace):
        return
    if press.form is not None:
        fill_form(context, slack, press, view_id, now)
        return
    request = None
    try:
        member = known_member(context, slack, press, of_press(press))
        person = identity_of(member)
        with acting({person.name: person.how}):
            told, request = _answered(context, slack, press, member, now)
        said = reader_of(context, member).told(told)
    except (Refused, NotFound, Trouble) as error:
        said = reader_by_id(context, slack, press).refused(error)
    except Exception as error:
        logger.error("a button of onboarding %s could not be carried out: %s", press.onboarding, type(error).__name__)
        recorded = was_recorded(context, press.id)
        said = reader_by_id(context, slack, press).told(RECORDED if recorded else FAULT)
    if not press.at_home:
        slack.answer(press.response_url, said)
    if request is not None:
        show(request)
    if press.at_home:
        show_home(context, slack, press, now, said)


def _answered(
    context: RunContext, slack: SlackWorkspace, press: Press, member: WorkspaceUser, now: datetime
) -> tuple[str, SlackRequest | None]:
    """Return the sentence for the person, and the request where it was carried out."""
    if press.action == WHY:
        return why(context, press.onboarding, now, member.zone), None
    if press.action in (CONFIRM, REFUSE):
        return decide_request(context, press, member, now), None
    by, key = member.email or member.id, press.onboarding
    if press.action == ACK:
        request = _request(context, press, by, now, _acked_by(by))
        return onboardings.ack(context, _order(request), key), request
    if press.action == SNOOZE:
        until = morning_of(press.value, member.zone, now)
        request = _request(context, press, by, now, _rests_until(until))
        onboardings.snooze(context, _order(request), key, until)
        return sentence("replies.rests", day=NearDay(until.date())), request
    if press.action == REASSIGN:
        address = address_of(slack, press.value)
        request = _request(context, press, by, now, owned_by(address))
        order = _order(request, WITHOUT_NOTE)
        return onboardings.reassign(context, order, key, "csm", address), request
    if press.action == DONE:
        name = press.value.partition(":")[2]
        request = _request(context, press, by, now, _done(name))
        report = FactReport(by=by, now=now, guard=request.guard)
        return record_milestone(context, report, key, name), request
    if press.action in (APPROVE, DISCARD):
        mail, mark = approved(press.value)
        asked = _request(context, press, by, now, _seen(mail, mark, by))
        request = replace(asked, statuses=statuses_for(FormKind.DRAFT))
        report = FactReport(by=by, now=now, guard=request.guard)
        decide = approve_draft if press.action == APPROVE else discard_draft
        return decide(context, report, mail), request
    raise Refused(sentence("replies.unknown_button"))


def _request(
    context: RunContext, press: Press, by: str, now: datetime, unneeded: Unneeded = always_needed
) -> SlackRequest:
    return SlackRequest(
        context=context,
        id=press.id,
        what=press.action,
        onboarding=press.onboarding,
        episode=press.episode,
        by=by,
        now=now,
        unneeded=unneeded,
    )


def _order(request: SlackRequest, reason: str = "") -> Order:
    return Order(by=request.by, now=request.now, reason=reason, guard=request.guard)


def _acked_by(by: str) -> Unneeded:
    def unneeded(asked: Asked, episode: Episode | None) -> str | None:
        mine = episode is not None and episode.acked_by == by and _rests(episode)
        return sentence("replies.yours_already") if mine else None

    return unneeded


def _rests_until(until: datetime) -> Unneeded:
    def unneeded(asked: Asked, episode: Episode | None) -> str | None:
        return sentence("replies.rests_already") if episode and episode.snoozed_until == until else None

    return unneeded


def owned_by(address: str) -> Unneeded:
    """Return a check that refuses to hand an onboarding to the person who has it."""

    def unneeded(asked: Asked, episode: Episode | None) -> str | None:
        owner = asked.state.owner
        mine = owner is not None and owner.email.casefold() == address.casefold()
        return sentence("replies.has_it_already", person=owner.name) if owner and mine else None

    return unneeded


def _done(name: str) -> Unneeded:
    def unneeded(asked: Asked, episode: Episode | None) -> str | None:
        found = asked.state.milestones.get(name)
        return sentence("replies.done_already", title=of_playbook(found.title)) if found and found.met else None

    return unneeded


def _seen(mail: str, mark: str, by: str) -> Unneeded:
    """Return a check that refuses to approve words which another person wrote after the message with this mark."""

    def unneeded(asked: Asked, episode: Episode | None) -> str | None:
        found = decided_on(asked.case.facts, mail)
        mine = one_spelling(found.edited_by) == one_spelling(by)
        if not mark or not found.is_edited or found.decision is not None or found.mark == mark or mine:
            return None
        return sentence("replies.words_changed", person=found.edited_by)

    return unneeded


def why(context: RunContext, wanted: str, now: datetime, zone: str) -> str:
    """Return the text of ``explain`` for a person in ``zone`` (IANA), without what only the command line offers. Raises
    NotFound."""
    with context.database.reading() as conn:
        asked = read_asked(context, conn, wanted, now, zone)
        stopped = halted(conn)
    found = review(asked.case, asked.playbook, now, frozenset())
    waits = Waits(now=now, halted=stopped, audience=Audience(zone=zone, commands=False))
    return "\n".join(explain_to(asked.case, found.review, asked.playbook, waits).lines_for(waits.audience))


def _rests(episode: Episode) -> bool:
    """Return whether nothing was sent of the stall since it was acknowledged."""
    said = [at for at in (episode.level_at, episode.reminded_at) if at is not None]
    return episode.acked_at is not None and all(at <= episode.acked_at for at in said)
