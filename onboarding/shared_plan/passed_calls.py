"""Agreed calls whose time is over without anybody having said that they took place, and calls that did not. Pure."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from onboarding.conditions.fitting import calls_left_out
from onboarding.facts.meetings import Version, first_name, is_over, read_version
from onboarding.model.case import Case, Fact
from onboarding.model.playbook import Playbook, Step
from onboarding.model.reports import as_learned, known
from onboarding.model.schedule import Call
from onboarding.model.state import OnboardingState
from onboarding.model.vocabulary import FactKind
from onboarding.stages.kickoff import WAS_AT, instant
from onboarding.values import dataclass

ANCHOR = "missed_call"
"""The anchor of a step that is sent once for each call that did not take place: ``due: {from: missed_call}``."""
ASKED_FOR = timedelta(days=30)
"""How long it is asked whether a call took place that no milestone ends. This project's choice."""
_STAMP = "%Y%m%dT%H%MZ"


class PassedCall(NamedTuple):
    """An agreed call whose time is over: the step that invites to it, the call, and when it was to begin (UTC)."""

    step: Step
    call: Call
    at: datetime
    held: Fact | None
    """Who of the customer's people said that it took place, and when; None if nobody did."""

    @property
    def ended_at(self) -> datetime:
        """Return when it was to end."""
        return self.at + timedelta(minutes=self.call.minutes)

    @property
    def proof(self) -> str:
        """Return the milestone that says that it was held, or the call itself where there is none."""
        return self.step.unless[0] if self.step.unless else self.call.meeting


def passed_calls(case: Case, state: OnboardingState, playbook: Playbook, now: datetime) -> tuple[PassedCall, ...]:
    """Return the calls whose agreed time is over and of which nobody on our side has said whether they took place.

    A call that a milestone ends (the kickoff) is asked after until it is done; any other one for ``ASKED_FOR``.
    """
    found = []
    for step in playbook.steps:
        call = step.calendar
        meeting = state.meetings.get(call.meeting) if call else None
        if call is None or meeting is None or call.meeting in calls_left_out(playbook) or is_over(step, state):
            continue
        said = _said_held(case, call.meeting, meeting.at, now)
        one = PassedCall(step, call, meeting.at, said[-1] if said else None)
        settled = not step.unless and (bool(said) or now > one.ended_at + ASKED_FOR)
        if one.ended_at <= now and not settled:
            found.append(one)
    return tuple(found)


def ends_ahead(state: OnboardingState, playbook: Playbook, now: datetime) -> tuple[datetime, ...]:
    """Return when the agreed calls that are not over will be."""
    calls = [(step.calendar, state.meetings.get(step.calendar.meeting)) for step in playbook.steps if step.calendar]
    ends = (one.at + timedelta(minutes=call.minutes) for call, one in calls if one is not None)
    return tuple(at for at in ends if at > now)


def _said_held(case: Case, meeting: str, at: datetime, now: datetime) -> list[Fact]:
    return [
        fact
        for fact in known(case.facts, now)
        if fact.kind is FactKind.CALL_HELD and fact.name == meeting and instant(fact.value.get(WAS_AT)) == at
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedCall:
    """A call that did not take place and has no new time yet. Instants are in UTC."""

    call: Call
    called: str
    """The name that the call had first: another version of the playbook may have renamed it."""
    was_at: datetime
    learned_at: datetime

    @property
    def number(self) -> str:
        """Return the occurrence of a mail about it: the call and the time at which it was to be."""
        return f"{self.called}.{self.was_at.astimezone(UTC).strftime(_STAMP)}"


def missed_calls(case: Case, state: OnboardingState, playbook: Playbook, now: datetime) -> tuple[MissedCall, ...]:
    """Return the calls that did not take place and for which no other time is agreed; each with what was said last."""
    return tuple(_missed(case, state, playbook, now))


def _missed(case: Case, state: OnboardingState, playbook: Playbook, now: datetime) -> Iterator[MissedCall]:
    told = {
        fact.name: fact
        for fact in as_learned(case.facts)
        if fact.at <= now and fact.kind in (FactKind.CALL_MISSED, FactKind.MILESTONE_UNDONE, FactKind.MEETING)
    }
    for step in playbook.steps:
        call = step.calendar
        if call is None or call.meeting in calls_left_out(playbook) or is_over(step, state):
            continue
        fact = told.get(call.meeting)
        was_at = instant(fact.value.get(WAS_AT)) if fact and fact.kind is FactKind.CALL_MISSED else None
        if fact is not None and was_at is not None and call.meeting not in state.meetings:
            called = first_name(case, call.meeting)
            yield MissedCall(call=call, called=called, was_at=was_at, learned_at=fact.learned_at)


def told_version(step: Step, occurrence: str) -> Version | None:
    """Return the version of a call that a mail of this step speaks of; None where it speaks of none."""
    if step.calendar is not None:
        return read_version(occurrence)
    if step.due.anchor != ANCHOR:
        return None
    return Version(number=0, at=datetime.strptime(occurrence.rpartition(".")[2], _STAMP).replace(tzinfo=UTC))
