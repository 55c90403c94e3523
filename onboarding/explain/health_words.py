"""The health score in the explanation: its sum, what is unknown, and what follows from it."""

from collections.abc import Iterator
from datetime import datetime

from onboarding.health.quadrant import quadrant, ready_to_expand
from onboarding.health.score import health
from onboarding.model.case import Case
from onboarding.model.playbook import Playbook
from onboarding.model.review import Review


def health_sentences(case: Case, review: Review, playbook: Playbook, now: datetime) -> Iterator[str]:
    """Yield the score with the points that add up to it, the inputs that are unknown, and what to do."""
    found = health(case, review.state, review.stalls, now, playbook.health_weights)
    unknown = ", ".join(part.name for part in found.parts if part.score is None and not part.points)
    if found.score is None:
        yield f"Health is unknown, and unknown is not healthy: too little is known ({unknown})."
        return
    added = "; ".join(
        f"{part.name} {part.points:+d} ({part.why})" for part in found.parts if part.score is not None or part.points
    )
    yield f"Health {found.score} of 100, {found.band}: {added}." + (f" Unknown: {unknown}." if unknown else "")
    todo = quadrant(found.parts).intervention
    if todo is not None:
        yield f"Out of balance: {todo}."
    if ready_to_expand(found, review.state, review.stalls):
        yield "Strong and active: ready for a talk about expansion."
