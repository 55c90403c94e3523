"""Stage 2, kickoff and goal setting (ST-2): everyone aligned on objectives, timeline and responsibilities.

The kickoff is booked within 48 hours of the signature and held; no account leaves the stage without at least
one measurable goal (GO-1, GO-7).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime

from onboarding.dates.limits import bounded
from onboarding.model.case import Case, Fact
from onboarding.model.parties import Deal
from onboarding.model.playbook import Playbook
from onboarding.model.state import Criterion, OnboardingState
from onboarding.model.vocabulary import FactKind, Stage, VendorRole
from onboarding.stages.criteria import Condition, condition, read_exit
from onboarding.values import dataclass, replace

STAGE = Stage.KICKOFF
OBJECTIVE = "Everyone is aligned on objectives, timeline and responsibilities"
OWNER = VendorRole.CSM
KICKOFF = frozenset({"kickoff_booked", "kickoff_held"})
"""Milestones whose reports may carry the agreed time."""
WAS_AT = "was_at"
"""In the value of a fact that a call was held or missed: the time that it was agreed for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """The agreed time of the kickoff, when it was first agreed, and when that was learned."""

    meeting_at: datetime | None
    """None where it did not take place at the time that was agreed last."""
    booked_at: datetime
    known_at: datetime
    agreed_at: datetime
    """When the current time was agreed."""
    by: str


def read_booking(case: Case, facts: Sequence[Fact]) -> Booking | None:
    """Return the kickoff as agreed, from people's reports and the deal's own field; None if there is none.

    The last agreement holds; the first one dates the booking. The deal's field counts from the moment at which the
    CRM first showed it, or if that is not known from the opening of the onboarding. Undoing ``kickoff_booked``
    removes the agreements known by then. Where it did not take place the booking stands without a time, until another
    one is agreed. ``facts`` are in the order of learning.
    """
    undone = [
        fact.learned_at for fact in facts if fact.kind == FactKind.MILESTONE_UNDONE and fact.name == "kickoff_booked"
    ]
    agreed = [_in_crm(case, deal, deal.kickoff_at) for deal in case.deals if deal.kickoff_at is not None]
    for fact in facts:
        meeting_at = instant(fact.value.get("meeting_at"))
        if fact.kind in (FactKind.MEETING, FactKind.MILESTONE) and fact.name in KICKOFF and meeting_at is not None:
            at, known_at = fact.at, fact.learned_at
            agreed.append(Booking(meeting_at=meeting_at, booked_at=at, known_at=known_at, agreed_at=at, by=fact.by))
    agreed = [booking for booking in agreed if not undone or booking.known_at > max(undone)]
    if not agreed:
        return None
    ordered = sorted(agreed, key=lambda one: (one.booked_at, one.known_at, one.meeting_at or one.booked_at))
    last = ordered[-1]
    stands = last.meeting_at is not None and not was_missed(facts, KICKOFF, last.meeting_at, last.known_at)
    return replace(ordered[0], meeting_at=last.meeting_at if stands else None, agreed_at=last.booked_at)


def was_missed(facts: Iterable[Fact], names: Collection[str], at: datetime, known_at: datetime) -> bool:
    """Return whether a call of one of these names did not take place at this time, as was learned since the time was
    (``known_at``)."""
    return any(
        fact.kind is FactKind.CALL_MISSED
        and fact.name in names
        and fact.learned_at >= known_at
        and instant(fact.value.get(WAS_AT)) == at.replace(microsecond=0)
        for fact in facts
    )


def _in_crm(case: Case, deal: Deal, meeting_at: datetime) -> Booking:
    seen_at = deal.kickoff_seen_at or max(case.signed_at, min(meeting_at, case.progress.opened_at))
    return Booking(meeting_at=meeting_at, booked_at=seen_at, known_at=seen_at, agreed_at=seen_at, by="CRM")


def criteria(case: Case, state: OnboardingState, playbook: Playbook) -> tuple[Criterion, ...]:
    """Return the exit criteria of the kickoff, met or not, in words."""
    return read_exit(STAGE, CONDITIONS, case, state, playbook)


def _measurable_goal(case: Case, state: OnboardingState, playbook: Playbook) -> Criterion:
    missing = None
    if not state.goals:
        vague = "; ".join(f"“{goal.text}”: {goal.lacks}" for goal in state.vague_goals)
        missing = f"No measurable goal yet. {vague}" if vague else "No measurable goal yet"
    return condition(
        "measurable_goal",
        missing=missing,
        holds="; ".join(str(goal) for goal in state.goals),
        at=min((goal.at for goal in state.goals), default=None),
        owner_role=VendorRole.CSM,
    )


def instant(value: object) -> datetime | None:
    """Return the moment in a fact's value, bounded and in UTC; without a zone it is UTC. None if unreadable."""
    if not isinstance(value, datetime):
        try:
            value = datetime.fromisoformat(str(value))
        except ValueError:
            return None
    return bounded(value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)


CONDITIONS: Mapping[str, Condition] = {"measurable_goal": _measurable_goal}
