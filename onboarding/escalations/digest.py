"""The daily digest: one message a day for each of the vendor's people with what is not urgent, most urgent first."""

from collections.abc import Callable, Iterable, Mapping, Set
from datetime import date, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any

from onboarding.dates.working_time import add_working_days
from onboarding.escalations.readers import CHANNEL_ID
from onboarding.model.case import Case
from onboarding.model.parties import Owner
from onboarding.model.playbook import Playbook
from onboarding.model.review import Review, Task
from onboarding.model.state import Milestone, OnboardingState
from onboarding.model.vocabulary import STAGES, HandoffItem, NewsKind, Side, Stage, Status, VendorRole
from onboarding.people.owners import responsible
from onboarding.sentences.sentence import quoted, sentence
from onboarding.sentences.terms import item_name, told_to_owner, utc_day
from onboarding.values import dataclass, replace

DIGEST = "digest"
"""The kind of its effects."""
NOTHING_NEW = "nothing changed since the last one"
"""Why a digest is cancelled at once; what it knows is remembered like that of one that was read."""

REMEMBERED = timedelta(days=14)
"""How long what happened is kept for a digest that was not written yet, over holidays too. This project's choice."""

HANDOFF = "handoff"
DONE = "done"
SELLER = VendorRole.ACCOUNT_EXECUTIVE.value
ORDER = ("critical", "warning", "overdue", "low", "due", "task", DONE)
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
    id: str = ""
    """What it is about, the same each day: a piece of work, or a cause."""
    same_as: str = ""
    """The id of the piece of work that this cause is."""
    news: NewsKind | None = None
    mark: tuple[int, int] | None = None
    """With ``news``: its episode and place, which grow with time."""
    rests: bool = False
    """Whether it is not told now, and what its reader has seen of it is only remembered."""
    climbed: bool = False
    """With ``news``: whether the cause has messages of its own by now."""
    closed: bool = False
    """Whether it is for the weekly look back alone."""


def everybody(_: str) -> bool:
    """Return that lines of every owner id are wanted."""
    return True


def lines_for(
    case: Case, review: Review, playbook: Playbook, now: datetime, wanted: Callable[[str], bool] = everybody
) -> tuple[DigestLine, ...]:
    """Return the work of the vendor's people on this onboarding at ``now`` (UTC): what is overdue, due within a working
    day or done lately, and tasks for a person. Its stalls are ``digest_news.news_lines``.

    ``wanted``: of which owner ids; writing lines that no reader is ready for costs more than to choose them.

    Nothing while blocked or outside the pilot, and while on hold only the tasks. Work that first90 proves itself, and
    work of stages already left, gets no line; work after first value continues once completed (ST-11).
    """
    state = review.state
    if case.is_shut or not any(map(wanted, _readers(state))):
        return ()
    lines = [_task_line(case, state, task) for task in review.tasks if wanted(_reader(state, task.role))]
    if case.progress.status not in (Status.ACTIVE, Status.COMPLETED):
        return tuple(lines)
    if (missing := _missing(case, state)) and wanted(_reader(state, SELLER)):
        lines.append(_handoff_line(case, state, missing))
    calendar = case.calendar(state.owner.country if state.owner else None)
    soon = add_working_days(now, 1, state.owner.zone if state.owner else "UTC", calendar)
    for milestone in _ours(case, state, playbook):
        done_at, due_at = milestone.done_at, milestone.due_at
        if milestone.status == DONE:
            lately = done_at is not None and now - _after_hold(case, done_at) <= REMEMBERED
            if lately and wanted(_reader(state, milestone.owner_role)):
                lines.append(_done_line(case, state, milestone))
        elif due_at is not None and due_at <= soon and wanted(_reader(state, milestone.owner_role)):
            lines.append(_milestone_line(case, state, milestone, due_at, now))
    return tuple(lines)


def resting_lines(case: Case, review: Review, playbook: Playbook) -> tuple[DigestLine, ...]:
    """Return the work of which the digests must remember what was seen while nothing of it is told: on hold, blocked or
    outside the pilot. Of tasks only where these are not told either."""
    state = review.state
    lines = [_task_line(case, state, task) for task in review.tasks if case.is_shut]
    if missing := _missing(case, state):
        lines.append(_handoff_line(case, state, missing))
    for milestone in _ours(case, state, playbook):
        lines.append(_line(case, _reader(state, milestone.owner_role), "", id=work_id(case, milestone.name)))
    return tuple(replace(line, rests=True) for line in lines)


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
    place = line.id, *(line.mark or (0, 0)), line.closed
    return ORDER.index(line.severity), days, line.account, line.text, exactly, line.onboarding, line.owner_id, *place


