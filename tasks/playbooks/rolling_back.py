"""Takes adoptions of playbook versions back: dates and owed work as before, what was sent stays sent."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from config.files.mistakes import PlaybookError
from database.onboardings import saves
from database.playbooks import adoptions, restoring
from onboarding.facts.tiers import PlaybookPolicy
from onboarding.model.review import Decision
from onboarding.orders import Order
from onboarding.playbook_changes.adoption import with_rows_closed
from onboarding.review_case import review
from tasks.playbooks.adopting import MOST_READINGS, Overtaken, write_policy
from tasks.playbooks.planning import Planner, planner_of
from tasks.runtime.context import RunContext
from tasks.runtime.refusals import Refused
from tasks.runtime.reports import Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class RolledBack:
    """The result of taking adoptions back."""

    done: tuple[tuple[str, str], ...] = ()
    """Key and version of what was taken back."""
    failures: tuple[Failure, ...] = ()
    """Onboardings that stay on their version, each with the reason."""
    closed: tuple[tuple[str, str], ...] = ()
    """Key and status of those of the newest adoption that were completed or closed since, and stay as they are."""


def roll_back(context: RunContext, order: Order, keys: Sequence[str] | None) -> RolledBack:
    """Take back the latest adoption of each of these onboardings, or (None) the newest adoption of all: what moved with
    one plan. Each onboarding has a transaction of its own.

    Facts recorded since stay, and what was sent stays sent: the rest is as if the version had not been adopted. Safe
    to interrupt: an onboarding is on one version or on the other. One whose policy is to follow is pinned.
    """
    planner, done, failures = planner_of(context, order.now), [], []
    closed: tuple[tuple[str, str], ...] = ()
    if keys is None:
        with context.database.reading() as conn:
            keys, closed = adoptions.newest_adoption(conn)
    for key in keys:
        try:
            done.append((key, _roll_back_one(context, planner, order, key)))
        except (Refused, Overtaken, PlaybookError) as why:
            failures.append(Failure(where=key, error=str(why)))
    return RolledBack(done=tuple(done), failures=tuple(failures), closed=closed)


def _roll_back_one(context: RunContext, planner: Planner, order: Order, key: str) -> str:
    for _ in range(MOST_READINGS):
        try:
            with context.database.writing() as conn:
                return _restore(conn, planner, order, key)
        except Overtaken:
            continue
    raise Overtaken("others kept changing it; try again")


def _restore(conn: Connection, planner: Planner, order: Order, key: str) -> str:
    """Restore one onboarding in the transaction of ``conn``. Raises Refused, Overtaken; nothing is saved then."""
    saves.lock(conn, key)
    order.guard(conn, key)
    known, found = adoptions.latest(conn, key), planner.load(conn, [key]).get(key)
    if known is None or found is None:
        raise Refused("it has adopted no version that could be taken back")
    if not known.can_be_taken_back(found.progress.status):
        raise Refused(f"it is {found.progress.status}; only one in flight can be taken back")
    old = planner.version(conn, known.playbook)
    if found.progress.tier != old.playbook.tier:
        raise Refused(f"its tier is {found.progress.tier} now, and the version before is one of {old.playbook.tier}")
    if adoptions.is_busy(conn, key, known.renames.back().kinds):
        raise Refused("a message of a step with another name is being sent this moment; try again")
    owed = restoring.open_milestones(conn, key)
    restoring.restore(conn, key, known)
    reviewed = review(planner.load(conn, [key])[key], old.playbook, order.now, frozenset())
    gone = owed - {milestone.name for milestone in reviewed.review.milestones}
    reviewed = with_rows_closed(reviewed, gone, order.now)
    because = f"taken back, from {found.progress.playbook}: {order.reason}"
    decision = Decision(kind="playbook", about=old.hash, because=because)
    decided = replace(reviewed.review, decisions=(decision, *reviewed.review.decisions))
    if saves.save(conn, [(decided, reviewed.summary)], as_of=order.now, by=order.by):
        raise Overtaken("others changed it meanwhile")
    adoptions.drop_latest(conn, key, order.now)
    if planner.policy_of(key, old.playbook.tier, adoptions.policies(conn)) is not PlaybookPolicy.PIN:
        pinned = replace(order, reason="else it would follow again")
        write_policy(conn, pinned, key, PlaybookPolicy.PIN)
    return known.playbook
