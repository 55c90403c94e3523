"""Agreed calls: the time that holds now, and the time that people have in their calendars."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache

from onboarding.facts.milestones import done_or_waived
from onboarding.model.case import Case, Fact
from onboarding.model.effect import EffectLine
from onboarding.model.playbook import Playbook, Step
from onboarding.model.state import Meeting, OnboardingState
from onboarding.model.vocabulary import ON_ITS_WAY, Channel, FactKind
from onboarding.stages.kickoff import KICKOFF, Booking, instant, was_missed
from onboarding.values import dataclass

KICKOFF_CALL = "kickoff_booked"
CALL = "call"
"""In the value of a fact on a call: the name of the call before it was renamed for the first time."""
_STAMP, _WITHDRAWN = "%Y%m%dT%H%M%SZ", "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of an invitation: its sequence number, and the time of the call; None cancels it.

    It is the occurrence of a step with an invitation, so that each change is an effect of its own and the version
    that people have can be read from what was sent.
    """

    number: int
    at: datetime | None

    def __str__(self) -> str:
        return f"{self.number}-{self.at.astimezone(UTC).strftime(_STAMP) if self.at else _WITHDRAWN}"


@lru_cache(maxsize=1024)
def read_version(occurrence: str) -> Version | None:
    """Return the version that an occurrence stands for; None if it is not a version."""
    number, dash, stamp = occurrence.partition("-")
    if not dash or not number.isdecimal():
        return None
    if stamp == _WITHDRAWN:
        return Version(number=int(number), at=None)
    try:
        return Version(number=int(number), at=datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC))
    except ValueError:
        return None


def step_of_call(playbook: Playbook, meeting: str) -> Step | None:
    """Return the step that invites to the call of this name; None if there is none."""
    return next((step for step in playbook.steps if step.calendar and step.calendar.meeting == meeting), None)


def is_over(step: Step, state: OnboardingState) -> bool:
    """Return whether the call of this step was held, or need not be any more: a milestone that ends it is done, or a
    person waived it. One that only does not fit the customer ends no call: a call that is a wish may still be held."""
    return any(done_or_waived(state.milestones.get(name)) for name in step.unless)


def first_name(case: Case, meeting: str) -> str:
    """Return the name that a call had when its time was first recorded."""
    return next((str(fact.value[CALL]) for fact in case.facts if fact.name == meeting and CALL in fact.value), meeting)


def read_meetings(facts: Sequence[Fact], kickoff: Booking | None) -> Mapping[str, Meeting]:
    """Return the agreed calls by the name under which their time is recorded.

    Times are in whole seconds. The last agreement holds; an undo removes the agreements known by then, and a call that
    did not take place has no time until another one is agreed. ``facts`` are in the order of learning.
    The kickoff is read together with the deal's own field (``stages.kickoff.read_booking``).
    """
    agreed: dict[str, list[Fact]] = {}
    for fact in facts:
        if fact.kind == FactKind.MILESTONE_UNDONE:
            agreed.pop(fact.name, None)
        elif fact.kind in (FactKind.MEETING, FactKind.MILESTONE) and fact.name not in KICKOFF and _time(fact):
            agreed.setdefault(fact.name, []).append(fact)
    last = [max(reports, key=lambda fact: (fact.at, fact.learned_at, fact.key)) for reports in agreed.values()]
    found = {
        fact.name: _meeting(at, fact.at)
        for fact in last
        if (at := _time(fact)) and not was_missed(facts, (fact.name,), at, fact.learned_at)
    }
    if kickoff is not None and kickoff.meeting_at is not None:
        found[KICKOFF_CALL] = _meeting(kickoff.meeting_at, kickoff.agreed_at)
    return found


def _meeting(at: datetime, agreed_at: datetime) -> Meeting:
    """Return a call in whole seconds, as the versions of its invitation name it: else each would look outdated."""
    return Meeting(at=at.replace(microsecond=0), agreed_at=agreed_at)


def _time(report: Fact) -> datetime | None:
    return instant(report.value.get("meeting_at"))


def held(case: Case, step: str, before: int | None = None) -> Mapping[str, tuple[Version, EffectLine]]:
    """Return the newest version of an invitation that was or may have been sent to each person, by person id.

    A person who was sent the cancellation is left out. ``before`` limits it to versions below that number.
    """
    newest: dict[str, tuple[Version, EffectLine]] = {}
    for line in case.effects:
        if line.kind != step or line.channel is not Channel.MAIL or line.state not in ON_ITS_WAY:
            continue
        version = read_version(line.occurrence)
        if version is None or (before is not None and version.number >= before):
            continue
        if line.person_id not in newest or version.number > newest[line.person_id][0].number:
            newest[line.person_id] = (version, line)
    return {person: found for person, found in newest.items() if found[0].at is not None}
