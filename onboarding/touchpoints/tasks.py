"""Tasks that touchpoints leave to a person of the vendor, listed in the owner's digest for a week while they are
useful."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from onboarding.model.case import Touchpoint
from onboarding.model.effect import EffectLine, PlannedEffect
from onboarding.model.phrases import role_words
from onboarding.model.playbook import Step
from onboarding.model.review import Task
from onboarding.model.suppressions import Suppressed
from onboarding.model.vocabulary import Channel, EffectState, TouchpointOutcome, VendorRole
from onboarding.touchpoints.context import Gate, TouchpointContext
from onboarding.touchpoints.feedback_tasks import feedback_tasks
from onboarding.touchpoints.promise_tasks import promise_tasks
from onboarding.touchpoints.windows import TOO_LATE

TOLD_FOR = timedelta(days=7)
"""How long a task stays in the digest. This project's choice."""


def open_tasks(
    context: TouchpointContext, gate: Gate, new: Sequence[Touchpoint], owed: Iterable[EffectLine | PlannedEffect]
) -> tuple[Task, ...]:
    """Return the tasks of touchpoints settled within the last week, the oldest first, and of mails that expired in it;
    none while nothing may be sent."""
    if gate.state in ("withheld", "closed"):
        return ()
    steps = {step.name: step for step in context.playbook.steps}
    recent = [t for t in (*context.case.touchpoints, *new) if t.at + TOLD_FOR > context.now]
    tasks: list[Task] = []
    for touchpoint in sorted(recent, key=lambda t: (t.at, t.step, t.occurrence)):
        step = steps.get(touchpoint.step)
        if step is None or context.pointless(step):
            continue
        if touchpoint.outcome in (TouchpointOutcome.ASKED, TouchpointOutcome.TASK):
            text = f"{step.title}: {touchpoint.because}"
            tasks.append(Task(role=VendorRole.CSM.value, text=text, due_at=touchpoint.at))
        elif touchpoint.outcome == TouchpointOutcome.PLANNED:
            tasks += [
                Task(
                    role=VendorRole.CSM.value,
                    text=f"{step.title}: write to {person.name} yourself, who {person.because.split(';')[0]}",
                    due_at=touchpoint.at,
                )
                for person in context.readers(step).left_out
                if person.reason == "opted_out"
            ]
    missed = (line for line in owed if _was_missed(context, line, steps.get(line.kind)))
    tasks += _unreachable(context)
    tasks += promise_tasks(context)
    tasks += feedback_tasks(context)
    return (*tasks, *(_missed(context, line, steps[line.kind]) for line in sorted(missed, key=lambda line: line.key)))


def _unreachable(context: TouchpointContext) -> Iterator[Task]:
    """Yield a task for each stakeholder whose address was lost within the last week: a person asks for another one."""
    for suppression in context.case.suppressions:
        if not suppression.for_good or suppression.at is None or suppression.at + TOLD_FOR <= context.now:
            continue
        spam = suppression.reason == Suppressed.COMPLAINED
        next_step = "call before anything else is sent" if spam else "ask for another address and put it into the CRM"
        for role, people in context.state.holders.items():
            for person in people:
                if suppression.subject in (person.id, (person.email or "").lower()):
                    text = f"{person.name} ({role_words(role)}) {suppression.words()}: {next_step}"
                    yield Task(role=VendorRole.CSM.value, text=text, due_at=suppression.at)


def _was_missed(context: TouchpointContext, line: EffectLine | PlannedEffect, step: Step | None) -> bool:
    """Return whether a planned mail expired and its step leaves that to the owner."""
    if step is None or step.late.then != "ask_owner" or line.channel is not Channel.MAIL or line.expires_at is None:
        return False
    too_late = line.state is EffectState.CANCELLED and line.because.startswith(TOO_LATE)
    return too_late and line.expires_at + TOLD_FOR > context.now and not context.pointless(step)


def _missed(context: TouchpointContext, line: EffectLine | PlannedEffect, step: Step) -> Task:
    person = context.reader(line.person_id)
    who = person.name if person else role_words(line.role)
    text = f"{step.title}: {who} did not get it ({line.because}); the owner decides whether to write now"
    return Task(role=VendorRole.CSM.value, text=text, due_at=line.expires_at)
