"""Stalls and their ladder, each person's daily digest, and the note to ops on what could not be read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime

from database.crm import problems
from database.onboardings import cases, overview
from database.outbox import planned
from onboarding.dates.working_time import is_open, zone_of
from onboarding.escalations.digest import DigestLine, digests, lines_for
from onboarding.escalations.threads import CHANNEL, CHANNEL_ID
from onboarding.messages.notes import note, occurrence_of
from onboarding.messages.posts import digest_post, set_aside_post
from onboarding.model.effect import PlannedEffect
from onboarding.model.parties import Owner
from onboarding.model.vocabulary import Channel, Concern, VendorRole
from tasks.review.batches import BATCH, review_cases, review_due
from tasks.review.ops_notes import tell_of_undelivered
from tasks.runtime.api_allowance import tell_of_allowance
from tasks.runtime.context import RunContext
from tasks.runtime.reports import Failure, ReviewReport
from tasks.runtime.scope import Scope


def escalate_stalled(context: RunContext, as_of: datetime, scope: Scope) -> ReviewReport:
    """Find what stands still, open, follow, climb and close its episodes; delivery tells people."""
    return review_due(context, as_of, scope, frozenset({Concern.ESCALATIONS}), due_by=Concern.ESCALATIONS)


def write_digests(context: RunContext, as_of: datetime, scope: Scope) -> ReviewReport:
    """Once a day, in each person's own working hours, everything of low urgency in one message; and to ops, once,
    every record that could not be read.

    Costs a look at the onboardings that have something to say, and only while somebody's digest of today is not
    written. Safe to run twice: a digest's key is its person and day. A run for named accounts writes none.
    """
    if scope.accounts is not None:
        return ReviewReport()
    _tell_ops(context, as_of)
    tell_of_allowance(context, as_of)
    tell_of_undelivered(context, as_of)
    with context.database.reading() as conn:
        owners = overview.owners(conn)
        waiting = overview.with_something_to_say(conn, as_of)
        todays = {_key(owner.id, _today(owner, as_of)) for owner in owners.values()}
        written = overview.existing_effects(conn, todays | {_key(CHANNEL_ID, as_of.date())})
    ready = {
        owner.id: owner
        for owner in owners.values()
        if owner.active and _key(owner.id, _today(owner, as_of)) not in written and _works_now(context, owner, as_of)
    }
    if not waiting or not ready:
        return ReviewReport()
    found = list(_lines(context, waiting, as_of))
    lines = [one for one in found if isinstance(one, DigestLine)]
    failures = [one for one in found if isinstance(one, Failure)]
    told = _effects(digests(lines, owners, as_of.date()), ready, as_of, context.settings.chat.hears)
    effects = [effect for effect in told if effect.key not in written]
    with context.database.writing() as conn:
        planned.plan(conn, [(None, effect) for effect in effects], as_of)
    return ReviewReport(reviewed=len(waiting), planned=len(effects), failures=tuple(failures))


def _lines(context: RunContext, keys: Sequence[str], as_of: datetime) -> Iterator[DigestLine | Failure]:
    for part in (keys[start : start + BATCH] for start in range(0, len(keys), BATCH)):
        with context.database.reading() as conn:
            found = cases.load(conn, part, as_of, context.calendars(as_of), context.settings.only_accounts)
        for answer in review_cases(context, list(found.values()), as_of, frozenset()):
            if isinstance(answer, Failure):
                yield answer
                continue
            case, review = answer.case, answer.review
            yield from lines_for(case, review, context.playbook_version(review.progress.playbook), as_of)


def _effects(
    found: Mapping[str, Sequence[DigestLine]], ready: Mapping[str, Owner], as_of: datetime, hears: bool
) -> list[PlannedEffect]:
    effects = []
    for owner_id, mine in found.items():
        owner = ready.get(owner_id)
        if owner is not None:
            day = _today(owner, as_of)
            effects.append(_effect(owner_id, owner.email, VendorRole.CSM.value, owner.name, mine, day, as_of, hears))
        elif owner_id == CHANNEL_ID:
            effects.append(
                _effect(CHANNEL_ID, CHANNEL, VendorRole.CS_MANAGER.value, "managers", mine, as_of.date(), as_of, hears)
            )
    return effects


def _effect(
    person_id: str,
    recipient: str,
    role: str,
    name: str,
    lines: Sequence[DigestLine],
    day: date,
    as_of: datetime,
    hears: bool,
) -> PlannedEffect:
    return PlannedEffect(
        key=_key(person_id, day),
        kind="digest",
        occurrence=day.isoformat(),
        channel=Channel.SLACK,
        person_id=person_id,
        recipient=recipient,
        role=role,
        due_at=as_of,
        because=f"{len(lines)} things of low urgency on {day.isoformat()}",
        data={"post": asdict(digest_post(name, lines, day, answers=hears)), "for": name},
    )


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


def _key(person_id: str, day: date) -> str:
    return f"digest:{day.isoformat()}:{Channel.SLACK.value}:{person_id}"


def _today(owner: Owner, as_of: datetime) -> date:
    return as_of.astimezone(zone_of(owner.zone)).date()


def _works_now(context: RunContext, owner: Owner, as_of: datetime) -> bool:
    """Whether it is within this person's working hours: those of any playbook, as a digest belongs to none."""
    calendar = context.calendars(as_of)(owner.country)
    hours = next(iter(context.library.playbook_versions.values())).playbook.pace.hours
    return is_open(as_of, owner.zone, calendar, hours)
