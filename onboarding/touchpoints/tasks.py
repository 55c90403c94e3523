"""What touchpoints leave to a person of ours: told in the owner's digest for a week, as long as it makes
sense."""

from collections.abc import Sequence
from datetime import timedelta

from onboarding.case import Touchpoint
from onboarding.recipients import recipients
from onboarding.review import Task
from onboarding.touchpoints.scene import Gate, Scene
from onboarding.words import VendorRole

TOLD_FOR = timedelta(days=7)
"""How long a task stays in the digest. Ours."""


def open_tasks(scene: Scene, gate: Gate, new: Sequence[Touchpoint]) -> tuple[Task, ...]:
    """The tasks of touchpoints settled within the last week, the oldest first; none while nothing may
    leave."""
    if gate.state in ("withheld", "closed"):
        return ()
    steps = {step.name: step for step in scene.playbook.steps}
    recent = [t for t in (*scene.case.touchpoints, *new) if t.at + TOLD_FOR > scene.now]
    tasks: list[Task] = []
    for touchpoint in sorted(recent, key=lambda t: (t.at, t.step, t.occurrence)):
        step = steps.get(touchpoint.step)
        if step is None or scene.pointless(step):
            continue
        if touchpoint.outcome in ("asked", "task"):
            text = f"{step.title}: {touchpoint.because}"
            tasks.append(Task(role=VendorRole.CSM.value, text=text, due_at=touchpoint.at))
        elif touchpoint.outcome == "planned":
            tasks += [
                Task(
                    role=VendorRole.CSM.value,
                    text=f"{step.title}: write to {person.name} yourself, who {person.because.split(';')[0]}",
                    due_at=touchpoint.at,
                )
                for person in recipients(step, scene.case, scene.standing).left_out
                if person.reason == "opted_out"
            ]
    return tuple(tasks)