def _missing(case: Case, state: OnboardingState) -> list[HandoffItem]:
    if case.progress.stage is not Stage.HANDOFF:
        return []
    return [item for item in HandoffItem if item not in state.handoff]


def _after_hold(case: Case, at: datetime) -> datetime:
    """Return when what happened at this moment can be told: at once, or at the end of the hold that it fell into."""
    if not case.holds:
        return at
    ends = [end for hold in case.holds if hold.since <= at and (end := hold.ended_at or hold.until) and at < end]
    return max(ends, default=at)


def _task_line(case: Case, state: OnboardingState, task: Task) -> DigestLine:
    # What it is about may name a person, and the ids of lines are kept as long as their digest: only its hash is.
    about = f"{case.key}:task:{task.role}:{sha256(task.about.encode()).hexdigest()[:12]}"
    severity = "overdue" if task.is_overdue else "task"
    reader = _reader(state, task.role)
    text = told_to_owner(task.text) if reader != CHANNEL_ID else task.text
    return _line(case, reader, text, severity=severity, due=task.due_at, id=about)


def _handoff_line(case: Case, state: OnboardingState, missing: list[HandoffItem]) -> DigestLine:
    """Return the seller's line with the missing items; the CSM gets them as a stall (HO-1 to HO-7)."""
    text = sentence("digest.handoff", items=tuple(item_name(item.value) for item in missing))
    seller = _reader(state, SELLER)
    return _line(case, seller, text, severity="overdue", due=case.signed_at, id=f"{case.key}:{HANDOFF}")


def _milestone_line(
    case: Case, state: OnboardingState, milestone: Milestone, due: datetime, now: datetime
) -> DigestLine:
    overdue = due < now
    title, day = quoted(milestone.title), utc_day(due)
    text = sentence("digest.was_due" if overdue else "digest.due", title=title, day=day)
    return _line(
        case,
        _reader(state, milestone.owner_role),
        text,
        severity="overdue" if overdue else "due",
        due=due,
        work=(milestone.name, milestone.title),
        id=work_id(case, milestone.name),
    )


def _done_line(case: Case, state: OnboardingState, milestone: Milestone) -> DigestLine:
    reader, text = _reader(state, milestone.owner_role), sentence("digest.done", title=quoted(milestone.title))
    return _line(case, reader, text, severity=DONE, id=work_id(case, milestone.name))


def work_id(case: Case, milestone: str) -> str:
    """Return the id of a milestone's lines."""
    return f"{case.key}:work:{milestone}"


def _ours(case: Case, state: OnboardingState, playbook: Playbook) -> list[Milestone]:
    """Return the work of the vendor's people that is done, or open in this stage or a later one, the oldest first."""
    stage = case.progress.stage
    ahead = STAGES[STAGES.index(Stage.FIRST_VALUE if stage is Stage.DONE else stage) :]
    proved = _proved(playbook)
    return [
        milestone
        for milestone in state.milestones.values()
        if milestone.side is not Side.CUSTOMER
        and (milestone.status == DONE or (milestone.status == "open" and milestone.stage in ahead))
        and milestone.name not in proved
    ]


@lru_cache(maxsize=64)
def _proved(playbook: Playbook) -> frozenset[str]:
    """Return the milestones that first90 proves itself."""
    return frozenset(plan.name for plan in playbook.milestones() if plan.by_itself)


def _reader(state: OnboardingState, role: str) -> str:
    """Return the id of the person who reads of a role's work; the managers' channel where no person does it."""
    owner = responsible(state.team, role)
    return owner.id if owner else CHANNEL_ID


def _readers(state: OnboardingState) -> Set[str]:
    """Return everyone whom ``_reader`` may return."""
    return {CHANNEL_ID, *(owner.id for owner in state.team.values())}


def _line(case: Case, reader: str, text: str, **fields: Any) -> DigestLine:
    return DigestLine(owner_id=reader, onboarding=case.key, account=case.account.name, text=text, **fields)
