"""Where people stand, in words for the vendor's people; and the task about those of whom it is not known. Pure."""

from collections.abc import Iterator
from datetime import timedelta

from onboarding.model.parties import BuyIn, Position
from onboarding.model.review import Task
from onboarding.model.state import OnboardingState
from onboarding.model.vocabulary import Stage, VendorRole
from onboarding.profiles.buy_in import DECISION_MAKERS, buy_in_of, holders_of
from onboarding.profiles.words import in_order, item_sentence, short_item
from onboarding.review_context import ReviewContext
from onboarding.sentences.sentence import sentence
from onboarding.sentences.terms import role_name, utc_day

TOLD_FOR = timedelta(days=7)
"""How long the digest tells it. This project's choice."""


def position_sentence(position: Position) -> str:
    """Return where a person stands: ``buy-in: opposed (3 March 2026, cleo@…: “the budget is gone”)``."""
    state, day, why = sentence(f"said.state_{position.buy_in.value}"), utc_day(position.at), position.why
    if not why:
        return sentence("said.position", state=state, day=day, person=position.by)
    said = "said.position_because" if position.derived else "said.position_quoted"
    why = why if position.derived else " ".join(why.split())
    return sentence(said, state=state, day=day, person=position.by, why=why)


def person_sentences(state: OnboardingState, person_id: str) -> tuple[str, ...]:
    """Return where a person stands, for a decision maker also that it is not known, and what matters to them."""
    return (
        *_position(state, person_id),
        *(item_sentence(*one) for one in in_order(state.profiles.get(person_id, {}))),
    )


def short_sentences(state: OnboardingState, person_id: str) -> tuple[str, ...]:
    """Return the same without who said it and when."""
    known = sentence(f"said.state_{buy_in_of(state, person_id).value}")
    stands = [sentence("said.buy_in", state=known)] if any(_position(state, person_id)) else []
    return (*stands, *(short_item(*one) for one in in_order(state.profiles.get(person_id, {}))))


def buy_in_tasks(context: ReviewContext) -> Iterator[Task]:
    """Yield a task for each decision maker of whom nobody knows at the end of the kickoff where they stand, for a week
    (SH-9). Whose buy-in counts is up to the playbook."""
    left_at = context.progress.stage_times.get(Stage.SETUP)
    roles = context.playbook.stakeholders.buy_in_of
    if not roles or left_at is None or context.now >= left_at + TOLD_FOR:
        return
    for person_id, (person, role) in sorted(holders_of(context.state, roles).items()):
        if buy_in_of(context.state, person_id) is BuyIn.UNKNOWN:
            yield Task(
                role=VendorRole.CSM.value,
                about=f"buy_in:{person_id}",
                text=sentence("tasks.buy_in_unknown", person=person.name, role=role_name(role)),
                due_at=left_at,
                until=left_at + TOLD_FOR,
                command=f"first90 record {context.case.key} buy-in {person.email or 'EMAIL'} STATE --why TEXT",
            )


def _position(state: OnboardingState, person_id: str) -> Iterator[str]:
    position = state.positions.get(person_id)
    if position is not None:
        yield position_sentence(position)
    elif person_id in holders_of(state, DECISION_MAKERS):
        yield sentence("said.buy_in", state=sentence("said.state_unknown"))
