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

from config.files.tier_names import UnknownTier
from database import key_values
from database.onboardings import facts, openings, orders, overview, waiting
from database.onboardings.lookup import find_onboarding, find_onboardings
from onboarding.facts.tiers import TIER_OPEN
from onboarding.model.case import Fact, Hold
from onboarding.model.vocabulary import LIVE, FactKind, Stage, Status, VendorRole
from onboarding.orders import Order
from onboarding.people.owners import owner_of
from onboarding.sentences.sentence import begun, sentence
from onboarding.sentences.terms import status_name
from tasks.commands.deliveries import need_reason
from tasks.review.batches import review_named
from tasks.review.first_drafts import note_first_customers
from tasks.runtime.context import RunContext
from tasks.runtime.refusals import Refused, refuse_far

SOURCE = "person"
RESUMES = ("shift", "catch-up", "skip")


def hold(context: RunContext, order: Order, wanted: str, *, until: datetime | None, resume: str) -> str:
    """Put an onboarding on hold, until a moment or until ``resume``: nothing leaves and nothing stalls; facts count.
    One that is completed keeps its status, and its tracks rest."""
    need_reason(order)
    if resume not in RESUMES:
        raise Refused(f"--resume {resume!r} is none of {', '.join(RESUMES)}")
    refuse_far(until, "--until")
    if until is not None:
        _refuse_passed(until, order)
    with context.database.writing() as conn:
        key = _begun(conn, wanted)
        order.guard(conn, key)
        stop_at = Hold(since=order.now, reason=order.reason, by=order.by, until=until, resume=resume)
        if not orders.hold(conn, key, stop_at, order.now):
            raise Refused(sentence("replies.held_already"))
    review_named(context, [key], order.now, order.by)
    return f"On hold{f' until {until.astimezone(UTC):%Y-%m-%d %H:%M}Z' if until else ''}: {order.reason}"


def resume(context: RunContext, order: Order, wanted: str) -> str:
    """End a hold; how the time on hold is treated was chosen with the hold."""
    with context.database.writing() as conn:
        key = find_onboarding(conn, wanted)
        order.guard(conn, key)
        if not orders.resume(conn, key, order):
            raise Refused(sentence("replies.not_held"))
    review_named(context, [key], order.now, order.by)
    return sentence("replies.running")


def skip_stage(context: RunContext, order: Order, wanted: str) -> str:
    """Leave the present stage although its exit criteria do not hold (ST-6)."""
    need_reason(order)
    with context.database.writing() as conn:
        key = _live(conn, wanted)
        order.guard(conn, key)
        stage = openings.stage_of(conn, key)
        if stage is Stage.DONE:
            raise Refused("all five stages are done; there is nothing to skip")
        _report(conn, key, _fact(order, FactKind.SKIP_STAGE, stage.value, {"reason": order.reason}))
    review_named(context, [key], order.now, order.by)
    return f"Skipped {stage.value.replace('_', ' ')}: {order.reason}"


def reassign(context: RunContext, order: Order, wanted: str, role: str, to: str) -> str:
    """Give a vendor role to another user of the CRM; effects that have not left follow at once."""
    if role not in set(VendorRole):
        raise Refused(f"{role!r} is none of our roles; use one of {', '.join(VendorRole)}")
    with context.database.writing() as conn:
        key = _begun(conn, wanted)
        order.guard(conn, key)
        owner = owner_of(overview.owners(conn), to)
        if owner is None or not owner.active:
            raise Refused(sentence("replies.no_active_user", email=to))
        _report(conn, key, _fact(order, FactKind.REASSIGN, role, {"owner_id": owner.id, "reason": order.reason}))
        orders.answered(conn, key, order.now)
    review_named(context, [key], order.now, order.by)
    return sentence("replies.reassigned", role=begun(sentence(f"terms.role_{role}")), person=owner.name)


def retier(context: RunContext, order: Order, wanted: str, to: str) -> str:
    """Set the tier by hand, whatever the tier rules say (TI-1)."""
    need_reason(order)
    try:
        tier = context.library.tier_named(to)
    except UnknownTier as error:
        raise Refused(str(error)) from None
    with context.database.writing() as conn:
        key = _live(conn, wanted)
        order.guard(conn, key)
        playbook_version = context.library[tier]
        key_values.keep_playbook(conn, playbook_version.hash, tier, playbook_version.content, order.now)
        _report(conn, key, _fact(order, FactKind.RETIER, tier, {"tier": tier, "reason": order.reason}))
        orders.unblock(conn, key, TIER_OPEN)
    review_named(context, [key], order.now, order.by)
    return f"Tier {tier}: {order.reason}"


