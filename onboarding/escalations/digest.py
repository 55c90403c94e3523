"""The daily digest: one message a day for each of the vendor's people with what is not urgent, most urgent first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from onboarding.dates.working_time import add_working_days
from onboarding.escalations.episodes import merged, open_episode, unresolved
from onboarding.escalations.readers import CHANNEL_ID
from onboarding.model.case import Case, Stall
from onboarding.model.parties import Owner
from onboarding.model.phrases import day_words, list_words, side_words
from onboarding.model.playbook import Playbook
from onboarding.model.review import Review
from onboarding.model.state import Milestone, OnboardingState
from onboarding.model.vocabulary import STAGES, HandoffItem, Side, Stage, Status, VendorRole

DIGEST = "digest"
"""The kind of its effects."""

ORDER = ("critical", "warning", "overdue", "low", "due", "task")
"""The severities of a line, most urgent first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestLine:
    """One line of a person's digest."""

    owner_id: str
    """The recipient; ``channel`` is the managers' channel, if no person holds the role."""
    onboarding: str
    account: str
    text: str
    severity: str = "task"
    due: datetime | None = None
    work: tuple[str, str] | None = None
    """Name and title of the milestone that the line asks for."""


def lines_for(case: Case, review: Review, playbook: Playbook, now: datetime) -> tuple[DigestLine, ...]:
    """Return the digest lines of this onboarding at ``now`` (UTC): stalls that do not climb the ladder, the vendor's
    work that is overdue or due within a working day, and tasks for a person.

    Nothing while blocked or outside the pilot, and while on hold only the tasks. Work that first90 proves itself, and
    work of stages already left, gets no line; work after first value continues once completed (ST-11).
    """
    if case.progress.blocked or (case.only_accounts is not None and case.account.id not in case.only_accounts):
        return ()
    state, found = review.state, merged(case.episodes, review.episodes)
    lines = [
        replace(_line(case, state, task.role, task.text), severity="task", due=task.due_at) for task in review.tasks
    ]
    if case.progress.status not in (Status.ACTIVE, Status.COMPLETED):
        return tuple(lines)
    episode = open_episode(found)
    for stall in unresolved(found, review.stalls):
        if stall.severity == "low" or episode is None or not episode.level:
            if episode is not None and episode.snoozed_until is not None and episode.snoozed_until > now:
                continue
            lines.append(_stall_line(case, state, stall))
    missing = [item for item in HandoffItem if item not in state.handoff]
    if case.progress.stage is Stage.HANDOFF and missing:
        lines.append(_handoff_line(case, state, missing))
    calendar = case.calendar(state.owner.country if state.owner else None)
    soon = add_working_days(now, 1, state.owner.zone if state.owner else "UTC", calendar)
    for milestone in _ours(case, state, playbook):
        if milestone.due_at is not None and milestone.due_at <= soon:
            lines.append(_milestone_line(case, state, milestone, milestone.due_at, now))
    return tuple(line for line in lines if not _said_again(line, lines))


def digests(
    lines: Iterable[DigestLine], owners: Mapping[str, Owner], day: date
) -> Mapping[str, tuple[DigestLine, ...]]:
    """Return the lines of each digest of ``day`` by owner id, most urgent first.

    Lines for an inactive person go to the managers' channel. The order does not depend on that of ``lines``.
    """
    found: dict[str, list[DigestLine]] = {}
    for line in lines:
        owner = owners.get(line.owner_id)
        found.setdefault(line.owner_id if owner is not None and owner.active else CHANNEL_ID, []).append(line)
    return {
        owner: tuple(sorted(set(mine), key=lambda line: _urgency(line, day))) for owner, mine in sorted(found.items())
    }


def _urgency(line: DigestLine, day: date) -> tuple[int | str, ...]:
    """Return the sort key of a line. It is unique, because the lines come from a set, whose order differs between
    runs."""
    days = (line.due.date() - day).days if line.due else 0
    exactly = line.due.isoformat() if line.due else ""
    return ORDER.index(line.severity), days, line.account, line.text, exactly, line.onboarding, line.owner_id


def _stall_line(case: Case, state: OnboardingState, stall: Stall) -> DigestLine:
    whose = f"Waiting for {side_words(stall.waiting_on)} since {day_words(stall.since)}."
    text = f"{stall.cause} {whose} {stall.next_step}"
    line = _line(case, state, VendorRole.CSM.value, text)
    return replace(line, severity=stall.severity, due=stall.since)


def _said_again(line: DigestLine, lines: Iterable[DigestLine]) -> bool:
    """Return whether this stall is the overdue work that another line asks the same person for."""
    return line.severity == "low" and any(
        line.owner_id == one.owner_id and one.work is not None and line.text.startswith(one.text.rstrip("."))
        for one in lines
    )


def _handoff_line(case: Case, state: OnboardingState, missing: list[HandoffItem]) -> DigestLine:
    """Return the seller's line with the missing items; the CSM gets them as a stall (HO-1 to HO-7)."""
    items = list_words([item.value.replace("_", " ") for item in missing])
    text = f"The customer was handed over without {items}. Write them into the deal; the handoff waits for them."
    line = _line(case, state, VendorRole.ACCOUNT_EXECUTIVE.value, text)
    return replace(line, severity="overdue", due=case.signed_at)


def _milestone_line(
    case: Case, state: OnboardingState, milestone: Milestone, due: datetime, now: datetime
) -> DigestLine:
    overdue = due < now
    text = f"“{milestone.title}” {'was' if overdue else 'is'} due on {day_words(due)}."
    return replace(
        _line(case, state, milestone.owner_role, text),
        severity="overdue" if overdue else "due",
        due=due,
        work=(milestone.name, milestone.title),
    )


def _ours(case: Case, state: OnboardingState, playbook: Playbook) -> list[Milestone]:
    """Return open work of the vendor's people in this stage or a later one, the oldest first."""
    stage = case.progress.stage
    ahead = STAGES[STAGES.index(Stage.FIRST_VALUE if stage is Stage.DONE else stage) :]
    proved = {plan.name for plan in playbook.milestones() if plan.proof is not None}
    return [
        milestone
        for milestone in state.milestones.values()
        if milestone.side is not Side.CUSTOMER
        and milestone.status == "open"
        and milestone.stage in ahead
        and milestone.name not in proved
    ]


def _line(case: Case, state: OnboardingState, role: str, text: str) -> DigestLine:
    known = state.team.get(VendorRole(role)) if role in set(VendorRole) else None
    owner = known or state.owner
    return DigestLine(
        owner_id=owner.id if owner else CHANNEL_ID,
        onboarding=case.key,
        account=case.account.name,
        text=text,
    )
