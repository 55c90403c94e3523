"""The owner's task about a conflict of priorities that no mail puts to the executive sponsor. Pure."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from onboarding.clashes.clash import ANCHOR, open_clashes
from onboarding.clashes.words import sides_words
from onboarding.model.effect import EffectLine, PlannedEffect
from onboarding.model.phrases import list_words
from onboarding.model.review import Task
from onboarding.model.vocabulary import ON_ITS_WAY, UNSENT, Channel, CustomerRole, Stage, VendorRole
from onboarding.review_context import ReviewContext

ASKED_FOR = ON_ITS_WAY | UNSENT
TOLD_FOR = timedelta(days=7)
"""How long what is open at the end of the onboarding is told. This project's choice."""


def clash_tasks(context: ReviewContext, owed: Iterable[EffectLine | PlannedEffect]) -> Iterator[Task]:
    """Yield a task for each open clash with no decision mail sent or waiting (SH-7): the customer has no executive
    sponsor who can be written to, the mail was too late, or the playbook has no such step.

    ``owed`` are the effects of the onboarding as they are after this review.
    """
    waiting, done_at = open_clashes(context.case.facts, context.now), context.progress.stage_times.get(Stage.DONE)
    ends_at = done_at + TOLD_FOR if done_at is not None and context.progress.stage is Stage.DONE else None
    if not waiting or (ends_at is not None and ends_at <= context.now):
        return
    steps = {step.name for step in context.playbook.steps if step.due.anchor == ANCHOR and step.mail is not None}
    asked = {
        line.occurrence
        for line in owed
        if line.kind in steps and line.channel is Channel.MAIL and line.state in ASKED_FOR
    }
    sponsors = context.state.holders.get(CustomerRole.EXECUTIVE_SPONSOR, ())
    whom = f"put it to {list_words(person.name for person in sponsors)}" if sponsors else "find out who decides"
    for clash in waiting:
        if clash.number not in asked:
            text = f"{sides_words(clash)}, and no mail asks for a decision: {whom}, then record what was decided"
            command = f'first90 record {context.case.key} conflict {clash.id} --decided "TEXT"'
            yield Task(
                role=VendorRole.CSM.value,
                about=f"conflict:{clash.number}",
                text=text,
                due_at=clash.raised_at,
                until=ends_at,
                command=command,
            )
