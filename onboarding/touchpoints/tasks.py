"""Tasks that touchpoints leave to a person of the vendor, listed in the owner's digest for a week while they are
useful."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from onboarding.clashes.asking import asked_numbers
from onboarding.clashes.clash import ANCHOR, open_clashes
from onboarding.clashes.tasks import clash_tasks
from onboarding.facts.feedback import is_bad
from onboarding.model.case import Touchpoint
from onboarding.model.effect import EffectLine, PlannedEffect
from onboarding.model.playbook import Step
from onboarding.model.review import Task
from onboarding.model.suppressions import Suppressed
from onboarding.model.vocabulary import Channel, EffectState, TouchpointOutcome, VendorRole
from onboarding.newcomers.newcomers import ANCHOR as JOINED
from onboarding.people.audience import LeftOut
from onboarding.people.handovers import handover_tasks
from onboarding.people.unheld import role_tasks
from onboarding.profiles.buy_in_words import buy_in_tasks
from onboarding.sentences.sentence import Value, of_playbook, sentence
from onboarding.sentences.terms import role_name, utc_day
from onboarding.shared_plan.tasks import answer_tasks
from onboarding.touchpoints.candidates import Candidate, Fate
from onboarding.touchpoints.context import Gate, TouchpointContext
from onboarding.touchpoints.draft_verdicts import LAPSED, waits_until
from onboarding.touchpoints.promise_tasks import promise_tasks
from onboarding.touchpoints.windows import TOO_LATE, opening
from onboarding.values import replace

TOLD_FOR = timedelta(days=7)
"""How long a task stays in the digest. This project's choice."""
OF_A_PERSON = ("tasks.no_automated_mail", "tasks.address_bounced", "tasks.reported_spam")
"""Phrases that follow the name of a person who gets no mail."""
WRITE_WITHIN = timedelta(days=1)
"""The time to write a mail oneself whose draft was not decided; then until the owner's next working hours. This
project's choice."""
CALL_WITHIN = timedelta(days=1)
"""The time for a call after a bad answer to a survey (ME-6, ME-21)."""


def open_tasks(
    context: TouchpointContext,
    gate: Gate,
    new: Sequence[Touchpoint],
    owed: Iterable[EffectLine | PlannedEffect],
    left: Iterable[Candidate],
) -> tuple[Task, ...]:
    """Return the tasks of touchpoints settled within the last week, the oldest first, and of mails that expired in it;
    none while nothing may be sent.

    ``owed`` are the effects of the onboarding as they are after this review, ``left`` what it did not settle.
    """
    if gate.state in ("withheld", "closed"):
        return ()
    steps = {step.name: step for step in context.playbook.steps}
    known = tuple(owed)
    asked = asked_numbers(context.playbook, known) | {one.occurrence.number for one in left if _asks(one)}
    waiting = asked & {one.number for one in open_clashes(context.case.facts, context.now)}
    recent = [t for t in (*context.case.touchpoints, *new) if t.at + TOLD_FOR > context.now]
    tasks: list[Task] = []
    for touchpoint in sorted(recent, key=lambda t: (t.at, t.step, t.occurrence)):
        step = steps.get(touchpoint.step)
        if step is None or context.pointless(step) or _told_by_clash(step, touchpoint.occurrence, waiting):
            continue
        if touchpoint.outcome in (TouchpointOutcome.ASKED, TouchpointOutcome.TASK):
            text = _asked(step, touchpoint.because)
            tasks.append(_told_since(touchpoint.at, _of(touchpoint), text))
        elif touchpoint.outcome == TouchpointOutcome.PLANNED:
            tasks += [
                _told_since(
                    touchpoint.at,
                    f"{_of(touchpoint)}:{person.id}",
                    _write_yourself(step, person),
                )
                for person in context.readers(step).left_out
                if person.reason == "opted_out" and _is_for(step, touchpoint.occurrence, person.id)
            ]
    tasks += _unreachable(context)
    tasks += role_tasks(context.unheld, context.playbook, context.now)
    tasks += promise_tasks(context)
    tasks += handover_tasks(context.case, context.state, context.now)
    tasks += _feedback(context)
    tasks += answer_tasks(context)
    tasks += clash_tasks(context, asked)
    tasks += buy_in_tasks(context)
    expired = ((line, _missed_at(context, line, steps.get(line.kind))) for line in known)
    missed = [
        (line, at)
        for line, at in expired
        if at is not None and not _told_by_clash(steps[line.kind], line.occurrence, waiting)
    ]
    missed.sort(key=lambda one: one[0].key)
    return (*tasks, *(_missed(context, line, at, steps[line.kind]) for line, at in missed))


def _is_for(step: Step, occurrence: str, person_id: str) -> bool:
    """Return whether an occurrence is for this person: what newcomers get is for each of them alone."""
    return step.due.anchor != JOINED or person_id == occurrence


def _asks(candidate: Candidate) -> bool:
    """Return whether a mail about a conflict of priorities will leave by itself."""
    step, fate = candidate.occurrence.step, candidate.fate
    mails = [one for one in (*candidate.deliveries, *candidate.withheld) if one.channel is Channel.MAIL]
    ahead = fate in (Fate.AHEAD, Fate.WAITING, Fate.READY) and step.mode != "task"
    return step.due.anchor == ANCHOR and ahead and bool(mails)


