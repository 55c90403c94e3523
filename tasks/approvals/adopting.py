"""Carries out what a second person confirmed about playbook versions: what was asked for, and no more."""

import json
from dataclasses import replace
from typing import Any

from database import approvals
from database.playbooks import adoptions
from onboarding.acts import Act
from onboarding.facts.tiers import PlaybookPolicy
from onboarding.orders import Order
from onboarding.permissions.second_person import Approval, ApprovalState
from onboarding.playbook_changes.asked import from_text, still_asked
from tasks.approvals.confirmed import Confirmed, with_rest
from tasks.playbooks.adopting import adopt, set_policy
from tasks.playbooks.planning import planner_of
from tasks.playbooks.rolling_back import roll_back
from tasks.runtime.context import RunContext
from tasks.runtime.refusals import Refused


def is_of_several(request: Approval) -> bool:
    """Return whether the act has a transaction for each onboarding, so that it can be interrupted between two."""
    return request.act is Act.ADOPT_PLAYBOOK and "policy" not in request.words


def change_playbook(context: RunContext, order: Order, request: Approval) -> Confirmed:
    """Adopt, take back or follow, as the request says. Raises Refused where nothing can be done."""
    if "policy" in request.words:
        policy = None if request.words["policy"] == "tier" else PlaybookPolicy(request.words["policy"])
        return Confirmed(set_policy(context, order, [request.onboarding_key or ""], policy))
    return (roll_back_as_asked if "back" in request.words else adopt_as_asked)(context, order, request)


def roll_back_as_asked(context: RunContext, order: Order, request: Approval) -> Confirmed:
    """Take back the adoptions that the request names; an onboarding that has adopted another version since stays.

    Safe to interrupt and to repeat, as ``adopt_as_asked``.
    """
    asked = {key: (at, plan) for key, at, plan in json.loads(request.words["back"])}

    def guard(conn: Any, key: str) -> None:
        known = adoptions.latest(conn, key)
        if known is None or (known.at, known.plan) != asked[key]:
            raise Refused("its last adoption is not the one that was to be taken back")

    with context.database.writing() as conn:
        order.guard(conn, "")
    done = roll_back(context, replace(order, guard=guard), sorted(asked))
    with context.database.writing() as conn:
        approvals.finish(conn, request.id)
    return with_rest(f"{len(done.done)} taken back.", [(one.where, one.error) for one in done.failures])


def adopt_as_asked(context: RunContext, order: Order, request: Approval) -> Confirmed:
    """Move the onboardings that the request names, where the same follows as when it was asked for.

    Each is moved in a transaction of its own. The request ends once all were tried, so that it moves nothing later; one
    that was interrupted before goes on with the same onboardings and versions. Raises Refused where nothing can be
    done, and the request then waits as before.
    """
    asked = from_text(request.words.get("moves", "[]"))
    with context.database.reading() as conn:
        plan = planner_of(context, order.now).plan(conn, [one.key for one in asked])
    still = still_asked(asked, plan)
    if request.state is ApprovalState.ASKED and not (still.plan.changes or still.already):
        raise Refused(f"nothing of it can be done: {'; '.join(f'{key}: {why}' for key, why in still.left[:3])}")
    with context.database.writing() as conn:
        order.guard(conn, "")
    done = adopt(context, order, still.plan, exact=True)
    with context.database.writing() as conn:
        approvals.finish(conn, request.id)
    said = f"{len(done.done)} moved; {still.already} ran on the version that was asked for already."
    return with_rest(said, [*still.left, *((one.where, one.error) for one in done.failures)])