def close(context: RunContext, order: Order, wanted: str, as_: str) -> str:
    """End an onboarding as churned or cancelled; its unsent effects are cancelled. One that is completed
    ends as churned alone, with its tracks."""
    need_reason(order)
    if as_ not in (Status.CHURNED, Status.CANCELLED):
        raise Refused(f"--as {as_!r} is neither churned nor cancelled")
    with context.database.writing() as conn:
        key = _begun(conn, wanted)
        if as_ == Status.CANCELLED and openings.status_of(conn, key) is Status.COMPLETED:
            raise Refused("its five stages are done, so nothing is cancelled; use --as churned, or `first90 hold`")
        order.guard(conn, key)
        orders.close(conn, key, Status(as_), order)
    review_named(context, [key], order.now, order.by)
    return f"Closed as {as_}: {order.reason}"


def adopt(context: RunContext, order: Order, wanted: Sequence[str] | None, *, welcome: bool) -> str:
    """Adopt onboardings that were under way (None: all that are blocked): messages whose time has passed are skipped.

    The welcome is skipped too; with ``welcome``, onboardings of which nothing was sent begin with it.
    """
    with context.database.writing() as conn:
        keys = openings.blocked_keys(conn) if wanted is None else find_onboardings(conn, wanted)
        taken = [key for key in keys if orders.adopt(conn, key, order, begin=welcome)]
        assumed = waiting.assumed_tiers(conn, taken)
        waiting.keep_tiers(conn, assumed, f"kept by {order.by} with the adoption")
        note_first_customers(conn, context, assumed, order.now)
        if welcome:
            for key in keys:
                _report(conn, key, _fact(order, FactKind.ADOPT, "welcome", {"welcome": True}))
    review_named(context, keys, order.now, order.by)
    said = f"{len(taken)} taken over; {len(keys) - len(taken)} were ours already."
    return f"{said} The welcome goes out with the next run, where none has." if welcome and keys else said


def ack(context: RunContext, order: Order, wanted: str) -> str:
    """Acknowledge a stall: a person takes care of it, and its ladder pauses."""
    with context.database.writing() as conn:
        key = find_onboarding(conn, wanted)
        order.guard(conn, key)
        _need_episode(orders.acknowledge(conn, key, order))
    review_named(context, [key], order.now, order.by)
    return sentence("replies.acknowledged")


def snooze(context: RunContext, order: Order, wanted: str, until: datetime) -> str:
    """Send nothing about the stall until ``until`` (aware)."""
    refuse_far(until, "--until")
    _refuse_passed(until, order)
    with context.database.writing() as conn:
        key = find_onboarding(conn, wanted)
        order.guard(conn, key)
        _need_episode(orders.snooze(conn, key, until, order))
    review_named(context, [key], order.now, order.by)
    return f"It rests until {until.astimezone(UTC):%Y-%m-%d %H:%M}Z."


def resolve(context: RunContext, order: Order, wanted: str) -> str:
    """Close the stall for this reason; the same cause does not open another until it changes."""
    need_reason(order)
    with context.database.writing() as conn:
        key = find_onboarding(conn, wanted)
        order.guard(conn, key)
        _need_episode(orders.resolve(conn, key, order))
    review_named(context, [key], order.now, order.by)
    return sentence("replies.resolved", reason=order.reason)


def _live(conn: Connection, wanted: str) -> str:
    return _begun(conn, wanted, LIVE)


def _begun(conn: Connection, wanted: str, among: frozenset[Status] = LIVE | {Status.COMPLETED}) -> str:
    """Return the key of an onboarding of which something may still leave: after completion its tracks go on."""
    key = find_onboarding(conn, wanted)
    status = openings.status_of(conn, key)
    if status not in among:
        raise Refused(sentence("replies.not_under_way", status=status_name(status)))
    return key


def _refuse_passed(until: datetime, order: Order) -> None:
    if until <= order.now:
        raise Refused(sentence("replies.until_passed", until=f"{until:%Y-%m-%d %H:%M}Z"))


def _fact(order: Order, kind: FactKind, name: str, value: dict[str, Any]) -> Fact:
    said = json.dumps([order.now.isoformat(), value], sort_keys=True)
    return Fact(
        key=f"{SOURCE}:{kind}:{name}:{sha256(said.encode()).hexdigest()[:20]}",
        kind=kind,
        name=name,
        at=order.now,
        learned_at=order.now,
        source=SOURCE,
        by=order.by,
        value=value,
    )


def _report(conn: Connection, key: str, fact: Fact) -> None:
    facts.add(conn, key, [fact], fact.learned_at)
    line = (key, fact.kind.value, fact.name, str(fact.value.get("reason") or ""))
    openings.note(conn, [line], at=fact.learned_at, by=fact.by)


def _need_episode(numbers: Iterable[int]) -> None:
    if not tuple(numbers):
        raise Refused(sentence("replies.nothing_escalated"))
