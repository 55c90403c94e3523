"""The audience widens by phase: who is written to from which stage on (SX-8). Pure."""

from collections.abc import Iterator, Mapping

from onboarding.model.phrases import stage_words
from onboarding.model.playbook import Playbook, Step
from onboarding.model.vocabulary import STAGES, CustomerRole, Stage
from onboarding.people.audience import WITHOUT_SUBSTITUTE, Audience, LeftOut
from onboarding.review_context import ReviewContext

ORDER = {stage: number for number, stage in enumerate((*STAGES, Stage.DONE))}
MILESTONE = "milestone:"
PEOPLE: Mapping[CustomerRole, str] = {
    CustomerRole.EXECUTIVE_SPONSOR: "executive sponsors",
    CustomerRole.CHAMPION: "champions",
    CustomerRole.TECHNICAL_ADMIN: "technical administrators",
    CustomerRole.IT_SECURITY: "contacts for security",
    CustomerRole.MANAGER: "managers",
    CustomerRole.ECONOMIC_BUYER: "economic buyers",
    CustomerRole.END_USER: "end users",
}


def begins(playbook: Playbook, role: CustomerRole) -> Stage:
    """Return the first stage in which mails are addressed to a role."""
    widening = playbook.audience
    return Stage.HANDOFF if widening is None else widening.roles.get(role, Stage.HANDOFF)


def earliest(playbook: Playbook, step: Step) -> Stage | None:
    """Return the earliest stage in which a step can be due, by its anchor; None where that says nothing."""
    anchor = step.due.anchor
    if step.while_in:
        return min(step.while_in, key=lambda stage: ORDER[stage])
    if anchor == "stage":
        return step.stage
    if anchor.startswith(MILESTONE):
        return playbook.stage_of(anchor.removeprefix(MILESTONE))
    known = {"signature": Stage.HANDOFF, "kickoff": Stage.KICKOFF, "activation": Stage.FIRST_VALUE, "track": Stage.DONE}
    return known.get(anchor)


def widened(audience: Audience, step: Step, context: ReviewContext) -> Audience:
    """Return the audience of a step's mail without those whose phase has not come; nobody else gets it for them.

    Who stands in for a role that nobody holds is addressed in its place, so in its phase. A person with several roles
    is written to from the first of their phases on.
    """
    if context.playbook.audience is None or context.state.activated_at is not None:
        return audience
    early = {one.id: one for one in _early(audience, step, context)}
    if not early:
        return audience
    to = tuple(one for one in audience.to if one.id not in early)
    left_out = tuple(one for one in audience.left_out if one.id not in early)
    because = "" if to else "; ".join(dict.fromkeys(one.because for one in early.values()))
    return Audience(to=to, left_out=(*left_out, *early.values()), because=audience.because or because)


def _early(audience: Audience, step: Step, context: ReviewContext) -> Iterator[LeftOut]:
    reached = max(ORDER[context.progress.stage], ORDER[earliest_of_milestone(context.playbook, step)])
    waiting = (one for one in audience.left_out if one.reason in WITHOUT_SUBSTITUTE)
    addressed = [(one.id, one.name, one.role) for one in audience.to] + [
        (one.id, one.name, one.role) for one in waiting
    ]
    for person_id, name, role in addressed:
        begin = _begin(person_id, role, step, context)
        if begin is not None and ORDER[begin] > reached:
            yield LeftOut(id=person_id, name=name, role=role, reason="not_yet", because=not_yet(role, begin))


def not_yet(role: str, begin: Stage) -> str:
    """Return why somebody with this role gets nothing yet, in words."""
    return f"not yet: {PEOPLE[CustomerRole(role)]} are written to from {stage_words(begin).lower()} on"


def earliest_of_milestone(playbook: Playbook, step: Step) -> Stage:
    """Return the stage whose work a step follows: who was trained early is asked about the training then."""
    anchor = step.due.anchor
    return playbook.stage_of(anchor.removeprefix(MILESTONE)) if anchor.startswith(MILESTONE) else Stage.HANDOFF


def _begin(person_id: str, role: str, step: Step, context: ReviewContext) -> Stage | None:
    """Return from when on a person is written to; None where they stand in for another role."""
    if step.mail is None or role not in step.mail.to.roles:
        return None
    holders = context.state.holders.items()
    held = [one for one, people in holders if person_id in {person.id for person in people}] or [CustomerRole(role)]
    begin = [begins(context.playbook, one) for one in held]
    return min(begin, key=lambda stage: ORDER[stage], default=None)
