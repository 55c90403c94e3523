"""Rechecks leased effects by the rules, just before they leave, and makes their payloads."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from database.bulk import collector_resting
from database.channels import daily_counts, stops
from database.crm import written_rows
from database.onboardings import cases, overview, saves
from database.outbox.payloads import left_payloads
from onboarding.booking.diary import Diary
from onboarding.drafts.decisions import DRAFT_POST, MAIL
from onboarding.effects.approval_note import APPROVAL
from onboarding.effects.daily_caps import Wanted, apply_daily_caps
from onboarding.effects.notices import Notice, Ration, Reserve, ration, waits_for_hours
from onboarding.effects.payloads import is_redirected_to
from onboarding.effects.recheck import as_planned, may_leave, waits_for_parent
from onboarding.effects.send_result import ResultState, SendResult
from onboarding.escalations.digest import DIGEST
from onboarding.model.effect import Leased, PlannedEffect
from onboarding.model.review import EffectChange
from onboarding.model.vocabulary import Channel, EffectState
from onboarding.review_case import Reviewed, review_without_writes
from tasks.booking.offering import diary_of
from tasks.delivery.payload_inputs import NothingToSend, PayloadInputs, WaitsForParent
from tasks.delivery.payloads import compose, payload_without_case
from tasks.delivery.stepless_mail import LISTS, why_not_sent
from tasks.runtime.context import RunContext
from tasks.runtime.faults import kind_and_place

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """An effect that may leave, with its payload and recipient."""

    effect: Leased
    payload: Mapping[str, Any]
    recipient: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedEffect:
    """An effect that our own code failed to make, with the result that the ledger records."""

    key: str
    result: SendResult


Answer = Ready | EffectChange | FailedEffect | PlannedEffect
"""What becomes of a leased effect; or, after those, a message to plan that tells the news of several of them."""


@collector_resting()
def recheck(
    context: RunContext,
    as_of: datetime,
    channel: Channel,
    leased: Sequence[Leased],
    rechecked: Callable[[], None] = lambda: None,
) -> Sequence[Answer]:
    """Return for each leased effect: ready, put off or cancelled (a change), or an error of our own code (an answer);
    after them the messages to plan in place of several that are cancelled.

    Judged by the same rules that planned it, on the case as it is now, so that it follows new owners, dates and
    holds; where this run reviewed the case, judged the effect then, and nothing of it changed since, by that review. A
    payload that was stored before is sent unchanged, unless a rehearsal began or ended since. An effect that raises in
    our own code becomes a dead letter with its error; the others go on. ``rechecked`` is called after each.
    """
    with context.database.reading() as conn:
        keys = sorted({effect.onboarding_key for effect in leased if effect.onboarding_key})
        reviewed = _judged(context.reviews.unchanged(saves.versions(conn, keys), as_of), leased)
        others = [key for key in keys if key not in reviewed]
        found = cases.load(conn, others, as_of, context.calendars(as_of), context.settings.only_accounts)
        parents = {str(effect.data["parent"]) for effect in leased if effect.data.get("parent")}
        provider_ids = overview.provider_ids(conn, parents)
        shown = {str(effect.data[MAIL]) for effect in leased if effect.kind == DRAFT_POST and MAIL in effect.data}
        left = left_payloads(conn, shown)
        offers = channel is Channel.MAIL or any(effect.kind == DRAFT_POST for effect in leased)
        diary = diary_of(conn, context, as_of) if offers else Diary()
        stopped = stops.stops(conn) if any(effect.kind == DIGEST for effect in leased) else ()
        written = (
            written_rows.known_rows(conn, [effect.target_id for effect in leased]) if channel is Channel.CRM else {}
        )
    values = {key: row.values for key, row in written.items()}
    inputs = PayloadInputs(
        context=context,
        as_of=as_of,
        provider_ids=provider_ids,
        left=left,
        written=values,
        stopped=stopped,
        diary=diary,
    )
    ours = frozenset(effect.key for effect in leased)
    answers: list[Ready | EffectChange | FailedEffect] = []
    for effect in leased:
        try:
            case = found.get(effect.onboarding_key or "")
            if case is not None and case.key not in reviewed:
                playbook = context.playbook_version(case.progress.playbook)
                reviewed[case.key] = review_without_writes(as_planned(case, ours), playbook, as_of, frozenset())
            answers.append(prepare(effect, reviewed.get(effect.onboarding_key or ""), inputs))
        except Exception as error:
            told = f"{kind_and_place(error)} while it was made"
            logger.error("effect %s: %s", effect.key, told)
            logger.debug("effect %s", effect.key, exc_info=True)
            answers.append(FailedEffect(key=effect.key, result=SendResult(state=ResultState.PERMANENT, error=told)))
        rechecked()
    if channel is Channel.SLACK:

        def admitted(asking: Sequence[Notice]) -> Ration:
            with context.database.writing() as conn:
                return daily_counts.reserve_notices(conn, asking)

        return rationed(answers, reviewed, as_of, admitted)
    if channel is not Channel.MAIL:
        return answers

    def reserve(wanted: Sequence[Wanted]) -> Mapping[str, str]:
        with context.database.writing() as conn:
            return daily_counts.reserve(conn, wanted)

    return with_room(answers, reviewed, as_of, reserve)


def _judged(kept: Mapping[str, Reviewed], leased: Sequence[Leased]) -> dict[str, Reviewed]:
    """Return the reviews that judged all of their leased effects: a review leaves alone what a worker had leased, also
    one that had died, whose effects are here now."""
    planned = {
        key: {line.key for line in found.case.effects if line.state is EffectState.PLANNED}
        for key, found in kept.items()
    }
    unjudged = {one.onboarding_key for one in leased if one.key not in planned.get(one.onboarding_key or "", ())}
    return {key: found for key, found in kept.items() if key not in unjudged}


def prepare(effect: Leased, found: Reviewed | None, inputs: PayloadInputs) -> Ready | EffectChange:
    """Return the effect as it leaves now, or what the rules decide instead. Used by live runs and simulations.

    ``found`` is None where the effect belongs to no onboarding. Raises what a bad template raises.
    """
    stored = _usable_payload(effect, inputs.context.settings.mail_redirect)
    try:
        if found is None:
            listed = effect.channel is Channel.MAIL and effect.kind in LISTS
            if listed and (because := why_not_sent(effect, inputs.context)):
                raise NothingToSend(because)
            context, now = inputs.context, inputs.as_of
            if waits := waits_for_hours(effect, context.calendars(now), context.office_hours, now):
                return waits
            payload = stored or payload_without_case(effect, inputs)
            return Ready(effect=effect, payload=payload, recipient=effect.recipient)
        answer = may_leave(effect, found, inputs.as_of)
        if isinstance(answer, EffectChange):
            return answer
        kept = None if answer.composed_anew else stored
        payload = kept or compose(effect, found, inputs, answer.recipient)
        return Ready(effect=effect, payload=payload, recipient=answer.recipient)
    except NothingToSend as error:
        return EffectChange(key=effect.key, state=EffectState.CANCELLED, because=str(error))
    except WaitsForParent as error:
        return waits_for_parent(effect, found.case if found else None, str(error), inputs.as_of)


def _usable_payload(effect: Leased, mail_redirect: str | None) -> Mapping[str, Any] | None:
    """Return the stored payload; None for a mail that was composed before a rehearsal began or ended, because it goes
    to the wrong reader and its links act for them, and for a request for a second person, which may be decided by
    now."""
    stored = None if effect.kind == APPROVAL else effect.payload
    if stored and effect.channel is Channel.MAIL and not is_redirected_to(stored, mail_redirect):
        return None
    return stored


def rationed(
    found: Sequence[Ready | EffectChange | FailedEffect],
    reviewed: Mapping[str, Reviewed],
    as_of: datetime,
    reserve: Reserve,
) -> list[Answer]:
    """Return the same, with the Slack messages gathered or put off that exceed their reader's day; at the end those to
    plan that tell the news of the gathered ones."""
    leaving = [(replace(one.effect, recipient=one.recipient), one.payload) for one in found if isinstance(one, Ready)]
    changes, together = ration(leaving, reviewed, as_of, reserve)
    return [*(changes.get(one.effect.key, one) if isinstance(one, Ready) else one for one in found), *together]


def with_room(
    found: Sequence[Ready | EffectChange | FailedEffect],
    reviewed: Mapping[str, Reviewed],
    as_of: datetime,
    reserve: Callable[[Sequence[Wanted]], Mapping[str, str]],
) -> list[Ready | EffectChange | FailedEffect]:
    """Return the same, with the mails put off that exceed today's caps."""
    leaving = [(one.effect, one.recipient) for one in found if isinstance(one, Ready)]
    put_off = apply_daily_caps(leaving, reviewed, as_of, reserve)
    return [put_off.get(one.effect.key, one) if isinstance(one, Ready) else one for one in found]
