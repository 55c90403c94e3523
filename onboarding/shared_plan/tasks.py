"""Tasks that follow from what readers of the plan page said, until one of the vendor's people has answered. Pure."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from onboarding.model.case import Fact
from onboarding.model.review import Task
from onboarding.model.vocabulary import FactKind, VendorRole
from onboarding.review_context import ReviewContext
from onboarding.sentences.sentence import of_playbook, sentence
from onboarding.shared_plan.named import waiting_for_us
from onboarding.shared_plan.passed_calls import passed_calls
from onboarding.shared_plan.said import call_proposal, day_of, said_of_work
from onboarding.shared_plan.words import sentence as said_sentence

TOLD_FOR = timedelta(days=30)
"""How long such a task stays. This project's choice."""


def answer_tasks(context: ReviewContext) -> Iterator[Task]:
    """Yield a task for each person to be confirmed, date to be agreed, blocker to be removed and claim to be looked
    at, each with how to settle it."""
    key, lately = context.case.key, context.now - TOLD_FOR
    for name, said in said_of_work(context.case.facts, context.state.milestones, context.now).items():
        if said.proposed is not None and said.proposed.at > lately:
            command = f"first90 record {key} due {name} {day_of(said.proposed)}"
            yield _task(context, said.proposed, "date", command)
        if said.blocked is not None and said.blocked.at > lately:
            yield _task(context, said.blocked, "blocked")
        if said.claimed is not None and said.claimed.at > lately:
            yield _task(context, said.claimed, "claimed", f"first90 record {key} milestone {name}")
    for meeting in sorted({fact.name for fact in context.case.facts if fact.kind is FactKind.CALL_PROPOSED}):
        proposed = call_proposal(context.case.facts, meeting, context.now)
        if proposed is not None and proposed.at > lately:
            command = f"first90 record {key} milestone {meeting} --meeting-at TIME"
            yield _task(context, proposed, "call", command)
    yield from _passed(context, lately)
    waiting = {one.email: one for one in waiting_for_us(context.case.facts, context.now)}
    for fact in context.case.facts:
        one = waiting.get(str(fact.value.get("email") or "").lower())
        if fact.kind is FactKind.PERSON_NAMED and one is not None and fact.at == one.at:
            yield _task(context, fact, "person", f"first90 plan-link {key} --person {one.email}")


def _passed(context: ReviewContext, lately: datetime) -> Iterator[Task]:
    """Yield a task for each call whose time is over and of which we do not know whether it took place."""
    key = context.case.key
    for one in passed_calls(context.case, context.state, context.playbook, context.now):
        if one.ended_at <= lately:
            continue
        command = f"first90 record {key} milestone {one.proof}"
        if one.held is not None:
            said = said_sentence(context.case, context.state, one.held)
            text = sentence("tasks.answer", said=said, settle=sentence("tasks.settle_held"))
        else:
            text = sentence("tasks.call_over", call=of_playbook(one.call.title), at=one.at)
            command = f"{command}` or `first90 record {key} milestone {one.call.meeting} --no-show"
        about = f"passed:{one.call.meeting}:{one.at:%Y%m%dT%H%MZ}"
        yield Task(role=VendorRole.CSM.value, about=about, text=text, due_at=one.ended_at, command=command)


def _task(context: ReviewContext, fact: Fact, settle: str, command: str = "") -> Task:
    said = said_sentence(context.case, context.state, fact)
    text = sentence("tasks.answer", said=said, settle=sentence(f"tasks.settle_{settle}"))
    return Task(role=VendorRole.CSM.value, about=f"answer:{fact.key}", text=text, due_at=fact.at, command=command)
