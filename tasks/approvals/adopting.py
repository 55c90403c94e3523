"""Carries out the adoption of playbook versions that a second person confirmed: what was asked for, and no more."""

from database import approvals
from onboarding.orders import Order
from onboarding.permissions.second_person import Approval, ApprovalState
from onboarding.playbook_changes.asked import from_text, still_asked
from tasks.approvals.confirmed import Confirmed, with_rest
from tasks.playbooks.adopting import adopt
from tasks.playbooks.planning import planner_of
from tasks.runtime.context import RunContext
from tasks.runtime.refusals import Refused


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
