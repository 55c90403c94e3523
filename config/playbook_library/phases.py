"""Roles that a step addresses before their phase (SX-8)."""

from collections.abc import Iterator

from onboarding.model.playbook import Playbook, Step
from onboarding.people.phases import ORDER, begins, earliest


def phase_problems(playbook: Playbook, step: Step) -> Iterator[tuple[int, str, str]]:
    """Yield the number of each role of the step's mail that is written to only later than the step is due, with the
    problem and how to mend it. A step without a known stage is asked nothing: its people wait for their phase."""
    sent_in = earliest(playbook, step)
    for number, role in enumerate(step.mail.to.roles if step.mail is not None else ()):
        begin = begins(playbook, role)
        if sent_in is not None and ORDER[begin] > ORDER[sent_in]:
            problem = f"{role} is written to from {begin} on, and this step is due in {sent_in} (SX-8)"
            yield number, problem, f"take {role} out of roles, or write {role}: {sent_in} under audience: roles:"
