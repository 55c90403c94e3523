"""Handles buttons pressed in Slack: each runs the function of the command line and is answered with its sentence.

Safe to receive twice: a press is stored in the transaction of its command, and what holds already is not done again.
So a hundred clicks make one line in the journal, under the name of the person who pressed.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from database.channels.halted import halted
from database.onboardings import cases, orders
from database.onboardings.lookup import NotFound, find_onboarding
from integrations.slack.buttons import ACK, DONE, REASSIGN, SNOOZE, WHY
from integrations.slack.errors import Trouble
from integrations.slack.interactions import Press, read_press
from integrations.slack.workspace import SlackWorkspace
from onboarding.explain.explanation import explain
from onboarding.model.case import Case
from onboarding.model.vocabulary import Channel, Concern, VendorRole
from onboarding.orders import FactReport, Order
from onboarding.review_case import review
from tasks.commands import onboardings
from tasks.commands.facts import record_milestone
from tasks.commands.slack_requests import SlackRequest, read_request
from tasks.delivery.deliver_all import deliver
from tasks.review.batches import review_named
from tasks.runtime.context import RunContext
from tasks.runtime.refusals import Refused
from tasks.runtime.scope import Scope

logger = logging.getLogger(__name__)

FAULT = "That did not work, and it is our fault. Try again, or tell whoever runs first90."


def handle_press(context: RunContext, payload: Mapping[str, Any], now: datetime) -> None:
    """Carry out a button press, answer the person who pressed (visible to them only) and update the stall's messages.

    ``payload`` is Slack's; the caller has verified its origin. Never raises: errors become the answer.
    """
    slack, press = context.chat, read_press(payload)
    if press is None or not isinstance(slack, SlackWorkspace):
        return
    changed = None
    try:
        said, changed = _answered(context, slack, press, now)
    except (Refused, NotFound, Trouble) as error:
        said = f"Nothing was changed: {error}."
    except Exception as error:
        logger.error("a button of onboarding %s could not be carried out: %s", press.onboarding, type(error).__name__)
        said = FAULT
    slack.answer(press.response_url, said)
    if changed is not None:
        _show(context, changed, press, now)


def _answered(
    context: RunContext, slack: SlackWorkspace, press: Press, now: datetime
) -> tuple[str, SlackRequest | None]:
    """Return the sentence for the person, and the request where it was carried out."""
    if press.team != slack.people.team():
        raise Refused("this message belongs to another workspace")
    member = slack.people.member(press.user)
    if member.refused or not member.email:
        raise Refused(member.refused or "your Slack profile shows us no mail address")
    if press.action == WHY:
        return _why(context, press, now), None
    request = read_request(context, slack, press, member, now)
    return _ordered(request), request


def _ordered(request: SlackRequest) -> str:
    context, key = request.context, request.press.onboarding
    order, guard = Order(by=request.by, now=request.now), request.guard
    if request.press.action == ACK:
        return onboardings.ack(context, order, key, guard)
    if request.press.action == SNOOZE and request.until is not None:
        onboardings.snooze(context, order, key, request.until, guard)
        return f"It rests until {request.until:%A, %-d %B}."
    if request.press.action == REASSIGN:
        role = VendorRole.CSM.value
        order = replace(order, reason="handed over in Slack")
        return onboardings.reassign(context, order, key, role, request.address, guard)
    if request.press.action == DONE:
        return record_milestone(context, FactReport(by=order.by, now=order.now), key, request.milestone, guard)
    raise Refused("this version of first90 does not know the button")


def _why(context: RunContext, press: Press, now: datetime) -> str:
    """Return the text of ``explain``."""
    case = _case(context, press.onboarding, now)
    playbook = context.playbook_version(case.progress.playbook)
    found = review(case, playbook, now, frozenset())
    with context.database.reading() as conn:
        stopped = halted(conn)
    return "\n".join(explain(case, found.review, playbook, now, stopped).lines)


def _case(context: RunContext, wanted: str, now: datetime) -> Case:
    with context.database.reading() as conn:
        key = find_onboarding(conn, wanted)
        return cases.load(conn, [key], now, context.calendars(now), context.settings.only_accounts)[key]


def _show(context: RunContext, request: SlackRequest, press: Press, now: datetime) -> None:
    """Update the messages of the stall at once, by effects as all messages; if this fails, the next run does it."""
    try:
        case = _case(context, press.onboarding, now)
        with context.database.writing() as conn:
            orders.answered(conn, case.key, now)
        review_named(context, [case.key], now, request.by, frozenset({Concern.ESCALATIONS}))
        deliver(context, now, Channel.SLACK, Scope(accounts=frozenset({case.account.id}), by=request.by))
    except Exception as error:
        logger.error("messages of onboarding %s are not up to date yet: %s", press.onboarding, type(error).__name__)
