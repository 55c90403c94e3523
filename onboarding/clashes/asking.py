"""Whether a mail asks the customer's executive sponsor about a conflict of priorities. Pure."""

from collections.abc import Iterable

from onboarding.clashes.clash import ANCHOR
from onboarding.model.case import Case
from onboarding.model.effect import EffectLine, PlannedEffect
from onboarding.model.playbook import Playbook, Step
from onboarding.model.state import OnboardingState
from onboarding.model.vocabulary import ON_ITS_WAY, UNSENT, Channel
from onboarding.people.recipients import recipients

ASKED_FOR = ON_ITS_WAY | UNSENT


def asking_steps(playbook: Playbook) -> tuple[Step, ...]:
    """Return the steps that put each conflict to the customer by mail; earlier versions of a playbook have none."""
    return tuple(
        step for step in playbook.steps if step.due.anchor == ANCHOR and step.mail is not None and step.mode != "task"
    )


def asks_by_mail(playbook: Playbook, case: Case, state: OnboardingState) -> bool:
    """Return whether a mail asks about a conflict that is raised now: the playbook has such a step, and somebody whom
    it asks can be written to (SH-7)."""
    return any(recipients(step, case, state).to for step in asking_steps(playbook))


def asked_numbers(playbook: Playbook, owed: Iterable[EffectLine | PlannedEffect]) -> frozenset[str]:
    """Return the numbers of the conflicts whose mail was sent, is on its way, or waits."""
    steps = {step.name for step in asking_steps(playbook)}
    return frozenset(
        line.occurrence
        for line in owed
        if line.kind in steps and line.channel is Channel.MAIL and line.state in ASKED_FOR
    )
