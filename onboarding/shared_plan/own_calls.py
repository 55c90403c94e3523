"""The calendar invitation of one of the vendor's people to a call that a customer booked on the plan page. Pure.

Who records a call by hand has it in their calendar. Once such an invitation was sent, each later time of that call is
sent too, wherever it comes from; whoever is no longer accountable gets a cancellation. Each version is one effect.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from onboarding.facts.meetings import Version, is_over, read_version, step_of_call
from onboarding.model.case import Case
from onboarding.model.effect import EffectLine, PlannedEffect
from onboarding.model.playbook import Step
from onboarding.model.vocabulary import ON_ITS_WAY, UNSENT, Channel, EffectState, FactKind, Status, VendorRole
from onboarding.review_context import ReviewContext
from onboarding.shared_plan.named import PAGE
from onboarding.stages.kickoff import instant

OWN_CALL = "own_call"
"""The kind of this mail, which is no step of a playbook.
Its occurrence is the call and a version: ``check_in_7.0-…``."""
_SAID = ON_ITS_WAY | {EffectState.DEAD}
"""States of a mail that is not sent once more."""


class Entry(NamedTuple):
    """What one mail says of a call: to whom, and in which version."""

    line: EffectLine
    version: Version


def own_invitations(context: ReviewContext) -> Iterator[PlannedEffect]:
    """Yield the mails that are owed. Safe to repeat: with the result applied there are none."""
    for step in context.playbook.steps:
        if step.calendar is not None:
            yield from _owed(context, step, step.calendar.meeting)


def why_no_own_call(context: ReviewContext, line: EffectLine) -> str | None:
    """Return why a mail that has not left is not to leave any more, in words; None if it is."""
    meeting, version = _read(line)
    step = step_of_call(context.playbook, meeting)
    wanted = _wanted(context, step, meeting) if step else None
    stands = wanted is not None and wanted[0] == line.person_id
    if version is not None and version.at is None and not stands:
        return None
    if version is not None and wanted is not None and stands and version.at == wanted[1]:
        return None
    return "what it says of the call holds no longer"


def entries(case: Case, meeting: str) -> tuple[Entry, ...]:
    """Return what the mails say of a call, the oldest version first."""
    found = [(line, _read(line)) for line in case.effects if line.kind == OWN_CALL]
    mine = [Entry(line, version) for line, (name, version) in found if name == meeting and version is not None]
    return tuple(sorted(mine, key=lambda one: one.version.number))


def version_of(occurrence: str) -> tuple[str, Version | None]:
    """Return the call and the version that an occurrence stands for."""
    meeting, _, version = occurrence.rpartition(".")
    return meeting, read_version(version)


def occurrence_under(occurrence: str, names: Mapping[str, str]) -> str:
    """Return an occurrence where calls have these new names."""
    meeting, dot, version = occurrence.rpartition(".")
    return f"{names.get(meeting, meeting)}{dot}{version}"


def _read(line: EffectLine) -> tuple[str, Version | None]:
    return version_of(line.occurrence)


def _owed(context: ReviewContext, step: Step, meeting: str) -> Iterator[PlannedEffect]:
    known, wanted = entries(context.case, meeting), _wanted(context, step, meeting)
    told = {one.line.person_id: one for one in known if one.line.state in _SAID}
    has = {one.line.person_id: one.version.at for one in known if one.line.state in ON_ITS_WAY}
    waiting = {
        (one.line.person_id, one.version.at)
        for one in known
        if one.line.state in UNSENT and why_no_own_call(context, one.line) is None
    }
    number = 1 + max((one.version.number for one in known), default=-1)
    if wanted is not None:
        person, at = wanted
        said = {has.get(person), told[person].version.at} if person in told else set()
        if at not in said and wanted not in waiting and (told or _is_booked(context, meeting, at)):
            yield _mail(context, meeting, person, Version(number=number, at=at), at)
    for person, until in sorted(has.items()):
        gone = wanted is None or wanted[0] != person
        ahead = until is not None and until > context.now and told[person].version.at is not None
        if gone and until is not None and ahead and (person, None) not in waiting:
            yield _mail(context, meeting, person, Version(number=number, at=None), until)


def _wanted(context: ReviewContext, step: Step, meeting: str) -> tuple[str, datetime] | None:
    """Return who of the vendor's people should have which time of a call in their calendar; None for nobody."""
    agreed, owner = context.state.meetings.get(meeting), context.state.owner
    ended = context.progress.status in (Status.CHURNED, Status.CANCELLED)
    if agreed is None or owner is None or agreed.at <= context.now or ended or is_over(step, context.state):
        return None
    return owner.id, agreed.at


def _is_booked(context: ReviewContext, meeting: str, at: datetime) -> bool:
    """Return whether a customer chose this time on the plan page."""
    return any(
        fact.kind is FactKind.MEETING
        and fact.source == PAGE
        and fact.name == meeting
        and instant(fact.value.get("meeting_at")) == at
        for fact in context.case.facts
    )


def _mail(context: ReviewContext, meeting: str, person: str, version: Version, until: datetime) -> PlannedEffect:
    owner, occurrence = context.case.owners.get(person), f"{meeting}.{version}"
    return PlannedEffect(
        key=f"{context.case.key}:{OWN_CALL}:{occurrence}:{Channel.MAIL.value}:{person}",
        kind=OWN_CALL,
        occurrence=occurrence,
        channel=Channel.MAIL,
        person_id=person,
        recipient=owner.email if owner else "",
        role=VendorRole.CSM.value,
        due_at=context.now,
        expires_at=until,
        because="a customer booked this call on the plan page" if version.at else "this call is off for them",
        data={"wakes": True},
    )
