"""Invitations to calls: which version of one people should hold, and what became of the one they were told last.

Whenever the time that is agreed is not the one in the newest version, there is a new one: an invitation, a change, or
word that it is off. So each change is told once, whatever order it was learned in, and none of a call that is past.
"""

from onboarding.facts.meetings import Version, held, read_version
from onboarding.model.case import Touchpoint
from onboarding.model.phrases import moment_words
from onboarding.model.playbook import Step
from onboarding.model.schedule import Call
from onboarding.people.audience import Audience
from onboarding.people.recipients import those_of
from onboarding.touchpoints.context import TouchpointContext
from onboarding.touchpoints.outlook import Occurrence, Outlook


def look(scene: TouchpointContext, step: Step, call: Call) -> Outlook:
    """The version that is due now; nothing where people know already, or where it is too late to tell."""
    told, _ = _newest(scene, step)
    wanted = _agreed(scene, step, call)
    if wanted.at == told.at or (wanted.at is None and told.at is not None and told.at <= scene.now):
        return Outlook()
    fresh = Version(number=told.number + 1, at=wanted.at)
    return Outlook(due=_occurrence(scene, step, call, fresh, None))


def still_so(scene: TouchpointContext, step: Step, call: Call, number: str) -> Occurrence | None:
    """The version of this number as long as it is the newest and says what is agreed; None once it does not."""
    told, touchpoint = _newest(scene, step)
    if touchpoint is None or number != str(told) or told.at != _agreed(scene, step, call).at:
        return None
    return _occurrence(scene, step, call, told, touchpoint)


def invited(scene: TouchpointContext, occurrence: Occurrence) -> Audience:
    """Whom a version is for: the step's people, and whoever holds an earlier one; if it is off, those alone."""
    step, case, standing = occurrence.step, scene.case, scene.standing
    usual = Audience() if occurrence.withdraws else scene.readers(step)
    there = {person.id for person in usual.to} | {person.id for person in usual.left_out}
    gone = {person.id for person, _ in standing.left}
    version = read_version(occurrence.number)
    earlier = held(case, step.name, version.number if version else None)
    known = {
        line.person_id: (person, line.role)
        for _, line in earlier.values()
        if line.person_id not in there | gone and (person := scene.reader(line.person_id)) is not None
    }
    others = those_of(known, step, case, standing, ", who holds an earlier invitation")
    taken = {person.address.lower() for person in usual.to}
    return Audience(
        to=(*usual.to, *(person for person in others.to if person.address.lower() not in taken)),
        left_out=(*usual.left_out, *others.left_out),
        because=usual.because,
    )


def _newest(scene: TouchpointContext, step: Step) -> tuple[Version, Touchpoint | None]:
    """The version that was settled last, sent or not; before the first one it is as if it had been taken back."""
    versions = [
        (version, touchpoint)
        for touchpoint in scene.case.touchpoints
        if touchpoint.step == step.name and (version := read_version(touchpoint.occurrence))
    ]
    return max(versions, key=lambda found: found[0].number, default=(Version(number=-1, at=None), None))


def _agreed(scene: TouchpointContext, step: Step, call: Call) -> Version:
    """What people should hold: the time agreed, or nothing once it is past, pointless, or the onboarding over."""
    meeting, gate = scene.standing.meetings.get(call.meeting), scene.gate
    stands = meeting is not None and meeting.at > scene.now and scene.pointless(step) is None
    stands = stands and (gate.state == "withheld" or gate.admits(step))
    return Version(number=0, at=meeting.at if meeting is not None and stands else None)


def _occurrence(
    scene: TouchpointContext, step: Step, call: Call, version: Version, told: Touchpoint | None
) -> Occurrence:
    before = _before(scene, step, version.number)
    meeting = scene.standing.meetings.get(call.meeting)
    if version.at is None or meeting is None:
        at = told.at if told else scene.now
        when = f" of {moment_words(before.at)}" if before and before.at else ""
        because = f"because the {call.title.lower()}{when} is off"
        until = before.at if before else None
        return Occurrence(step=step, number=str(version), due_at=at, because=because, until=until, withdraws=True)
    moved = f"was moved from {moment_words(before.at)} to" if before and before.at else "is agreed for"
    because = f"because the {call.title.lower()} {moved} {moment_words(version.at)}"
    return Occurrence(step=step, number=str(version), due_at=meeting.agreed_at, because=because, until=version.at)


def _before(scene: TouchpointContext, step: Step, number: int) -> Version | None:
    """The newest version before this one, where it held a time."""
    versions = [read_version(point.occurrence) for point in scene.case.touchpoints if point.step == step.name]
    earlier = [version for version in versions if version and version.number < number]
    return max(earlier, key=lambda version: version.number, default=None)
