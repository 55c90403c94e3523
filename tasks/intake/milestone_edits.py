"""Turns people's edits of milestone rows in the CRM into facts. In a conflict theirs holds, and the journal says so."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from database.crm import problems, written_rows
from database.crm.written_rows import WrittenRow
from database.onboardings import cases, openings
from onboarding.crm.added import FIELDS, added_task, is_added
from onboarding.crm.edits import Conflict, both_fields, theirs
from onboarding.facts.fold import fold_and_advance
from onboarding.model.case import Case, Fact
from onboarding.model.crm_records import CrmMilestone, MilestoneBatch, Problem
from onboarding.own_tasks.request import TaskRefused
from tasks.intake.erased_people import without_forgotten_in
from tasks.runtime.context import RunContext
from tasks.runtime.journal_entries import enter

UNKNOWN = "Onboarding_Milestone__c, names"
"""The source under which rows are set aside that name no milestone of the playbook."""
BATCH = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack:
    """What a reading of milestone rows brought."""

    changed: int = 0
    """Onboardings of which something new was learned."""
    waiting: bool = False
    """Whether rows were left to the next reading, because they were being written: they do not count as read."""
    unknown: frozenset[str] = frozenset()
    """Keys of onboardings that rows name and that this database does not know (yet)."""


def take_back(
    conn: Connection, context: RunContext, batch: MilestoneBatch, as_of: datetime, read_at: datetime
) -> TakenBack:
    """Turn what people changed in milestone rows into facts.

    Only rows that differ from what was last written count. A row that was written or taken back by another run since
    ``read_at`` (the wall clock before the CRM was read), or that is being written, says nothing about people: it is
    left to the next reading. Safe to run twice, and beside any other run: the same row gives facts with the same keys.
    """
    batch = without_forgotten_in(conn, batch)
    found = {row.key: row for row in batch.milestones}
    written = written_rows.known_rows(conn, found)
    fresh = [row for key, row in found.items() if key not in written or _differs(row, written[key])]
    by_onboarding: dict[str, list[CrmMilestone]] = {}
    for row in fresh:
        by_onboarding.setdefault(row.onboarding_key, []).append(row)
    keys = list(openings.accounts_of(conn, by_onboarding))
    changed, unknown, waiting = 0, [], False
    for part in (keys[start : start + BATCH] for start in range(0, len(keys), BATCH)):
        loaded = cases.load(conn, part, as_of, context.calendars(as_of), context.settings.only_accounts)
        learned: dict[str, Sequence[Fact]] = {}
        conflicts: list[tuple[Case, Conflict]] = []
        busy = written_rows.being_written(conn, loaded)
        for case in loaded.values():
            free = [row for row in by_onboarding[case.key] if row.key not in busy and not _newer(written, row, read_at)]
            waiting = waiting or len(free) < len(by_onboarding[case.key])
            by_onboarding[case.key] = free
            new, clashing, strange = _read(context, case, free, written, as_of)
            learned[case.key] = new
            conflicts += [(case, conflict) for conflict in clashing]
            unknown += strange
        changed += len(enter(conn, learned, as_of))
        strangers = {problem.record for problem in unknown}
        seen = [row for case in loaded.values() for row in by_onboarding[case.key] if row.key not in strangers]
        _remember(conn, context, seen, conflicts, written, as_of)
    problems.note_problems(conn, batch.problems, as_of, batch.sources, batch.looked_at)
    problems.note_problems(conn, unknown, as_of, [UNKNOWN], batch.looked_at)
    return TakenBack(changed=changed, waiting=waiting, unknown=frozenset(by_onboarding) - set(keys))


def _newer(written: Mapping[str, WrittenRow], row: CrmMilestone, read_at: datetime) -> bool:
    """Return whether the row was written or taken back after it was read."""
    known = written.get(row.key)
    return known is not None and known.at is not None and known.at > read_at


def _differs(row: CrmMilestone, written: WrittenRow) -> bool:
    there = both_fields(row)
    return any((there.get(name) or "") != (written.values.get(name) or "") for name in there)


def _read(
    context: RunContext,
    case: Case,
    rows: Iterable[CrmMilestone],
    written: Mapping[str, WrittenRow],
    as_of: datetime,
) -> tuple[list[Fact], list[Conflict], list[Problem]]:
    playbook = context.playbook_version(case.progress.playbook)
    folded = fold_and_advance(case, playbook, as_of)
    new: list[Fact] = []
    conflicts: list[Conflict] = []
    strange: list[Problem] = []
    for row in rows:
        if row.name not in folded.state.milestones and is_added(row):
            try:
                task = added_task(case, folded, row, as_of)
            except TaskRefused as why:
                problem = f"asks for a task that cannot be added: {why}"
                strange.append(
                    Problem(source=UNKNOWN, record=row.key, field=FIELDS.get(why.field, ""), problem=problem)
                )
                continue
            new.append(task)
            case = replace(case, facts=(*case.facts, task))
            folded = fold_and_advance(case, playbook, as_of)
        milestone = folded.state.milestones.get(row.name)
        if milestone is None:
            told = f"names no milestone of the {case.progress.tier} playbook; `first90 playbook show` lists them"
            strange.append(Problem(source=UNKNOWN, record=row.key, field="First90_Key__c", problem=told))
            continue
        known = written.get(row.key)
        facts_found, clashing = theirs(case, known.values if known else None, row, milestone, as_of)
        new += facts_found
        conflicts += clashing
    return new, conflicts, strange


def _remember(
    conn: Connection,
    context: RunContext,
    seen: Sequence[CrmMilestone],
    conflicts: Sequence[tuple[Case, Conflict]],
    written: Mapping[str, WrittenRow],
    as_of: datetime,
) -> None:
    """Store what the CRM holds as the state that both sides agree on, so that the next edit there is noticed.

    Where both sides had changed a field, the journal says so once, and the conflict is kept with the row until one
    side changes the field again.
    """
    lines = []
    told: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for case, conflict in conflicts:
        before = written[conflict.key].conflict if conflict.key in written else None
        told[conflict.key][conflict.field] = str(conflict)
        if (before or {}).get(conflict.field) != str(conflict):
            lines.append((case.key, "conflict", conflict.key, str(conflict)))
    agreed = {row.key: _agreed(row, written.get(row.key)) for row in seen}
    written_rows.remember_rows(
        conn,
        [
            WrittenRow(
                key=row.key,
                onboarding_key=row.onboarding_key,
                values=agreed[row.key],
                conflict={**written_rows.unsettled(written.get(row.key), agreed[row.key]), **told[row.key]},
            )
            for row in seen
        ],
        context.wall_clock(),
    )
    openings.note(conn, lines, at=as_of, by="crm")


def _agreed(row: CrmMilestone, known: WrittenRow | None) -> Mapping[str, str]:
    values = {**(known.values if known else {}), **both_fields(row)}
    return {name: value for name, value in values.items() if value}
