"""Tasks about answers to surveys: a bad one is followed by a call within a day (ME-6, ME-21)."""

from collections.abc import Iterator
from datetime import timedelta

from onboarding.facts.feedback import is_bad
from onboarding.model.phrases import day_words
from onboarding.model.review import Task
from onboarding.model.vocabulary import VendorRole
from onboarding.touchpoints.context import TouchpointContext

CALL_WITHIN = timedelta(days=1)
TOLD_FOR = timedelta(days=7)
"""How long the call stays in the digest. This project's choice."""


def feedback_tasks(context: TouchpointContext) -> Iterator[Task]:
    """Yield a call for each bad answer of the last week, unless the same person has given a better one since."""
    answers = context.state.surveys
    for number, answer in enumerate(answers):
        again = [later for later in answers[number + 1 :] if (later.kind, later.person) == (answer.kind, answer.person)]
        if not is_bad(answer) or again or not answer.at <= context.now < answer.at + TOLD_FOR:
            continue
        person = context.reader(answer.person)
        who = person.name if person else "Somebody there"
        said = f", “{answer.comment}”" if answer.comment else ""
        text = f"{who} answered {answer.score:g} of {answer.high:g} ({answer.kind}) on {day_words(answer.at)}{said}"
        yield Task(
            role=VendorRole.CSM.value,
            text=f"{text}: call within a day",
            due_at=answer.at + CALL_WITHIN,
            until=answer.at + TOLD_FOR,
        )
