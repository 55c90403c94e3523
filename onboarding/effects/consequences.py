"""Whether the sending of a message can change what a review finds. For its recipients, their caps and the ladder it
counts from the moment it is planned."""

from functools import lru_cache

from onboarding.escalations.thread_lines import KIND as STALL
from onboarding.model.playbook import Playbook, Step
from onboarding.model.written.proof import ProvenBy
from onboarding.newcomers.welcome import WELCOME
from onboarding.touchpoints.occurrences import EACH

_ACTIVATION, _CHECK_IN = "activation", "check_in_"


def may_change_review(kind: str, playbook: Playbook) -> bool:
    """Return whether a review at the same moment may find something else once a message of this kind was sent.

    Not where it is about a stall, and not where it is of a plain step that proves no milestone. Pure.
    """
    if kind == STALL:
        return False
    step = next((one for one in playbook.steps if one.name == kind), None)
    return step is None or not _is_plain(step) or kind in _proving(playbook)


def _is_plain(step: Step) -> bool:
    """Return whether only proofs of milestones ask if it was sent: it shows no draft, invites to no call, asks for no
    answer and is not sent once for each of something."""
    asks = step.mail is not None and step.mail.survey is not None
    return step.mode == "send" and step.calendar is None and not asks and step.due.anchor not in EACH


@lru_cache(maxsize=64)
def _proving(playbook: Playbook) -> frozenset[str]:
    """Return the steps whose sending may prove a milestone, and the welcome, after which somebody is new."""
    plans = playbook.milestones()
    proofs, found = {plan.proof for plan in plans}, {WELCOME, *(name for plan in plans for name in plan.sent)}
    if ProvenBy.ACTIVATION_TOLD in proofs:
        found.add(_ACTIVATION)
    if ProvenBy.CHECK_INS_SENT in proofs:
        found.update(step.name for step in playbook.steps if step.name.startswith(_CHECK_IN))
    return frozenset(found)
