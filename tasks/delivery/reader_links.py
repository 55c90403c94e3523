"""Where the account's name in a Slack message leads: its record in the CRM, and its page of the board."""

from dataclasses import replace
from datetime import datetime
from urllib.parse import quote

from onboarding.messages.posts import Post
from onboarding.review_case import Reviewed
from tasks.runtime.context import RunContext
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
