"""Reviews due onboardings in batches: read a batch, review each, save, and read again what changed meanwhile."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from config.company.calendars import years_around
from database.bulk import collector_resting
from database.onboardings import cases, overview, saves
from database.onboardings.calendars import keep_calendars
from database.onboardings.openings import onboardings_of
from database.statements import chunks
from onboarding.model.case import Case
from onboarding.model.playbook import Playbook
from onboarding.model.review import Decision
from onboarding.model.vocabulary import Channel, Concern, EffectState, Stage
from onboarding.playbook_changes.arrivals import also_settling, known_already, with_settled
from onboarding.playbook_changes.tier_change import with_time_from
from onboarding.review_case import Reviewed, review
from tasks.progress import Progress
from tasks.review.events import what_happened
from tasks.review.first_drafts import note_moved_customers
from tasks.runtime.context import RunContext
from tasks.runtime.faults import kind_and_place
from tasks.runtime.reports import Failure, OnboardingEvent, ReviewReport
from tasks.runtime.scope import Scope

logger = logging.getLogger(__name__)

Rules = Callable[[Case, Playbook, datetime, frozenset[Concern]], Reviewed]
BATCH = 250
"""Onboardings read and reviewed at once: some megabytes."""
SAVED = 25
"""How many of them are saved in one transaction: some 0.1 s where each plans its forty first CRM rows. Our choice."""
MOST_READINGS = 5
"""How often an onboarding that other workers keep changing is read before it is left to the next run."""


def review_due(
    context: RunContext,
    as_of: datetime,
    scope: Scope,
    concerns: frozenset[Concern],
    stage: Stage | None = None,
    due_by: Concern = Concern.STAGES,
) -> ReviewReport:
    """Review every onboarding whose moment for ``due_by`` has come (all of ``scope`` where it names accounts).

    Safe to run twice and beside others: a save succeeds only for the version that was read, an effect's key exists
    once, and what was reviewed is no longer due. An onboarding that cannot be reviewed is reported; the rest go on.
    """
    keys = _due(context, as_of, scope, due_by, stage)
    return _in_batches(context, as_of, scope, concerns, stage, keys)


def review_named(
    context: RunContext,
    keys: Sequence[str],
    as_of: datetime,
    by: str,
    concerns: frozenset[Concern] = frozenset(),
) -> ReviewReport:
    """Review these onboardings now: changes of unsent effects, dates, status, and new work of ``concerns`` only.

    Without concerns nothing new is planned, so that a person's command never sends anything by itself.
    """
    return _in_batches(context, as_of, Scope(by=by), concerns, None, keys)


def review_cases(
    context: RunContext, found: Sequence[Case], as_of: datetime, concerns: frozenset[Concern], rules: Rules = review
) -> Iterator[Reviewed | Failure]:
    """Review cases one by one; yield a failure with its key for one on which the code of the rules raises.

    ``rules``: ``review_without_writes`` where nothing is saved.
    """
    for case in found:
        try:
            yield review_one(context, case, as_of, concerns, rules)
        except Exception as error:
            logger.error("onboarding %s could not be reviewed: %s", case.key, kind_and_place(error))
            logger.debug("onboarding %s", case.key, exc_info=True)
            yield Failure(where=case.key, error=f"{kind_and_place(error)}, in the rules")


def review_one(
    context: RunContext, case: Case, as_of: datetime, concerns: frozenset[Concern], rules: Rules = review
) -> Reviewed:
    """Review a case under the playbook version it runs on; a new tier moves it to that tier's newest version first,
    whose milestones count from the move where they would be overdue at once. A tier of which there is no playbook any
    more moves it nowhere."""
    playbook = context.playbook_version(case.progress.playbook)
    found = rules(case, playbook, as_of, concerns)
    tier = found.review.state.tier
    if tier == playbook.tier or tier not in context.library:
        return found
    newest = context.library[tier]
    arrivals = tuple(known_already(case, playbook, newest.playbook, as_of))
    moved = with_settled(replace(case, progress=replace(case.progress, playbook=newest.hash)), arrivals)
    timed = with_time_from(moved, found, rules(moved, newest.playbook, as_of, concerns), as_of)
    found = also_settling(rules(timed, newest.playbook, as_of, concerns), arrivals)
    because = f"the tier is {tier} now, so it runs on that playbook's newest version"
    decision = Decision(kind="playbook", about=newest.hash, because=because)
    return replace(found, review=replace(found.review, decisions=(*found.review.decisions, decision)))


def _due(context: RunContext, as_of: datetime, scope: Scope, due_by: Concern, stage: Stage | None) -> Sequence[str]:
    with context.database.reading() as conn:
        named = None if scope.accounts is None else sorted(onboardings_of(conn, accounts=scope.accounts))
        return cases.due_keys(conn, due_by, as_of, stage=stage, keys=named)


def _in_batches(
    context: RunContext,
    as_of: datetime,
    scope: Scope,
    concerns: frozenset[Concern],
    stage: Stage | None,
    keys: Sequence[str],
) -> ReviewReport:
    total, told = ReviewReport(stage=stage), Progress("{done:,} of {total:,} due onboardings reviewed", len(keys))
    for part in chunks(keys, BATCH):
        total = _added(total, _review_batch(context, as_of, scope, concerns, stage, part))
        told.advance(len(part))
    return total


def _review_batch(
    context: RunContext,
    as_of: datetime,
    scope: Scope,
    concerns: frozenset[Concern],
    stage: Stage | None,
    keys: Sequence[str],
) -> ReviewReport:
    total = ReviewReport(stage=stage)
    for _ in range(MOST_READINGS):
        with context.database.reading() as conn:
            found = cases.load(conn, keys, as_of, context.calendars(as_of), context.settings.only_accounts)
        with collector_resting():
            answers = list(review_cases(context, list(found.values()), as_of, concerns))
        reviews = [answer for answer in answers if isinstance(answer, Reviewed)]
        saved, activated_before = list[Reviewed](), set[str]()
        for some in chunks(reviews, SAVED):
            mine, before = _save(context, some, as_of, scope.by)
            saved += mine
            activated_before |= before
        moved = {one.case.key for one in reviews}.difference(one.case.key for one in saved)
        found_wrong = [one for one in answers if isinstance(one, Failure)]
        total = _added(total, _tally(saved, found_wrong, stage, what_happened(saved, activated_before)))
        keys = sorted(moved)
        if not keys:
            return total
    late = tuple(Failure(where=key, error="others kept changing it; the next run takes it up") for key in keys)
    return replace(total, failures=(*total.failures, *late))


def _save(
    context: RunContext, reviews: Sequence[Reviewed], as_of: datetime, by: str
) -> tuple[list[Reviewed], set[str]]:
    """Save reviews in one transaction; return those that were saved, which others had not changed meanwhile, and the
    keys of those that were activated before."""
    active = [one.case.key for one in reviews if one.review.state.activated_at is not None]
    with context.database.writing() as conn:
        activated_before = overview.activated(conn, active)
        moved = saves.save(conn, [(one.review, one.summary) for one in reviews], as_of=as_of, by=by)
        _keep_calendars(conn, context, (one.case for one in reviews), as_of)
        saved = [one for one in reviews if one.case.key not in moved]
        left = saves.versions(conn, [one.case.key for one in saved])
        note_moved_customers(conn, context, saved, as_of)
    context.reviews.keep(saved, left, as_of)
    return saved, set(activated_before)


def _keep_calendars(conn: Connection, context: RunContext, found: Iterable[Case], as_of: datetime) -> None:
    """Store the calendars that these reviews counted by, once a country and run."""
    years = years_around(as_of)
    fresh = {code: calendar for case in found for code, calendar in case.calendars.items()}
    fresh = {code: calendar for code, calendar in fresh.items() if (code, years) not in context.calendars_kept}
    keep_calendars(conn, fresh, years)
    context.calendars_kept.update((code, years) for code in fresh)


def _tally(
    saved: Sequence[Reviewed], failures: Sequence[Failure], stage: Stage | None, happened: tuple[OnboardingEvent, ...]
) -> ReviewReport:
    return ReviewReport(
        happened=happened,
        stage=stage,
        reviewed=len(saved),
        left=sum(1 for one in saved if stage is not None and one.review.progress.stage is not stage),
        planned=sum(
            1
            for one in saved
            for effect in one.review.effects
            if effect.channel is not Channel.CRM and effect.state is EffectState.PLANNED
        ),
        failures=tuple(failures),
    )


def _added(one: ReviewReport, other: ReviewReport) -> ReviewReport:
    return replace(
        one,
        reviewed=one.reviewed + other.reviewed,
        left=one.left + other.left,
        planned=one.planned + other.planned,
        failures=(*one.failures, *other.failures),
        happened=(*one.happened, *other.happened),
    )
