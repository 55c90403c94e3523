"""Stalls and their ladder, each person's daily digest, and the note to ops on what could not be read."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from database.crm import problems
from database.onboardings import cases, overview, saves
from database.outbox import planned
from database.statements import chunks
from onboarding.escalations.digest import DigestLine
from onboarding.escalations.digest_news import digest_lines
from onboarding.messages.digest_effects import digest_day, digest_effects, is_read, keys_of_today, last_digest
from onboarding.messages.notes import note, occurrence_of
from onboarding.messages.undelivered import set_aside_post
from onboarding.model.vocabulary import Concern, EffectState
from onboarding.review_case import review_without_writes
from tasks.review.absences import tell_of_absences
from tasks.review.batches import BATCH, review_cases, review_due
from tasks.review.ops_notes import tell_of_undelivered
from tasks.review.ticket_topics import note_key, topic_note
from tasks.runtime.api_allowance import tell_of_allowance
from tasks.runtime.context import RunContext
from tasks.runtime.reports import Failure, ReviewReport
from tasks.runtime.scope import Scope


def escalate_stalled(context: RunContext, as_of: datetime, scope: Scope) -> ReviewReport:
    """Find stalled onboardings; open, follow, climb and close their episodes. Delivery sends the messages."""
    return review_due(context, as_of, scope, frozenset({Concern.ESCALATIONS}), due_by=Concern.ESCALATIONS)


def write_digests(context: RunContext, as_of: datetime, scope: Scope) -> ReviewReport:
    """Plan each person's digest of the day, in their working hours, and the notes to ops on records that could not be
    read, on the CRM's allowance and on what was not delivered.

    Onboardings are read only where they have something to say and a digest of today is missing. Safe to run twice: a
    digest's key is its person and day, and a note is planned once. A run for named accounts writes none.
    """
    if scope.accounts is not None:
        return ReviewReport()
    _tell_ops(context, as_of)
    tell_of_allowance(context, as_of)
    tell_of_undelivered(context, as_of)
    tell_of_absences(context, as_of)
    with context.database.reading() as conn:
        owners = overview.owners(conn)
        written = overview.existing_effects(conn, {note_key(as_of), *keys_of_today(owners.values(), as_of)})
    day = digest_day(owners.values(), written, as_of, context.calendars(as_of), context.office_hours)
    if not day.ready:
        return ReviewReport()
    with context.database.reading() as conn:
        waiting = overview.with_digest_content(conn, as_of)
        last = planned.last_digests(conn, as_of)
    day = replace(day, last={person: last_digest(*found) for person, found in last.items()})
    if not waiting and not any(one.works for one in day.last.values()):
        return ReviewReport()
    found = list(_lines(context, waiting, as_of, is_read(owners, day)))
    lines = [one for one in found if isinstance(one, DigestLine)]
    failures = [one for one in found if isinstance(one, Failure)]
    effects = digest_effects(lines, owners, day, answers=context.settings.chat.has_buttons)
    with context.database.writing() as conn:
        topics = topic_note(conn, as_of) if note_key(as_of) not in written else None
        effects += [topics] if topics else []
        planned.plan(conn, [(None, effect) for effect in effects], as_of)
    count = sum(effect.state is EffectState.PLANNED for effect in effects)
    return ReviewReport(reviewed=len(waiting), planned=count, failures=tuple(failures))


def _lines(
    context: RunContext, keys: Sequence[str], as_of: datetime, wanted: Callable[[str], bool]
) -> Iterator[DigestLine | Failure]:
    for part in chunks(keys, BATCH):
        with context.database.reading() as conn:
            kept = context.reviews.unchanged(saves.versions(conn, part), as_of)
            others = [key for key in part if key not in kept]
            found = cases.load(conn, others, as_of, context.calendars(as_of), context.settings.only_accounts)
        fresh = review_cases(context, list(found.values()), as_of, frozenset(), review_without_writes)
        for answer in (*kept.values(), *fresh):
            if isinstance(answer, Failure):
                yield answer
                continue
            case, review = answer.case, answer.review
            playbook = context.playbook_version(review.progress.playbook)
            yield from digest_lines(case, review, playbook, as_of, wanted)


def _tell_ops(context: RunContext, as_of: datetime) -> None:
    with context.database.writing() as conn:
        fresh = problems.untold(conn)
        if not fresh:
            return
        occurrence = occurrence_of(map(str, fresh), as_of)
        because = f"{len(fresh)} new problems in what was read"
        effect = note("set_aside", occurrence, set_aside_post(fresh), because, as_of)
        planned.plan(conn, [(None, effect)], as_of)
        problems.mark_told(conn, fresh, as_of)
