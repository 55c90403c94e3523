"""Opens the plan page that a link is for, in one read transaction."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from config.company.mapping import Direction
from database.onboardings import saves
from database.onboardings.lookup import NotFound
from onboarding.plan_page.context import PageContext
from onboarding.shared_plan.links import link_number, page_closed, page_reader, roles_of
from tasks.runtime.clock import present_in
from tasks.runtime.context import RunContext
from tasks.runtime.links import Link, LinkIncomplete, LinkRefused, read_plan_link
from tasks.views.forecast import with_forecast
from tasks.views.languages import page_language
from tasks.views.picture import Picture, picture_of

if TYPE_CHECKING:
    from sqlalchemy import Connection


class Closed(StrEnum):
    """Why a link opens nothing."""

    UNKNOWN = "unknown"
    """It is none of ours, or not complete."""
    EXPIRED = "expired"
    REVOKED = "revoked"
    OVER = "over"
    """The onboarding is over, or the person has no part in it any more."""


class PageClosed(Exception):
    """A link opens nothing: why, and whose it is, as far as it is known."""

    def __init__(self, why: Closed, link: Link | None = None) -> None:
        super().__init__(why.value)
        self.why, self.link = why, link


@dataclass(frozen=True, slots=True)
class OpenPage:
    """The page of one reader, and the link that opened it."""

    page: PageContext
    link: Link


def open_page(
    context: RunContext, conn: "Connection", token: str, *, forecast: bool = False, locked: bool = False
) -> OpenPage:
    """Return the page that a link opens now, with the ``forecast`` where it is shown. Raises PageClosed. Reads only.

    With ``locked`` nobody else changes its onboarding before this transaction ends.
    """
    now = present_in(conn, context.wall_clock())
    try:
        link, number = read_plan_link(context.settings, token, now)
    except LinkIncomplete:
        raise PageClosed(Closed.UNKNOWN) from None
    except LinkRefused as refused:
        raise PageClosed(Closed.EXPIRED, refused.link) from None
    if locked:
        saves.lock(conn, link.onboarding_key)
    try:
        seen = picture_of(
            conn, link.onboarding_key, context.wall_clock(), asked=now, pilot=context.settings.only_accounts
        )
    except NotFound:
        raise PageClosed(Closed.OVER, link) from None
    if number != link_number(seen.case.facts, link.person_id, now):
        raise PageClosed(Closed.REVOKED, link)
    if page_closed(seen.review.progress, now):
        raise PageClosed(Closed.OVER, link)
    page = page_of(context, with_forecast(conn, seen) if forecast else seen, link.person_id)
    if page is None:
        raise PageClosed(Closed.OVER, link)
    return OpenPage(page, link)


def page_of(context: RunContext, seen: Picture, person_id: str) -> PageContext | None:
    """Return the page of one of the customer's people; None for whoever may open none."""
    reader = page_reader(seen.case, seen.review.state, person_id, seen.now)
    if reader is None:
        return None
    status = context.mapping.write.milestone.get("Status__c")
    return PageContext(
        case=seen.case,
        review=seen.review,
        playbook=seen.playbook,
        now=seen.now,
        reader=reader,
        roles=roles_of(seen.review.state, person_id),
        language=page_language(context, reader, seen.case.account),
        forecast=seen.forecast,
        resources=context.resources,
        company_booking_url=context.team.booking_url or "",
        crm_decides=status is not None and status.direction is Direction.THEIRS,
    )