def _told_by_clash(step: Step, number: str, asked: Collection[str]) -> bool:
    """Return whether the task of a conflict of priorities says it already, or the conflict is decided."""
    return step.due.anchor == ANCHOR and number not in asked


def _unreachable(context: TouchpointContext) -> Iterator[Task]:
    """Yield a task for each stakeholder whose address was lost within the last week: a person asks for another one."""
    for suppression in context.case.suppressions:
        if not suppression.for_good or suppression.at is None or suppression.at + TOLD_FOR <= context.now:
            continue
        spam = suppression.reason == Suppressed.COMPLAINED
        theirs: dict[str, tuple[str, list[str]]] = {}
        for role, people in context.state.holders.items():
            for person in people:
                if suppression.subject in (person.id, (person.email or "").lower()):
                    theirs.setdefault(person.id, (person.name, []))[1].append(role_name(role))
        for person_id, (name, roles) in theirs.items():
            key = "tasks.complained" if spam else "tasks.unreachable"
            text = sentence(key, person=name, roles=tuple(roles), what=_known(suppression.words()))
            yield _told_since(suppression.at, f"unreachable:{person_id}", text)


def _asked(step: Step, because: str) -> str:
    title, decides = of_playbook(step.title), sentence("tasks.owner_decides")
    ends = f"; {decides}"
    if not because.endswith(ends):
        return sentence("tasks.asked", step=title, because=because)
    return sentence("tasks.asked_decides", step=title, because=because.removesuffix(ends), decides=decides)


def _write_yourself(step: Step, person: LeftOut) -> str:
    """Return the task to write to a person who is not written to by first90."""
    because = _known(person.because.split(";")[0])
    return sentence("tasks.write_yourself", step=of_playbook(step.title), person=person.name, because=because)


def _known(said: str) -> str:
    """Return what is said of a person as the phrase that it is, so that it can be said in another language."""
    return next((one for one in map(sentence, OF_A_PERSON) if one == said), said)


def _of(touchpoint: Touchpoint) -> str:
    """Return what a task that a touchpoint leaves is about."""
    return f"touchpoint:{touchpoint.step}:{touchpoint.occurrence}"


def _told_since(at: datetime, about: str, text: str) -> Task:
    """Return a task of the CSM that is told for a week."""
    return Task(role=VendorRole.CSM.value, about=about, text=text, due_at=at, until=at + TOLD_FOR)


def _missed_at(context: TouchpointContext, line: EffectLine | PlannedEffect, step: Step | None) -> datetime | None:
    """Return when a planned mail expired within the last week, if its step leaves that to the owner, or when its draft
    stopped waiting, if that was not decided in time; else None."""
    if step is None or line.channel is not Channel.MAIL or line.expires_at is None:
        return None
    prefix = TOO_LATE if step.late.then == "ask_owner" else LAPSED
    if line.state is not EffectState.CANCELLED or not line.because.startswith((prefix, LAPSED)):
        return None
    at = line.expires_at
    if line.because.startswith(LAPSED):
        at = min(waits_until(context, step, line) or at, at, context.now)
    return at if at + TOLD_FOR > context.now and not context.pointless(step) else None


def _missed(context: TouchpointContext, line: EffectLine | PlannedEffect, at: datetime, step: Step) -> Task:
    person = context.reader(line.person_id)
    who, decides = person.name if person else role_name(line.role), sentence("tasks.owner_decides")
    title = of_playbook(step.title)
    text = sentence("tasks.missed", step=title, person=who, because=line.because, decides=decides)
    task = _told_since(at, f"missed:{line.key}", text)
    owner = context.state.owner
    if not line.because.startswith(LAPSED) or owner is None:
        return task
    return replace(task, due_at=opening(context, owner.zone, owner.country, at + WRITE_WITHIN))


def _feedback(context: TouchpointContext) -> Iterator[Task]:
    """Yield a call for each bad answer of the last week, unless the same person has given a better one since."""
    answers = context.state.surveys
    for number, answer in enumerate(answers):
        again = [later for later in answers[number + 1 :] if (later.kind, later.person) == (answer.kind, answer.person)]
        if not is_bad(answer) or again or not answer.at <= context.now < answer.at + TOLD_FOR:
            continue
        person = context.reader(answer.person)
        who = person.name if person else sentence("tasks.somebody_there")
        key = "tasks.bad_answer_said" if answer.comment else "tasks.bad_answer"
        values: dict[str, Value] = {"score": f"{answer.score:g}", "most": f"{answer.high:g}", "survey": answer.kind}
        values |= {"comment": answer.comment} if answer.comment else {}
        text = sentence(key, person=who, day=utc_day(answer.at), **values)
        yield Task(
            role=VendorRole.CSM.value,
            about=f"survey:{answer.kind}:{answer.person}:{answer.at.isoformat()}",
            text=text,
            due_at=answer.at + CALL_WITHIN,
            until=answer.at + TOLD_FOR,
        )
