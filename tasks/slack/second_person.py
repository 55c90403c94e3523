"""Decides a request for a second person by its buttons in Slack, as ``/first90 confirm`` and ``approvals`` do."""

from datetime import datetime

from integrations.slack.buttons import CONFIRM
from integrations.slack.interactions import Press
from integrations.slack.people import WorkspaceUser
from onboarding.orders import Order
from tasks.approvals.deciding import confirm, refuse
from tasks.runtime.context import RunContext
from tasks.slack.requests import identity_of


def decide_request(context: RunContext, press: Press, member: WorkspaceUser, now: datetime) -> str:
    """Confirm or refuse the request, and return what was done. Whoever asked may only take it back, and whoever
    confirms needs what the request is about. Done once: a repeat is refused. Raises Refused, NotFound."""
    person = identity_of(member)
    if press.action == CONFIRM:
        return confirm(context, person, press.value, now).said
    return refuse(context, Order(by=person.name, now=now), person, press.value)
