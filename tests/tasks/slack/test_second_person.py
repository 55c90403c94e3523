"""A request for a second person in Slack: asked in the managers' channel, decided by a button, never by who asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta

import pytest

from database import approvals
from database.channels.stops import stops
from database.onboardings.overview import effect_lines
from integrations.slack.workspace import SlackWorkspace
from onboarding.acts import Act
from onboarding.effects.approval_note import APPROVAL
from onboarding.model.vocabulary import Channel
from onboarding.orders import Order
from onboarding.permissions.identity import Identity, KnownBy
from onboarding.permissions.second_person import VALID
from onboarding.permissions.table import Permission
from tasks.approvals.asking import second_person
from tasks.approvals.deciding import refuse
from tasks.commands.deliveries import start
from tasks.delivery.deliver_all import deliver
from tasks.runtime.context import RunContext
from tasks.runtime.scope import Scope
from tasks.slack.presses import handle_press
from tasks.slack.requests import SlackPerson, identity_of, known_member
from tests.integrations.slack.far_slack import MANAGERS, Message, friendly
from tests.tasks.conftest import moment
from tests.tasks.slack.conftest import CLEO, DANA, MAX, PRESSED, Floor
from tests.tasks.slack.test_permissions import with_roles

LATER = "2026-03-05T11:30"
MINUTE = timedelta(minutes=1)


@contextmanager
def gated(floor: Floor) -> Iterator[RunContext]:
    """Yield the office's context; stopping, starting and erasing need a second person."""
    with floor.office.context() as context:
        versions = {
            tier: replace(one, playbook=replace(one.playbook, four_eyes=(Act.STOP, Act.FORGET)))
            for tier, one in context.library.playbook_versions.items()
        }
        yield replace(context, library=replace(context.library, playbook_versions=versions))


def ask(context: RunContext, act: Act = Act.STOP, **words: str) -> None:
    order = Order(by=CLEO, now=moment(PRESSED), reason="wrong template")
    assert second_person(context, order, act, words or {"channel": "mail"}) is not None


def posted(floor: Floor, context: RunContext, at: str = PRESSED) -> Message:
    """Deliver; return the message that asks."""
    deliver(context, moment(at), Channel.SLACK, Scope())
    (found,) = [one for one in floor.slack.within(MANAGERS) if "approval:" in one.key]
    return deepcopy(found)


def press(floor: Floor, context: RunContext, message: Message, action: str, by: str) -> str:
    before = len(floor.slack.said)
    handle_press(context, floor.slack.press(message, floor.people[by], action), moment(PRESSED))
    assert len(floor.slack.said) == before + 1
    return str(floor.slack.said[-1])


def handle_and_hear(floor: Floor, context: RunContext, message: Message, at: str) -> str:
    """Press *Confirm* at this moment, and return what is answered."""
    handle_press(context, floor.slack.press(message, floor.people[MAX], "confirm"), moment(at))
    return str(floor.slack.said[-1])


def stopped(context: RunContext) -> list[str]:
    with context.database.reading() as conn:
        return [one.by for one in stops(conn)]


@pytest.mark.slow
def test_the_channel_is_asked_once_and_a_second_person_confirms_once(floor: Floor) -> None:
    with_roles(floor, csm=CLEO, ops=MAX)
    with gated(floor) as context:
        ask(context)
        ask(context)
        message = posted(floor, context)
        assert "A second person is needed: stop mail" in message.text
        assert "wrong template" in message.text
        assert CLEO in message.text
        told = press(floor, context, message, "confirm", MAX)
        assert told.startswith("Stopped: nothing leaves on mail")
        assert stopped(context) == [CLEO]
        assert "was done already" in press(floor, context, message, "confirm", MAX)
        edited = posted(floor, context, LATER)
        assert f"Confirmed by {MAX}" in edited.text
        assert "first90.confirm" not in edited.text
        assert "first90.refuse" not in edited.text
        with context.database.reading() as conn:
            assert approvals.waiting(conn, moment(LATER)) == ()


def test_neither_who_asked_nor_who_may_not_can_confirm(floor: Floor) -> None:
    with_roles(floor, csm=DANA, ops=f"{CLEO}, {MAX}")
    with gated(floor) as context:
        ask(context)
        message = posted(floor, context)
        assert "a second person has to confirm it" in press(floor, context, message, "confirm", CLEO)
        assert f"{DANA} is csm and may not" in press(floor, context, message, "confirm", DANA)
        assert f"{DANA} is csm and may not" in press(floor, context, message, "refuse", DANA)
        assert stopped(context) == []
        assert press(floor, context, message, "refuse", CLEO).startswith("Taken back: stop mail")
        assert "Refused by" in posted(floor, context, LATER).text
        assert "was refused already" in press(floor, context, message, "confirm", MAX)
        assert stopped(context) == []


