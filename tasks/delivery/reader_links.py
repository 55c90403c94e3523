"""The links of a message: to the record in the CRM, to the reader's page of the board, to the customer's plan page."""

from dataclasses import replace
from datetime import datetime
from urllib.parse import quote

from onboarding.messages.posts import Post
from onboarding.review_case import Reviewed
from onboarding.shared_plan.links import link_number, page_closed, page_reader
from tasks.runtime.context import RunContext
from tasks.runtime.links import Link, plan_url
from tasks.views.readers import board_url


def crm_link(context: RunContext, account_id: str) -> str | None:
    """Return the web address of the account in the CRM; None for a folder of files."""
    address = context.settings.crm.web_address
    return f"{address}/{account_id}" if address else None


def with_page(context: RunContext, post: Post, found: Reviewed, reader_id: str, as_of: datetime) -> Post:
    """Return a post that leads to the account's page by the reader's own link; unchanged for a channel, whose readers
    are several, and where no public address is set."""
    reader = found.case.owners.get(reader_id)
    if reader is None:
        return post
    url = board_url(context, reader.email, as_of, f"/{quote(found.case.key, safe='')}")
    return replace(post, page=url or None)


def plan_link_of(context: RunContext, found: Reviewed, person_id: str, as_of: datetime) -> str:
    """Return the address of the person's plan page; empty where they may have none, and where no public address is
    set or mail is redirected."""
    case, review = found.case, found.review
    if page_closed(review.progress, as_of) or page_reader(case, review.state, person_id, as_of) is None:
        return ""
    return plan_url(context.settings, Link(person_id, case.key), link_number(case.facts, person_id, as_of), as_of)
