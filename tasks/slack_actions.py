"""Buttons that somebody pressed in Slack: carried out by the code that the command line uses, and answered in words.

Safe to hear twice: a press is kept within the transaction of its order, and what holds already is not ordered again.
So a hundred clicks are one line of the journal, under the name of the person who pressed.
"""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from database import cases, orders
from database.halted import halted
from database.lookup import NotFound, find_onboarding
from integrations.slack.errors import Trouble
from integrations.slack.hearing import Press, read_press
from integrations.slack.workspace import SlackWorkspace
from integrations.slack_buttons import ACK, DONE, REASSIGN, SNOOZE, WHY
from onboarding.case import Case
from onboarding.explanation import explain
from onboarding.reviewing import review
from onboarding.words import Channel, Concern, VendorRole
from tasks import desk
from tasks.delivery import deliver
from tasks.refusals import Refused
from tasks.reported import record_milestone
from tasks.reviews import review_named
from tasks.scope import Scope
from tasks.slack_wishes import Wish, read_wish
from tasks.workplace import Workplace

logger = logging.getLogger(__name__)

FAULT = "That did not work, and it is our fault. Try again, or tell whoever runs first90."


def hear(place: Workplace, payload: Mapping[str, Any], now: datetime) -> None:
    """Carry out what was pressed, tell that person alone what came of it, and bring the messages up to date.

    ``payload`` is Slack's, and its origin was proved before. Never raises: the answer is all that a button has.
    """
    slack, press = place.chat, read_press(payload)
    if press is None or not isinstance(slack, SlackWorkspace):
        return
    changed = None
    try:
        said, changed = _answered(place, slack, press, now)
    except (Refused, NotFound, Trouble) as error:
        said = f"Nothing was changed: {error}."
    except Exception as error:
        logger.error("a button of onboarding %s could not be carried out: %s", press.onboarding, type(error).__name__)
        said = FAULT
    slack.answer(press.response_url, said)
    if changed is not None:
        _show(place, changed, press, now)


def _answered(place: Workplace, slack: SlackWorkspace, press: Press, now: datetime) -> tuple[str, Wish | None]:
    """The sentence for the person, and the wish where it was carried out."""
    if press.team != slack.people.team():
        raise Refused("this message belongs to another workspace")
    member = slack.people.member(press.user)
    if member.refused or not member.email:
        raise Refused(member.refused or "your Slack profile shows us no mail address")
    if press.action == WHY:
        return _why(place, press, now), None
    wish = read_wish(place, slack, press, member, now)
    return _ordered(wish), wish


def _ordered(wish: Wish) -> str:
    place, key = wish.place, wish.press.onboarding
    who: dict[str, Any] = {"by": wish.by, "now": wish.now, "guard": wish.guard}
    if wish.press.action == ACK:
        return desk.ack(place, key, **who)
    if wish.press.action == SNOOZE and wish.until is not None:
        desk.snooze(place, key, wish.until, **who)
        return f"It rests until {wish.until:%A, %-d %B}."
    if wish.press.action == REASSIGN:
        role = VendorRole.CSM.value
        return desk.reassign(place, key, role, wish.address, reason="handed over in Slack", **who)
    if wish.press.action == DONE:
        return record_milestone(place, key, wish.milestone, at=None, meeting_at=None, undo=False, **who)
    raise Refused("this version of first90 does not know the button")


def _why(place: Workplace, press: Press, now: datetime) -> str:
    """The text of ``explain``."""
    case = _case(place, press.onboarding, now)
    playbook = place.edition(case.progress.playbook)
    found = review(case, playbook, now, frozenset())
    with place.database.reading() as conn:
        stopped = halted(conn)
    return "\n".join(explain(case, found.review, playbook, now, stopped).lines)


def _case(place: Workplace, wanted: str, now: datetime) -> Case:
    with place.database.reading() as conn:
        key = find_onboarding(conn, wanted)
        return cases.load(conn, [key], now, place.calendars(now), place.settings.only_accounts)[key]


def _show(place: Workplace, wish: Wish, press: Press, now: datetime) -> None:
    """The messages of the stall say what was done, by effects as all others are; the next run brings them otherwise."""
    try:
        case = _case(place, press.onboarding, now)
        with place.database.writing() as conn:
            orders.answered(conn, case.key, now)
        review_named(place, [case.key], now, wish.by, frozenset({Concern.ESCALATIONS}))
        deliver(place, now, Channel.SLACK, Scope(accounts=frozenset({case.account.id}), by=wish.by))
    except Exception as error:
        logger.error("messages of onboarding %s are not up to date yet: %s", press.onboarding, type(error).__name__)
