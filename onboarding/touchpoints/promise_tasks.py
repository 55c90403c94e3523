"""Tasks about what the customer was promised: for the owner, and in the digest of the seller who promised it (SX-4)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from onboarding.facts.promises import due_from
from onboarding.model.review import Task
from onboarding.model.state import Promise
from onboarding.model.vocabulary import PromiseState, Stage, VendorRole
from onboarding.sentences.sentence import quoted, sentence
from onboarding.touchpoints.context import TouchpointContext

TOLD_FOR = timedelta(days=7)
"""How long a broken promise, and what is open at the end, stays in the digest. This project's choice."""


def promise_tasks(context: TouchpointContext) -> Iterator[Task]:
    """Yield what is to be done about promises: each that is about to be due or overdue, all open ones at the
    transition, and what was broken lately, which its seller is told. Where customers serve themselves nobody else was
    part of it, so the seller says what came of the promises."""
    opened = [promise for promise in context.state.promises if promise.state is PromiseState.OPEN]
    for promise in opened:
        times = due_from(promise, context.case)
        if times is not None and context.now >= times[0]:
            yield from _due(promise, times[1] <= context.now)
    ends_at = _told_until(context.progress.stage_times.get(Stage.DONE))
    if opened and _at_transition(context):
        named = tuple(quoted(promise.text) for promise in opened)
        text = sentence("tasks.promises_at_transition", promises=named, count=len(opened))
        who = VendorRole.ACCOUNT_EXECUTIVE if context.playbook.serves_itself else VendorRole.CSM
        yield Task(role=who.value, about="promises:transition", text=text, until=ends_at)
    for promise in context.state.promises:
        if (
            promise.state is PromiseState.BROKEN
            and _lately(promise.settled_at, context.now)
            and promise.source == "sales"
        ):
            by = promise.settled_by or sentence("terms.somebody")
            text = sentence("tasks.promise_broken", promise=quoted(promise.text), person=by)
            told_until = _told_until(promise.settled_at)
            yield Task(
                role=VendorRole.ACCOUNT_EXECUTIVE.value,
                about=f"promise:{promise.id}:broken",
                text=text,
                due_at=promise.settled_at,
                until=told_until,
            )


def _due(promise: Promise, overdue: bool) -> Iterator[Task]:
    day, said = promise.due or "", quoted(promise.text)
    key = "tasks.promise_was_due" if overdue else "tasks.promise_due"
    text = sentence(key, id=promise.id, promise=said, day=day)
    about = f"promise:{promise.id}"
    yield Task(role=VendorRole.CSM.value, about=about, text=text, is_overdue=overdue)
    if promise.source == "sales" and overdue:
        text = sentence("tasks.promise_open", promise=said, day=day)
        yield Task(role=VendorRole.ACCOUNT_EXECUTIVE.value, about=about, text=text, is_overdue=True)


def _at_transition(context: TouchpointContext) -> bool:
    """Return whether first value is reached and the customer is being handed on, or was within the last week."""
    progress = context.progress
    if progress.stage is Stage.DONE:
        return _lately(progress.stage_times.get(Stage.DONE), context.now)
    return progress.stage is Stage.FIRST_VALUE and context.state.activated_at is not None


def _told_until(at: datetime | None) -> datetime | None:
    """Return from when what ended at ``at`` is no longer told; None while it has not ended."""
    return None if at is None else at + TOLD_FOR


def _lately(at: datetime | None, now: datetime) -> bool:
    return at is not None and at <= now < at + TOLD_FOR
