"""Whether a mail asks the customer's executive sponsor about a conflict of priorities. Pure."""

from collections.abc import Iterable
from dataclasses import replace

from onboarding.clashes.clash import ANCHOR
from onboarding.model.case import Case
from onboarding.model.effect import EffectLine, PlannedEffect
from onboarding.model.phrases import list_words
from onboarding.model.playbook import Playbook, Step
from onboarding.model.state import OnboardingState
from onboarding.model.vocabulary import ON_ITS_WAY, UNSENT, Channel
from onboarding.people.audience import Audience, LeftOut
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


def one_who_decides(audience: Audience, case: Case) -> Audience:
    """Return the audience of a decision mail with one of its recipients alone, as two would decide apart: the one whom
    the deals name first in the role that is asked, then the first by id. The same whatever was reported in which order.
    """
    if len(audience.to) < 2:
        return audience
    named = [(part.person_id, part.role.value) for part in case.stakeholders if part.role is not None]
    chosen = min(
        audience.to,
        key=lambda one: named.index((one.id, one.role)) if (one.id, one.role) in named else len(named),
    )
    why = f"is not asked beside {chosen.name}: one person decides, whom the deal names first"
    others = [
        LeftOut(id=one.id, name=one.name, role=one.role, reason="one_decides", because=why)
        for one in audience.to
        if one is not chosen
    ]
    alone = (
        f"{chosen.because}, not {list_words(one.name for one in others)} too: one decides, whom the deal names first"
    )
    return replace(audience, to=(replace(chosen, because=alone),), left_out=(*audience.left_out, *others))


def asked_numbers(playbook: Playbook, owed: Iterable[EffectLine | PlannedEffect]) -> frozenset[str]:
    """Return the numbers of the conflicts whose mail was sent, is on its way, or waits."""
    steps = {step.name for step in asking_steps(playbook)}
    return frozenset(
        line.occurrence
        for line in owed
        if line.kind in steps and line.channel is Channel.MAIL and line.state in ASKED_FOR
    )
