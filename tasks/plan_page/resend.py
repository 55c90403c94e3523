"""Sends the link of a plan page anew: to the address that is known of its reader, and to nobody else."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from database.onboardings.lookup import NotFound
from database.onboardings.openings import onboardings_of
from database.outbox import planned
from onboarding.model.identity import mail_address
from onboarding.shared_plan.link_mail import link_mail
from onboarding.shared_plan.links import page_closed, page_reader, page_readers_at
from tasks.runtime.clock import present_in
from tasks.runtime.context import RunContext
from tasks.runtime.links import LinkRefused, read_plan_link
from tasks.views.picture import picture_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from onboarding.model.effect import PlannedEffect

ANY_AGE = timedelta(days=36_500).days
MOST_ONBOARDINGS = 10
"""How many onboardings of one address are looked through. Our choice."""


def send_anew(context: RunContext, token: str, address: str) -> None:
    """Plan the mail with a new link: for the person whose link this was, else for whoever has this address.

    Nothing tells the caller whether there is such a person. A repeat within some hours sends nothing more.
    """
    with context.database.writing() as conn:
        now = present_in(conn, context.wall_clock())
        found = list(_mails(context, conn, token, address, now))
        if found:
            planned.plan(conn, found, now)


def _mails(
    context: RunContext, conn: "Connection", token: str, address: str, now: datetime
) -> Iterator[tuple[str, "PlannedEffect"]]:
    try:
        link, _ = read_plan_link(context.settings, token, now, ANY_AGE)
        keys, wanted = [link.onboarding_key], link.person_id
    except LinkRefused:
        keys, wanted = _onboardings_at(conn, address), ""
    for key in keys:
        try:
            seen = picture_of(conn, key, context.wall_clock(), asked=now, pilot=context.settings.only_accounts)
        except NotFound:
            continue
        if page_closed(seen.review.progress, now):
            continue
        case, state = seen.case, seen.review.state
        one = page_reader(case, state, wanted, now) if wanted else None
        people = ((one,) if one else ()) if wanted else page_readers_at(case, state, address, now)
        yield from ((case.key, link_mail(case.key, person, now)) for person in people)


def _onboardings_at(conn: "Connection", address: str) -> list[str]:
    try:
        return sorted(onboardings_of(conn, addresses=[mail_address(address)]))[-MOST_ONBOARDINGS:]
    except ValueError:
        return []
