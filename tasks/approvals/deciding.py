"""The second person's decision: confirm a request, by which the act is done, or refuse it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from database import approvals
from database.acting import acting
from database.onboardings import openings
from database.outbox import planned
from onboarding.acts import Act
from onboarding.effects.approval_note import decided_note
from onboarding.model.identity import one_spelling
from onboarding.model.vocabulary import Channel
from onboarding.orders import FactReport, Order
from onboarding.people.permissions import refusal
from onboarding.permissions.identity import Identity
from onboarding.permissions.second_person import NEEDED, Approval, ApprovalState
from onboarding.sentences.sentence import sentence
from tasks.approvals.adopting import change_playbook, is_of_several
from tasks.approvals.confirmed import Confirmed, with_places
from tasks.commands import deliveries, erasure, facts, onboardings
from tasks.runtime.context import RunContext
from tasks.runtime.refusals import Refused

CarryOut = Callable[[RunContext, Order, Approval], Confirmed]


def confirm(context: RunContext, person: Identity, id_: str, now: datetime) -> Confirmed:
    """Confirm a request and do what it asks, in the name of whoever asked; return what was done and what was not.

    The decision is stored in the transaction of the act, so that it is done once: a second confirmation, also one at
    the same moment, is refused. An act of several transactions that was interrupted goes on when the same person
    confirms again, until the request expires. Raises Refused, NotFound.
    """
    request = _found(context, id_)
    because = request.why_not(person, now) or refusal(context.team, person, NEEDED[request.act])
    if because is not None:
        raise Refused(because)
    guard = _decided(request, person, now)
    order = Order(by=request.asked_by, now=now, reason=request.reason, guard=guard)
    with acting({person.name: person.how, request.asked_by: request.asked_known}):
        return CARRIED_OUT[request.act](context, order, request)


def refuse(context: RunContext, order: Order, person: Identity, id_: str) -> str:
    """Refuse a request, or take back one's own; nothing of it is done. Raises Refused."""
    request = _found(context, id_)
    own = one_spelling(request.asked_by) == one_spelling(person.name)
    because = None if own else refusal(context.team, person, NEEDED[request.act])
    if because is not None:
        raise Refused(because)
    with context.database.writing() as conn:
        if not request.is_open(order.now) or not _decide(conn, request, ApprovalState.REFUSED, person, order.now):
            raise Refused(sentence("replies.request_over", id=id_))
    return sentence("replies.request_taken_back" if own else "replies.request_refused", what=request.said)


def _found(context: RunContext, id_: str) -> Approval:
    with context.database.reading() as conn:
        request = approvals.find(conn, id_.strip().lower())
    if request is None:
        raise Refused(sentence("replies.request_unknown", id=id_))
    return request


def _decide(conn: Connection, request: Approval, state: ApprovalState, person: Identity, now: datetime) -> bool:
    """Store the decision with the edit of the message that asked; return False where another one was made before."""
    if not approvals.decide(conn, request, state, person.name, now):
        return False
    planned.plan(conn, [(None, decided_note(request, now))], now)
    return True


def _decided(request: Approval, person: Identity, now: datetime) -> Callable[[Any, str], None]:
    """Return a guard that stores the decision in the transaction of the act."""
    state = ApprovalState.CONFIRMED if is_of_several(request) else ApprovalState.DONE

    def guard(conn: Any, key: str) -> None:
        goes_on = request.state is ApprovalState.CONFIRMED
        if not goes_on and not _decide(conn, request, state, person, now):
            raise Refused(sentence("replies.request_decided", id=request.id))

    return guard


def _skip_stage(context: RunContext, order: Order, request: Approval) -> Confirmed:
    def guard(conn: Any, key: str) -> None:
        if (stage := openings.stage_of(conn, key)) != request.words["stage"]:
            raise Refused(f"it is in {stage.value.replace('_', ' ')} now, not where it was when this was asked for")
        order.guard(conn, key)

    return Confirmed(onboardings.skip_stage(context, replace(order, guard=guard), request.onboarding_key or ""))


def _waive(context: RunContext, order: Order, request: Approval) -> Confirmed:
    report = FactReport(by=order.by, now=order.now, guard=order.guard)
    name, why = request.words["milestone"], request.words["why"]
    return Confirmed(facts.waive_milestone(context, report, request.onboarding_key or "", name, why))


def _close(context: RunContext, order: Order, request: Approval) -> Confirmed:
    return Confirmed(onboardings.close(context, order, request.onboarding_key or "", request.words["as"]))


def _retier(context: RunContext, order: Order, request: Approval) -> Confirmed:
    return Confirmed(onboardings.retier(context, order, request.onboarding_key or "", request.words["to"]))


def _stop(context: RunContext, order: Order, request: Approval) -> Confirmed:
    return Confirmed(deliveries.stop(context, order, _channel(request)))


def _start(context: RunContext, order: Order, request: Approval) -> Confirmed:
    return Confirmed(deliveries.start(context, order, _channel(request)))


def _channel(request: Approval) -> Channel | None:
    return Channel(request.words["channel"]) if request.words["channel"] else None


def _forget(context: RunContext, order: Order, request: Approval) -> Confirmed:
    done = erasure.forget(context, order, request.words["person"])
    left = sum(done.after.values())
    said = f"Forgotten: {done.records} records erased, {done.mails} mails emptied; {left} traces left."
    return with_places(said, done.after)


CARRIED_OUT: Mapping[Act, CarryOut] = {
    Act.SKIP_STAGE: _skip_stage,
    Act.NOT_APPLICABLE: _waive,
    Act.CLOSE: _close,
    Act.ADOPT_PLAYBOOK: change_playbook,
    Act.RETIER: _retier,
    Act.STOP: _stop,
    Act.START: _start,
    Act.FORGET: _forget,
}
