"""Commands on onboardings: hold, skip, reassign, adopt, acknowledge ... Each is noted in the journal.

Each function returns a sentence for the person, and raises Refused or NotFound where nothing was changed. The
onboarding is reviewed at once, so that messages are withheld, dates moved and episodes closed as the command asks.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection

from database import key_values
from database.onboardings import facts, openings, orders, overview
from database.onboardings.lookup import find_onboarding, find_onboardings
from onboarding.facts.tiers import TIER_OPEN
from onboarding.model.case import Fact, Hold
from onboarding.model.vocabulary import LIVE, Stage, Status, Tier, VendorRole
from tasks.commands.deliveries import need
from tasks.review.batches import review_named
from tasks.runtime.context import RunContext
from tasks.runtime.refusals import Guard, Refused, refuse_far, unguarded

SOURCE = "person"
RESUMES = ("shift", "catch-up", "skip")


def hold(
    context: RunContext, wanted: str, *, reason: str, until: datetime | None, resume: str, by: str, now: datetime
) -> str:
    """Put an onboarding on hold, until a moment or until ``resume``: nothing leaves and nothing stalls; facts count."""
    need(reason, "--reason")
    if resume not in RESUMES:
        raise Refused(f"--resume {resume!r} is none of {', '.join(RESUMES)}")
    refuse_far(until, "--until")
    if until is not None and until <= now:
        raise Refused(f"--until {until:%Y-%m-%d %H:%M}Z has passed already; name a later moment")
    with context.database.writing() as conn:
        key = _live(conn, wanted)
        stop_at = Hold(since=now, reason=reason, by=by, until=until, resume=resume)
        if not orders.hold(conn, key, stop_at, now):
            raise Refused("it is on hold already; `first90 resume` ends that")
    review_named(context, [key], now, by)
    return f"On hold{f' until {until.astimezone(UTC):%Y-%m-%d %H:%M}Z' if until else ''}: {reason}"


def resume(context: RunContext, wanted: str, *, by: str, now: datetime) -> str:
    """End a hold; how the time on hold is treated was chosen with the hold."""
    with context.database.writing() as conn:
        key = find_onboarding(conn, wanted)
        if not orders.resume(conn, key, by=by, at=now):
            raise Refused("it is not on hold")
    review_named(context, [key], now, by)
    return "Running again."


def skip_stage(context: RunContext, wanted: str, *, reason: str, by: str, now: datetime) -> str:
    """Leave the present stage although its exit criteria do not hold (ST-6)."""
    need(reason, "--reason")
    with context.database.writing() as conn:
        key = _live(conn, wanted)
        stage = openings.stage_of(conn, key)
        if stage is Stage.DONE:
            raise Refused("all five stages are done; there is nothing to skip")
        _report(conn, key, "skip_stage", stage.value, {"reason": reason}, by, now)
    review_named(context, [key], now, by)
    return f"Skipped {stage.value.replace('_', ' ')}: {reason}"


def reassign(
    context: RunContext,
    wanted: str,
    role: str,
    to: str,
    *,
    reason: str,
    by: str,
    now: datetime,
    guard: Guard = unguarded,
) -> str:
    """Give a vendor role to another user of the CRM; effects that have not left follow at once."""
    if role not in set(VendorRole):
        raise Refused(f"{role!r} is none of our roles; use one of {', '.join(VendorRole)}")
    with context.database.writing() as conn:
        key = _live(conn, wanted)
        guard(conn, key)
        owner = next((one for one in overview.owners(conn).values() if one.email.casefold() == to.casefold()), None)
        if owner is None or not owner.active:
            raise Refused(f"{to} is no active user of the CRM; give the mail address of one")
        _report(conn, key, "reassign", role, {"owner_id": owner.id, "reason": reason}, by, now)
        orders.answered(conn, key, now)
    review_named(context, [key], now, by)
    return f"{role.replace('_', ' ')} is {owner.name} now."


def retier(context: RunContext, wanted: str, to: str, *, reason: str, by: str, now: datetime) -> str:
    """Set the tier by hand, whatever the tier rules say (TI-1)."""
    need(reason, "--reason")
    if to not in set(Tier):
        raise Refused(f"{to!r} is no tier; use one of {', '.join(Tier)}")
    with context.database.writing() as conn:
        key = _live(conn, wanted)
        playbook_version = context.library[Tier(to)]
        key_values.keep_playbook(conn, playbook_version.hash, to, playbook_version.content, now)
        _report(conn, key, "retier", to, {"tier": to, "reason": reason}, by, now)
        orders.unblock(conn, key, TIER_OPEN)
    review_named(context, [key], now, by)
    return f"Tier {to}: {reason}"


def adopt_playbook(context: RunContext, wanted: str, *, by: str, now: datetime) -> str:
    """Move an onboarding to the newest version of its tier's playbook; what was sent stays sent."""
    with context.database.writing() as conn:
        key = _live(conn, wanted)
        tier, running = openings.playbook_of(conn, key)
        playbook_version = context.library[tier]
        if running == playbook_version.hash:
            return f"It runs on the newest {tier} playbook already ({playbook_version.hash})."
        key_values.keep_playbook(conn, playbook_version.hash, tier.value, playbook_version.content, now)
        orders.run_on(conn, key, playbook_version.hash, because="moved to the newest version", by=by, at=now)
    review_named(context, [key], now, by)
    return f"It runs on {tier} playbook {playbook_version.hash} now."


