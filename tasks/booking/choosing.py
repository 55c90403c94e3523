"""The times for a call that a reader of the plan page can choose from, as the database knows them now."""

from dataclasses import replace
from typing import TYPE_CHECKING

from database.outbox import calls
from onboarding.booking.choice import Times
from onboarding.booking.slots import sides_of
from onboarding.plan_page.context import PageContext
from tasks.booking.offering import diary_with

if TYPE_CHECKING:
    from sqlalchemy import Connection


def with_times(conn: "Connection", page: PageContext) -> PageContext:
    """Return the page with the times; without any while nobody is accountable, or another person than was saved last:
    agreed calls are held for the saved one, and the next run saves who it is now."""
    case, owner = page.case, page.state.owner
    if owner is None or owner.id != case.progress.owner_id:
        return page
    taken = calls.taken(conn, page.now)
    mine = {one for one in taken if one.effect_key and one.onboarding_key == case.key}
    times = Times(
        now=page.now,
        sides=sides_of(case, owner, page.reader, page.playbook.pace.hours),
        diary=diary_with(conn, (one for one in taken if one not in mine)),
        offered=tuple(one.at for one in mine if one.person_id == owner.id),
        only_offered=bool(owner.booking_url),
    )
    return replace(page, times=times)
