"""Moves onboardings in flight to the newest version of their tier's playbook, exactly as planned."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from config.files.mistakes import PlaybookError
from database import key_values
from database.onboardings import openings, saves
from database.playbooks import adoptions
from onboarding.facts.tiers import PlaybookPolicy
from onboarding.model.review import Decision
from onboarding.model.vocabulary import LIVE, Tier
from onboarding.orders import Order
from onboarding.playbook_changes.adoption import moved
from onboarding.playbook_changes.change import Change
from onboarding.playbook_changes.plan import Plan
from onboarding.playbook_changes.renames import NameReused
from tasks.playbooks.planning import Planner, planner_of
from tasks.runtime.context import RunContext
from tasks.runtime.refusals import Refused
from tasks.runtime.reports import Failure

MOST_READINGS = 5
"""How often an onboarding that others keep changing is read before it is left as it is. This project's choice."""
BY_HAND = "adopted by hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """The result of an adoption."""

    done: tuple[Change, ...] = ()
    already: int = 0
    """How many ran on the newest version before."""
    failures: tuple[Failure, ...] = field(default=())
    """Onboardings that stay on their version, each with the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """How an adoption is carried out."""

    because: str
    exact: bool
    """Only where the same still follows as was planned."""
    plan: str
    """The plan's id."""


class Overtaken(Exception):
    """The onboarding was changed by others between reading and saving; nothing of it was saved."""


def plan_adoption(
    context: RunContext, order: Order, keys: Collection[str] | None, tier: Tier | None, wanted: str | None
) -> Plan:
    """Return the plan to be carried out. Raises Refused where ``wanted``, the id of a plan that a person has seen, no
    longer names what would happen."""
    planner = planner_of(context, order.now)
    with context.database.reading() as conn:
        plan = planner.plan(conn, None if wanted else keys, tier)
    if wanted and (why := plan.why_not(wanted)):
        raise Refused(why)
    if keys is None:
        return plan
    if missing := sorted(set(keys) - {one.key for one in plan.changes} - {key for key, _ in plan.failures}):
        of = f" and of tier {tier}" if tier else ""
        raise Refused(f"{', '.join(missing)}: not in flight{of}; only such an onboarding can move to another version")
    return replace(plan, changes=tuple(one for one in plan.changes if one.key in keys))


def adopt(context: RunContext, order: Order, plan: Plan, because: str = BY_HAND, *, exact: bool = False) -> Adopted:
    """Carry out the plan, each onboarding in a transaction of its own; ``exact``: only where the same still follows.

    Nothing is sent by it: what the new version owes is planned by the next run, by the same rules, and what was sent
    stays sent, also under a new name. Safe to repeat and to interrupt: an onboarding is on one version or on the other.
    """
    done, failures = [], [Failure(where=key, error=error) for key, error in plan.failures]
    way = _Way(because=because, exact=exact, plan=plan.id)
    for change in plan.moving:
        try:
            done.append(_adopt_one(context, order, change, way))
        except (Refused, Overtaken, NameReused, PlaybookError) as why:
            failures.append(Failure(where=change.key, error=str(why)))
    already = len(plan.changes) - len(plan.moving)
    return Adopted(done=tuple(done), already=already, failures=tuple(failures))


def _adopt_one(context: RunContext, order: Order, change: Change, way: _Way) -> Change:
    planner = planner_of(context, order.now)
    for _ in range(MOST_READINGS):
        try:
            with context.database.writing() as conn:
                return _move(conn, planner, order, change, way)
        except Overtaken:
            continue
    raise Overtaken("others kept changing it; try again")


def _move(conn: Connection, planner: Planner, order: Order, planned: Change, way: _Way) -> Change:
    """Move one onboarding in the transaction of ``conn``. Raises Refused, Overtaken; nothing is saved then."""
    key = planned.key
    found = planner.load(conn, [key]).get(key)
    if found is None or found.progress.status not in LIVE:
        raise Refused("it is not in flight any more")
    if found.progress.playbook == planned.new:
        return planned
    change = planned
    if found.version != planned.case_version:
        change = planner.change(found, planner.version(conn, found.progress.playbook), planned.policy)
        if way.exact and change.digest != planned.digest:
            raise Refused("something else would follow now than was planned; look at the plan again")
    if adoptions.is_busy(conn, key, change.renames.kinds):
        raise Refused("a message of a step with a new name is being sent this moment; try again")
    newest = planner.library[Tier(change.tier)]
    key_values.keep_playbook(conn, newest.hash, change.tier, newest.content, order.now)
    adoptions.keep(conn, key, adoptions.before(conn, change, way.plan, order.now), order.now)
    adoptions.rename(conn, key, change.renames)
    reviewed = moved(found, planner.newest(Tier(change.tier)), change, order.now)
    decision = Decision(
        kind="playbook", about=newest.hash, because=f"{way.because}, from {change.old}: {change.summary}"
    )
    review = replace(reviewed.review, decisions=(decision, *reviewed.review.decisions))
    if saves.save(conn, [(review, reviewed.summary)], as_of=order.now, by=order.by):
        raise Overtaken("others changed it meanwhile")
    return change


def set_policy(context: RunContext, order: Order, keys: Sequence[str], policy: PlaybookPolicy | None) -> str:
    """Set when these onboardings move to new versions of their playbook; None: as their tier says."""
    with context.database.writing() as conn:
        for key in keys:
            order.guard(conn, key)
            write_policy(conn, order, key, policy)
    return f"New versions of its playbook: {_policy_words(policy)}."


def write_policy(conn: Connection, order: Order, key: str, policy: PlaybookPolicy | None) -> None:
    """Store the policy of an onboarding with its journal line, in the transaction of ``conn``."""
    if policy is None:
        key_values.forget(conn, adoptions.POLICY + key)
    else:
        key_values.write(conn, adoptions.POLICY + key, policy.value, order.now)
    openings.note(conn, [(key, "playbook_policy", _policy_words(policy), order.reason)], at=order.now, by=order.by)


def _policy_words(policy: PlaybookPolicy | None) -> str:
    return policy.value.replace("_", " ") if policy else "as the tier"
