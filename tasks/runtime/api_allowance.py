"""The CRM's daily allowance of API calls: while little is left the CRM is read seldom, and ops are told once a day."""

import json
from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import Connection

from database import key_values
from database.key_values import KeyValue
from database.onboardings import overview
from database.outbox import planned
from integrations.ports import Allowance
from onboarding.messages.notes import note
from onboarding.messages.posts import Post
from tasks.runtime.context import RunContext

SLOW_EVERY = timedelta(hours=1)
"""How often the CRM is read while little of the allowance is left. Our choice; reading an org costs some ten calls."""


def note_allowance(conn: Connection, context: RunContext, as_of: datetime) -> None:
    """Keep what the CRM's last response said of its allowance. Safe to repeat."""
    now = context.crm.allowance()
    if now is not None:
        key_values.write(
            conn, key_values.ALLOWANCE, json.dumps({**asdict(now), "low": now.is_low, "left": now.left}), as_of
        )


def rests(kept: KeyValue | None, as_of: datetime) -> bool:
    """Return whether it is too early to read the CRM again: little of the allowance was left when it was last ``kept``.
    CRM rows that are due are written all the same."""
    return kept is not None and _read(kept.value).is_low and timedelta(0) <= as_of - kept.at < SLOW_EVERY


def tell_of_allowance(context: RunContext, as_of: datetime) -> None:
    """Plan one message a day (in UTC) to ops while little is left. Safe to repeat: its key is the day."""
    if not context.crm.by_change:
        return
    with context.database.reading() as conn:
        kept = key_values.read(conn, key_values.ALLOWANCE)
        if kept is None or not (allowance := _read(kept.value)).is_low:
            return
        because = f"{allowance.left} percent of the CRM's daily calls are left"
        effect = note("allowance", f"{as_of:%Y-%m-%d}", _post(allowance), because, as_of)
        if overview.existing_effects(conn, [effect.key]):
            return
    with context.database.writing() as conn:
        planned.plan(conn, [(None, effect)], as_of)


def _post(allowance: Allowance) -> Post:
    return Post(
        headline=f"Salesforce: {allowance.left} % of the org's API calls of 24 hours are left",
        facts=(("Used by all programs", f"{allowance.used:,} of {allowance.limit:,}"),),
        lines=(
            f"Below {allowance.floor} % first90 looks at the org once an hour only; what it owes is still written.",
            "Find out in Salesforce which program uses the calls, or buy more.",
        ),
        footer="FIRST90_SALESFORCE_API_FLOOR sets the limit.",
    )


def _read(text: str) -> Allowance:
    kept = json.loads(text)
    return Allowance(used=kept["used"], limit=kept["limit"], floor=kept["floor"])
