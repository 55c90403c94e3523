"""Moves onboardings to new versions of their playbook by themselves, where their policy says so."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from config.playbook_library.library import tiers_content
from database import key_values
from database.onboardings.openings import onboardings_of
from database.playbooks import adoptions
from database.playbooks import versions as kept
from database.playbooks.versions import Running, in_flight, newest_since
from onboarding.facts.tiers import PlaybookPolicy
from onboarding.orders import Order
from tasks.playbooks.adopting import Adopted, adopt
from tasks.playbooks.planning import planner_of
from tasks.runtime.context import RunContext
from tasks.runtime.scope import Scope


def note_newest(conn: Connection, context: RunContext, as_of: datetime) -> None:
    """Keep the playbooks and tier rules in use, and which they are, from the first run that sees them. Safe to
    repeat."""
    versions = context.library.playbook_versions
    kept.note_tiers(conn, tiers_content(context.library.tiers), as_of)
    if kept.note_newest(conn, {tier: one.hash for tier, one in versions.items()}, as_of):
        for tier, one in versions.items():
            key_values.keep_playbook(conn, one.hash, tier, one.content, as_of)


def follow_playbooks(context: RunContext, as_of: datetime, scope: Scope) -> Adopted:
    """Adopt the newest version for the onboardings of ``scope`` whose policy is to follow, as a person would.

    Safe to repeat and beside other runs: each is moved once, in a transaction of its own.
    """
    planner = planner_of(context, as_of)
    with context.database.reading() as conn:
        own = adoptions.policies(conn)
        if {*context.library.tiers.on_playbook_change.values(), *own.values()} <= {PlaybookPolicy.PIN}:
            return Adopted()
        named = None if scope.accounts is None else onboardings_of(conn, accounts=scope.accounts)
        since = newest_since(conn)
        newest = [one.hash for one in context.library.playbook_versions.values()]
        following = {
            one.key
            for one in in_flight(conn, named, newest)
            if one.tier and _follows(one, planner.policy_of(one.key, one.tier, own), since)
        }
        if not following:
            return Adopted()
        plan = planner.plan(conn, following)
    return adopt(context, Order(by=scope.by, now=as_of), plan, "followed, as its policy says")


def _follows(one: Running, policy: PlaybookPolicy, since: Mapping[str, datetime]) -> bool:
    """Return whether it moves now: at once, or because it entered its stage after the version became the newest."""
    if policy is not PlaybookPolicy.FOLLOW_NEXT_STAGE:
        return policy is PlaybookPolicy.FOLLOW
    newest_at = since.get(one.tier or "")
    return newest_at is not None and one.entered_at is not None and one.entered_at > newest_at
