"""Whose move an onboarding waits for, and what is to be done, in words. Pure."""

from collections.abc import Mapping
from datetime import datetime

from onboarding.model.review import Review
from onboarding.model.state import Criterion
from onboarding.model.vocabulary import HandoffItem, Status
from onboarding.people.owners import owing_words, responsible
from onboarding.sentences.sentence import of_playbook, pattern, sentence, within
from onboarding.sentences.terms import mover_name

WORK: Mapping[str, str] = {
    **{item.value: sentence(f"home.work_{item.value}") for item in HandoffItem},
    "stakeholder_map": sentence("home.work_stakeholder_map"),
    "tier": sentence("home.work_tier"),
    "accountable_owner": sentence("home.work_accountable_owner"),
    "measurable_goal": sentence("home.work_measurable_goal"),
}
"""The work of exit criteria that are no milestones."""


def whose_move(review: Review) -> str | None:
    """Return who has the move and the next step, ``us: Ida Moor (CSM): call them``; None where nothing is to be done.

    It is that of the worst stall, else of the exit criterion that is due first. Whom the step names is not named before
    it.
    """
    if review.progress.status is not Status.ACTIVE:
        return None
    if review.stalls:
        worst = review.stalls[0]
        step = within(worst.next_step)
        owes = responsible(review.state.team, worst.owner_role) if worst.owner_role else None
        named = owes is not None and owes.name in step
        who = owing_words(review.state, worst.waiting_on, worst.owner_role)
        return pattern("{side}: {step}", side=mover_name(worst.waiting_on) if named else who, step=step)
    missing = [one for one in review.criteria if not one.met]
    if not missing:
        return None

    def due(one: Criterion) -> datetime:
        milestone = review.state.milestones.get(one.name)
        return (milestone.due_at if milestone else None) or review.state.target_at

    first = min(missing, key=due)
    milestone = review.state.milestones.get(first.name)
    work = of_playbook(milestone.title) if milestone else WORK.get(first.name, first.text)
    return pattern("{side}: {step}", side=mover_name(first.side), step=work)