def close(context: RunContext, wanted: str, as_: str, *, reason: str, by: str, now: datetime) -> str:
    """End an onboarding as churned or cancelled; its unsent effects are cancelled."""
    need(reason, "--reason")
    if as_ not in (Status.CHURNED, Status.CANCELLED):
        raise Refused(f"--as {as_!r} is neither churned nor cancelled")
    with context.database.writing() as conn:
        key = _live(conn, wanted)
        orders.close(conn, key, Status(as_), reason=reason, by=by, at=now)
    review_named(context, [key], now, by)
    return f"Closed as {as_}: {reason}"


def adopt(context: RunContext, wanted: Sequence[str] | None, *, welcome: bool, by: str, now: datetime) -> str:
    """Adopt onboardings that were under way (None: all that are blocked): messages whose time has passed are skipped.

    The welcome is skipped too; with ``welcome``, onboardings of which nothing was sent begin with it.
    """
    with context.database.writing() as conn:
        keys = openings.blocked_keys(conn) if wanted is None else find_onboardings(conn, wanted)
        taken = [key for key in keys if orders.adopt(conn, key, by=by, at=now, begin=welcome)]
        if welcome:
            for key in keys:
                _report(conn, key, "adopt", "welcome", {"welcome": True}, by, now)
    review_named(context, keys, now, by)
    said = f"{len(taken)} taken over; {len(keys) - len(taken)} were ours already."
    return f"{said} The welcome goes out with the next run, where none has." if welcome and keys else said


def ack(context: RunContext, wanted: str, *, by: str, now: datetime, guard: Guard = unguarded) -> str:
    """Acknowledge a stall: a person takes care of it, and its ladder pauses."""
    with context.database.writing() as conn:
        key = find_onboarding(conn, wanted)
        guard(conn, key)
        _need_episode(orders.acknowledge(conn, key, by=by, at=now))
    review_named(context, [key], now, by)
    return "Acknowledged: it rests before it climbs."


def snooze(
    context: RunContext, wanted: str, until: datetime, *, by: str, now: datetime, guard: Guard = unguarded
) -> str:
    """Send nothing about the stall until ``until`` (aware)."""
    refuse_far(until, "--until")
    if until <= now:
        raise Refused(f"--until {until:%Y-%m-%d %H:%M}Z has passed already; name a later moment")
    with context.database.writing() as conn:
        key = find_onboarding(conn, wanted)
        guard(conn, key)
        _need_episode(orders.snooze(conn, key, until, by=by, at=now))
    review_named(context, [key], now, by)
    return f"It rests until {until.astimezone(UTC):%Y-%m-%d %H:%M}Z."


def resolve(context: RunContext, wanted: str, *, reason: str, by: str, now: datetime) -> str:
    """Close the stall for this reason; the same cause does not open another until it changes."""
    need(reason, "--reason")
    with context.database.writing() as conn:
        key = find_onboarding(conn, wanted)
        _need_episode(orders.resolve(conn, key, reason=reason, by=by, at=now))
    review_named(context, [key], now, by)
    return f"Resolved: {reason}"


def _live(conn: Connection, wanted: str) -> str:
    key = find_onboarding(conn, wanted)
    status = openings.status_of(conn, key)
    if status not in LIVE:
        raise Refused(f"this onboarding is {status}; only one that is under way can be changed so")
    return key


def _report(conn: Connection, key: str, kind: str, name: str, value: dict[str, Any], by: str, now: datetime) -> None:
    said = json.dumps([now.isoformat(), value], sort_keys=True)
    fact = Fact(
        key=f"{SOURCE}:{kind}:{name}:{sha256(said.encode()).hexdigest()[:20]}",
        kind=kind,
        name=name,
        at=now,
        learned_at=now,
        source=SOURCE,
        by=by,
        value=value,
    )
    facts.add(conn, key, [fact], now)
    openings.note(conn, [(key, kind, name, str(value.get("reason") or ""))], at=now, by=by)


def _need_episode(numbers: Iterable[int]) -> None:
    if not tuple(numbers):
        raise Refused("nothing is escalated for it; `first90 status --stalled` lists what is")