def test_a_request_that_expires_loses_its_buttons_and_says_what_to_do(floor: Floor) -> None:
    with_roles(floor, csm=CLEO, ops=MAX)
    with gated(floor) as context:
        ask(context)
        message = posted(floor, context)
        over = (moment(PRESSED) + VALID).isoformat()
        assert "A second person is needed" in posted(floor, context, (moment(over) - MINUTE).isoformat()).text
        edited = posted(floor, context, over)
        assert "Expired: stop mail" in edited.text
        assert "nothing was changed" in edited.text
        assert "ask for it again" in edited.text
        assert "first90.confirm" not in edited.text
        assert "first90.refuse" not in edited.text
        told = handle_and_hear(floor, context, message, over)
        assert "expired at" in told
        assert stopped(context) == []


def test_one_that_was_decided_is_not_said_to_have_expired(floor: Floor) -> None:
    with_roles(floor, csm=CLEO, ops=MAX)
    with gated(floor) as context:
        ask(context)
        press(floor, context, posted(floor, context), "confirm", MAX)
        start(context, Order(by=MAX, now=moment(PRESSED)), None)
        over = (moment(PRESSED) + VALID).isoformat()
        assert f"Confirmed by {MAX}" in posted(floor, context, over).text
        with context.database.reading() as conn:
            states = {line["key"]: line["state"] for line in effect_lines(conn) if line["kind"] == APPROVAL}
        assert [state for key, state in states.items() if "-expired" in key] == ["cancelled"]


def test_what_was_decided_before_the_message_left_is_not_asked(floor: Floor) -> None:
    with_roles(floor, ops=f"{CLEO}, {MAX}")
    with gated(floor) as context:
        ask(context)
        with context.database.reading() as conn:
            (request,) = approvals.waiting(conn, moment(PRESSED))
        slack = context.chat
        assert isinstance(slack, SlackWorkspace)
        team = slack.people.team()
        person = SlackPerson(team=team, user=floor.people[MAX])
        member = known_member(context, slack, person, Permission.LOOK)
        refuse(context, Order(by=MAX, now=moment(PRESSED)), identity_of(member), request.id)
        deliver(context, moment(LATER), Channel.SLACK, Scope())
        assert [one for one in floor.slack.within(MANAGERS) if "approval:" in one.key] == []


def test_one_that_slack_refused_first_is_not_asked_once_it_is_decided(floor: Floor) -> None:
    with_roles(floor, ops=f"{CLEO}, {MAX}")
    with gated(floor) as context:
        ask(context)
        floor.slack.mood = lambda method, number: "busy" if method == "chat.postMessage" else "accept"
        deliver(context, moment(PRESSED), Channel.SLACK, Scope())
        assert floor.slack.within(MANAGERS) == []
        with context.database.reading() as conn:
            (request,) = approvals.waiting(conn, moment(PRESSED))
        max_ = Identity(name=MAX, known_by=KnownBy.SLACK)
        refuse(context, Order(by=MAX, now=moment(PRESSED)), max_, request.id)
        floor.slack.mood = friendly
        now = context.wall_clock()
        rested = replace(context, wall_clock=lambda: now + timedelta(hours=1))
        deliver(rested, moment(LATER), Channel.SLACK, Scope())
        with context.database.reading() as conn:
            lines = [dict(line) for line in effect_lines(conn) if line["kind"] == APPROVAL]
        left = {line["state"] for line in lines if "-expired" not in line["key"]}
        assert left == {"cancelled"}, lines
        assert [one for one in floor.slack.within(MANAGERS) if "approval:" in one.key] == []


@pytest.mark.parametrize("act", [Act.FORGET])
def test_an_erasure_is_asked_about_without_the_person(act: Act, floor: Floor) -> None:
    with gated(floor) as context:
        ask(context, act, person="ann@customer.example")
        message = posted(floor, context)
        assert "erase a person" in message.text
        assert "ann@customer.example" not in message.text
        with context.database.reading() as conn:
            rows = conn.exec_driver_sql("SELECT data, payload, because FROM effect WHERE kind = 'approval'").all()
        assert "ann@customer.example" not in str(rows)
