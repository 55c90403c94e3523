"""Counts that a reader opened a resource from their plan page, as a signal beside those of the product (SX-12)."""

import json
from hashlib import sha256

from database.events import daily, signals
from database.onboardings import openings
from onboarding.messages.resources import ResourcePart, resource_with
from onboarding.model.identity import one_spelling
from onboarding.model.usage import SignalRecord
from onboarding.plan_page.context import PageContext
from tasks.plan_page.opening import open_page
from tasks.runtime.context import RunContext

SIGNAL = "resource_opened"


def open_resource(context: RunContext, token: str, resource_id: str) -> tuple[PageContext, ResourcePart | None]:
    """Return the reader's page and the resource that they open, None if there is none for them; count it if the brand
    file allows that. Raises PageClosed.

    A resource counts once for a reader and day (UTC), so a repeat changes nothing. Only addresses of the resource file
    are returned, and of those only what the reader's roles may get (SH-4).
    """
    if not context.brand.count_opens:
        with context.database.reading() as conn:
            page = open_page(context, conn, token).page
        return page, resource_with(context.resources, page.roles, page.language, resource_id)
    with context.database.writing() as conn:
        daily.take_usage_turn(conn)  # before the onboarding, as sweeps do
        page = open_page(context, conn, token, locked=True).page
        found = resource_with(context.resources, page.roles, page.language, resource_id)
        if found is not None:
            record = _record(page, resource_id)
            if signals.take_signals(conn, [record]).new:
                by = f"{page.reader.name} on their plan page"
                openings.note(conn, [(page.case.key, "signal", SIGNAL, found.title)], at=page.now, by=by)
                openings.touch(conn, [page.case.key], page.now)
    return page, found


def _record(page: PageContext, resource_id: str) -> SignalRecord:
    account, reader = page.case.account.id, page.reader
    told = json.dumps([account, reader.id, resource_id, page.now.date().isoformat()])
    return SignalRecord(
        key=f"page:{sha256(told.encode()).hexdigest()[:24]}",
        account=account,
        name=SIGNAL,
        at=page.now,
        user=one_spelling(reader.email or reader.id),
        count=1,
    )
