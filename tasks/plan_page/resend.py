"""Sends the link of a plan page anew: to the address that is known of its reader, and to nobody else."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from database.onboardings import cases
from database.onboardings.facts import confirmed_at
from database.onboardings.lookup import whose_page_may_be_open
from database.onboardings.openings import onboardings_of
from database.outbox import planned
from onboarding.model.identity import mail_address
from onboarding.review_case import Reviewed, review_without_writes
from onboarding.shared_plan.link_mail import link_mail
from onboarding.shared_plan.links import page_closed, page_reader, page_readers_at
from tasks.review.batches import review_cases
from tasks.runtime.clock import present_in
from tasks.runtime.context import RunContext
from tasks.runtime.links import Link, LinkRefused, read_plan_link

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from onboarding.model.effect import PlannedEffect
    from onboarding.model.parties import Person

ANY_AGE = timedelta(days=36_500).days
MOST_ONBOARDINGS = 10
"""How many onboardings of one address are looked through, live and newest first. Our choice."""


def send_anew(context: RunContext, token: str, address: str) -> None:
    """Plan the mail with a new link: for the person whose link this was, else for whoever has this address.

    A repeat within some hours sends nothing more. Readers are looked for without holding up who writes; what changes
    until the mail is planned counts when it leaves.
    """
    with context.database.reading() as conn:
        now = present_in(conn, context.wall_clock())
        link = _link(context, token, now)
        keys = [link.onboarding_key] if link else _onboardings_at(conn, address)
        found = cases.load(conn, keys, now, context.calendars(now), context.settings.only_accounts)
    answers = review_cases(context, list(found.values()), now, frozenset(), review_without_writes)
    seen = [one for one in answers if isinstance(one, Reviewed)]
    if mails := list(_mails(seen, link, address, now)):
        with context.database.writing() as conn:
            planned.plan(conn, mails, now)


def _link(context: RunContext, token: str, now: datetime) -> Link | None:
    try:
        return read_plan_link(context.settings, token, now, ANY_AGE)[0]
    except LinkRefused:
        return None


def _onboardings_at(conn: "Connection", address: str) -> list[str]:
    try:
        one = mail_address(address)
    except ValueError:
        return []
    # Whoever named on a page was confirmed is known from a report alone.
    found = onboardings_of(conn, addresses=[one]) | confirmed_at(conn, one)
    return whose_page_may_be_open(conn, found, MOST_ONBOARDINGS)


def _mails(
    seen: Iterable[Reviewed], link: Link | None, address: str, now: datetime
) -> Iterator[tuple[str, "PlannedEffect"]]:
    for one in seen:
        if page_closed(one.review.progress, now):
            continue
        for reader in _readers(one, link, address, now):
            if mail := link_mail(one.case, reader, now):
                yield one.case.key, mail


def _readers(seen: Reviewed, link: Link | None, address: str, now: datetime) -> tuple["Person", ...]:
    if link is None:
        return page_readers_at(seen.case, seen.review.state, address, now)
    reader = page_reader(seen.case, seen.review.state, link.person_id, now)
    return (reader,) if reader else ()
