"""Invitations to calls: the version that people should have, and the changes from the version sent last.

Whenever the agreed time differs from the newest version, a new version is due: an invitation, a change, or a
cancellation. So each change is sent once, in whatever order it was learned, and none for a call in the past.
"""

from onboarding.facts.meetings import Version, held, read_version
from onboarding.model.case import Touchpoint
from onboarding.model.phrases import moment_words
from onboarding.model.playbook import Step
from onboarding.model.schedule import Call
from onboarding.people.audience import Audience
from onboarding.people.recipients import audience_among
from onboarding.touchpoints.context import TouchpointContext
from onboarding.touchpoints.outlook import Occurrence, Outlook


def read_outlook(context: TouchpointContext, step: Step, call: Call) -> Outlook:
    """Return the outlook with the version that is due now; empty if people have it, or if it is too late to send."""
    told, _ = _newest(context, step)
    wanted = _agreed(context, step, call)
    if wanted.at == told.at or (wanted.at is None and told.at is not None and told.at <= context.now):
        return Outlook()
    fresh = Version(number=told.number + 1, at=wanted.at)
    return Outlook(due=_occurrence(context, step, call, fresh, None))


def current_version(context: TouchpointContext, step: Step, call: Call, number: str) -> Occurrence | None:
    """Return the version of this number if it is the newest and its time is still the agreed one; None otherwise."""
    told, touchpoint = _newest(context, step)
    if touchpoint is None or number != str(told) or told.at != _agreed(context, step, call).at:
        return None
    return _occurrence(context, step, call, told, touchpoint)


def invited(context: TouchpointContext, occurrence: Occurrence) -> Audience:
    """Return the audience of a version: the step's people and those with an earlier version; for a cancellation the
    latter only."""
    step, case, state = occurrence.step, context.case, context.state
    usual = Audience() if occurrence.withdraws else context.readers(step)
    there = {person.id for person in usual.to} | {person.id for person in usual.left_out}
    gone = {person.id for person, _ in state.left}
    version = read_version(occurrence.number)
    earlier = held(case, step.name, version.number if version else None)
    known = {
        line.person_id: (person, line.role)
        for _, line in earlier.values()
        if line.person_id not in there | gone and (person := context.reader(line.person_id)) is not None
    }
    others = audience_among(known, step, case, state, ", who holds an earlier invitation")
    taken = {person.address.lower() for person in usual.to}
    return Audience(
        to=(*usual.to, *(person for person in others.to if person.address.lower() not in taken)),
        left_out=(*usual.left_out, *others.left_out),
        because=usual.because,
    )


def _newest(context: TouchpointContext, step: Step) -> tuple[Version, Touchpoint | None]:
    """Return the version that was settled last, sent or not; before the first one, a version without a time."""
    versions = [
        (version, touchpoint)
        for touchpoint in context.case.touchpoints
        if touchpoint.step == step.name and (version := read_version(touchpoint.occurrence))
    ]
    return max(versions, key=lambda found: found[0].number, default=(Version(number=-1, at=None), None))


def _agreed(context: TouchpointContext, step: Step, call: Call) -> Version:
    """Return the version that people should have: the agreed time, or none if it is past, pointless, or the onboarding
    is over."""
    meeting, gate = context.state.meetings.get(call.meeting), context.gate
    stands = meeting is not None and meeting.at > context.now and context.pointless(step) is None
    stands = stands and (gate.state == "withheld" or gate.admits(step))
    return Version(number=0, at=meeting.at if meeting is not None and stands else None)


def _occurrence(
    context: TouchpointContext, step: Step, call: Call, version: Version, told: Touchpoint | None
) -> Occurrence:
    before = _before(context, step, version.number)
    meeting = context.state.meetings.get(call.meeting)
    if version.at is None or meeting is None:
        at = told.at if told else context.now
        when = f" of {moment_words(before.at)}" if before and before.at else ""
        because = f"because the {call.title.lower()}{when} is off"
        until = before.at if before else None
        return Occurrence(step=step, number=str(version), due_at=at, because=because, until=until, withdraws=True)
    moved = f"was moved from {moment_words(before.at)} to" if before and before.at else "is agreed for"
    because = f"because the {call.title.lower()} {moved} {moment_words(version.at)}"
    return Occurrence(step=step, number=str(version), due_at=meeting.agreed_at, because=because, until=version.at)


def _before(context: TouchpointContext, step: Step, number: int) -> Version | None:
    """Return the newest version before this number, or None."""
    versions = [read_version(point.occurrence) for point in context.case.touchpoints if point.step == step.name]
    earlier = [version for version in versions if version and version.number < number]
    return max(earlier, key=lambda version: version.number, default=None)
