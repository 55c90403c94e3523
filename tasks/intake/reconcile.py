"""Finds drift between what we know, what was last written and what the CRM holds now, and mends it on request."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from config.company.mapping import CrmMapping, Direction
from database.crm import written_rows
from database.crm.written_rows import WrittenRow as Known
from database.onboardings import cases, overview
from onboarding.crm import projection
from onboarding.crm.current_rows import HeldRow
from onboarding.crm.drift import Difference, Fields, Mend, compare, unknown_rows
from onboarding.crm.projection import MILESTONE, ONBOARDING
from onboarding.model.vocabulary import UNSENT, Channel
from onboarding.review_case import Reviewed
from tasks.intake.milestone_edits import take_back
from tasks.review.batches import BATCH, review_cases, review_named
from tasks.runtime.context import RunContext
from tasks.runtime.reports import Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """The differences that a comparison found, and what was done about them."""

    as_of: datetime
    onboardings: int
    rows: int
    """Rows that the CRM holds."""
    blocked: int
    """Onboardings that were left out, because nothing is written for them until they are adopted."""
    differences: tuple[Difference, ...]
    failures: tuple[Failure, ...] = ()
    queued: int = 0
    """Rows that will be written at the next delivery."""
    taken_back: int = 0
    """Onboardings of which people's edits in the CRM told something new."""


def reconcile(context: RunContext, as_of: datetime, *, fix: bool = False, by: str = "first90") -> Reconciliation:
    """Compare each of our rows in the CRM with what it should hold. Raises Unreachable.

    Changes nothing without ``fix``. With it, people's edits are taken back as the sweep does (facts with the same
    keys; in a conflict theirs holds), and our fields are planned to be written by the next delivery. Rows that belong
    to no onboarding are left to a person. Safe to repeat, and beside any other run.
    """
    found = _compare(context, as_of)
    if not fix:
        return found
    taken = _take_back(context, as_of, found.differences)
    owed: defaultdict[str, set[str]] = defaultdict(set)
    for one in found.differences:
        if one.mend is Mend.WRITE:
            owed[one.key.partition(":")[0]].add(one.key)
    because = "it differs from what the CRM holds, so it is written again"
    with context.database.writing() as conn:
        written_rows.plan_writes(conn, owed, because=because, by=by, at=as_of)
    keys = sorted({one.key.partition(":")[0] for one in found.differences if one.mend is not Mend.PERSON})
    reviewed = review_named(context, keys, as_of, by)
    return Reconciliation(
        as_of=as_of,
        onboardings=found.onboardings,
        rows=found.rows,
        blocked=found.blocked,
        differences=found.differences,
        failures=(*found.failures, *reviewed.failures),
        queued=sum(map(len, owed.values())),
        taken_back=taken,
    )


def _compare(context: RunContext, as_of: datetime) -> Reconciliation:
    held = context.crm.held_rows()
    there: dict[tuple[str, str], HeldRow] = {}
    for one in held:
        there.setdefault((one.object, one.key), one)
    fields = {name: _fields(context.mapping, name) for name in (ONBOARDING, MILESTONE)}
    differences: list[Difference] = []
    failures: list[Failure] = []
    ours: set[str] = set()
    keys, blocked = _keys(context), 0
    for start in range(0, len(keys), BATCH):
        for answer, known in _reviewed(context, keys[start : start + BATCH], as_of):
            if isinstance(answer, Failure):
                failures.append(answer)
                continue
            if answer.case.progress.blocked:
                blocked += 1
                continue
            rows = projection.rows(answer.case, answer.review, answer.summary)
            lines = answer.case.effects
            waiting = {line.recipient for line in lines if line.channel is Channel.CRM and line.state in UNSENT}
            ours |= rows.keys()
            for row in rows.values():
                written = known.get(row.key)
                differences += compare(
                    row,
                    written.values if written else None,
                    there.get((row.object, row.key)),
                    fields[row.object],
                    waits=row.key in waiting,
                )
    return Reconciliation(
        as_of=as_of,
        onboardings=len(keys) - blocked,
        rows=len(held),
        blocked=blocked,
        differences=(*differences, *unknown_rows(held, ours)),
        failures=tuple(failures),
    )


def _reviewed(
    context: RunContext, keys: Sequence[str], as_of: datetime
) -> Iterator[tuple[Reviewed | Failure, Mapping[str, Known]]]:
    with context.database.reading() as conn:
        found = cases.load(conn, keys, as_of, context.calendars(as_of), context.settings.only_accounts)
        known = written_rows.rows_of(conn, keys)
    for answer in review_cases(context, list(found.values()), as_of, frozenset()):
        yield answer, known


def _keys(context: RunContext) -> list[str]:
    with context.database.reading() as conn:
        return overview.all_keys(conn)


def _fields(mapping: CrmMapping, crm_object: str) -> Fields:
    written = mapping.written(crm_object)
    return Fields(
        ours=frozenset(name for name, field in written.items() if field.direction is Direction.OURS),
        both=frozenset(name for name, field in written.items() if field.direction is Direction.BOTH),
    )


def _take_back(context: RunContext, as_of: datetime, differences: Collection[Difference]) -> int:
    """Take people's edits back as the sweep does; return of how many onboardings they told something new."""
    if not any(one.mend is Mend.TAKE_BACK for one in differences):
        return 0
    read_at = context.wall_clock()
    batch = context.crm.read_milestones(None)
    with context.database.writing() as conn:
        return take_back(conn, context, batch, as_of, read_at).changed
