"""The owner's task about a conflict of priorities that no mail puts to the executive sponsor. Pure."""

from collections.abc import Collection, Iterator
from datetime import timedelta

from onboarding.clashes.clash import open_clashes
from onboarding.clashes.words import sides_words
from onboarding.model.review import Task
from onboarding.model.vocabulary import CustomerRole, Stage, VendorRole
from onboarding.review_context import ReviewContext
from onboarding.sentences.sentence import sentence

TOLD_FOR = timedelta(days=7)
"""How long what is open at the end of the onboarding is told. This project's choice."""


def clash_tasks(context: ReviewContext, asked: Collection[str]) -> Iterator[Task]:
    """Yield a task for each open clash that no decision mail asks about (SH-7): the customer has no executive sponsor
    who can be written to, the mail was too late, or the playbook has no such step.

    ``asked`` are the numbers of those whose mail was sent, waits, or is ahead, as they are after this review.
    """
    waiting, done_at = open_clashes(context.case.facts, context.now), context.progress.stage_times.get(Stage.DONE)
    ends_at = done_at + TOLD_FOR if done_at is not None and context.progress.stage is Stage.DONE else None
    if not waiting or (ends_at is not None and ends_at <= context.now):
        return
    sponsors = context.state.holders.get(CustomerRole.EXECUTIVE_SPONSOR, ())
    people = tuple(person.name for person in sponsors)
    for clash in waiting:
        if clash.number not in asked:
            sides = sides_words(clash)
            text = (
                sentence("tasks.clash_put", clash=sides, people=people)
                if people
                else sentence("tasks.clash_find", clash=sides)
            )
            command = f'first90 record {context.case.key} conflict {clash.id} --decided "TEXT"'
            yield Task(
                role=VendorRole.CSM.value,
                about=f"conflict:{clash.number}",
                text=text,
                due_at=clash.raised_at,
                until=ends_at,
                command=command,
            )
