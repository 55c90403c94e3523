"""Stage 2, kickoff and goal setting (ST-2): everyone aligned on objectives, timeline and responsibilities.

The kickoff is booked within 48 hours of the signature and held; no account leaves the stage without at least
one measurable goal (GO-1, GO-7).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from onboarding.case import Case, Fact
from onboarding.playbook import Playbook
from onboarding.stages.criteria import Condition, condition, read_exit
from onboarding.standing import Criterion, Standing
from onboarding.words import Stage, VendorRole

STAGE = Stage.KICKOFF
OBJECTIVE = "Everyone is aligned on objectives, timeline and responsibilities"
OWNER = VendorRole.CSM


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """The time agreed for the kickoff, since when there is one, and when we learned of that."""

    meeting_at: datetime
    booked_at: datetime
    known_at: datetime
    by: str


def read_booking(case: Case, facts: Sequence[Fact]) -> Booking | None:
    """The kickoff as agreed, from people's reports or from the deal's own field.

    The last agreement holds, the first one dates the booking. Taking ``kickoff_booked`` back takes back the
    agreements known by then. The deal's field has no date of its own, so it only counts where no report names
    a time; it is then dated by our first sight of the onboarding, or the meeting itself if that was earlier.
    ``facts`` are in the order of learning.
    """
    agreed: list[tuple[datetime, datetime, str, datetime, str]] = []
    reported = False
    for fact in facts:
        if fact.kind == "milestone_undone" and fact.name == "kickoff_booked":
            agreed, reported = [], True
        elif fact.kind in ("meeting", "milestone") and fact.name in ("kickoff_booked", "kickoff_held"):
            meeting_at = _instant(fact.value.get("meeting_at"))
            if meeting_at is not None:
                agreed.append((fact.at, fact.learned_at, fact.key, meeting_at, fact.by))
                reported = True
    if agreed:
        first, last = min(agreed), max(agreed)
        return Booking(meeting_at=last[3], booked_at=first[0], known_at=first[1], by=first[4])
    in_crm = next((deal.kickoff_at for deal in case.deals if deal.kickoff_at is not None), None)
    if reported or in_crm is None:
        return None
    booked_at = max(case.signed_at, min(in_crm, case.progress.opened_at))
    return Booking(meeting_at=in_crm, booked_at=booked_at, known_at=booked_at, by="CRM")


def criteria(case: Case, standing: Standing, playbook: Playbook) -> tuple[Criterion, ...]:
    """What must hold before the kickoff counts as done, met or not, in words."""
    return read_exit(STAGE, CONDITIONS, case, standing, playbook)


def _measurable_goal(case: Case, standing: Standing, playbook: Playbook) -> Criterion:
    missing = None
    if not standing.goals:
        vague = "; ".join(f"“{goal.text}”: {goal.lacks}" for goal in standing.vague_goals)
        missing = f"No measurable goal yet. {vague}" if vague else "No measurable goal yet"
    return condition(
        "measurable_goal",
        missing=missing,
        holds="; ".join(str(goal) for goal in standing.goals),
        at=min((goal.at for goal in standing.goals), default=None),
        owner_role=VendorRole.CSM,
    )


def _instant(value: object) -> datetime | None:
    """A moment as a fact carries it; one without a zone is in UTC."""
    if not isinstance(value, datetime):
        try:
            value = datetime.fromisoformat(str(value))
        except ValueError:
            return None
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


CONDITIONS: Mapping[str, Condition] = {"measurable_goal": _measurable_goal}
