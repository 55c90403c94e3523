"""What the CRM is told of an onboarding, and what its people changed there: rows out, facts in (CT-1).

A row is a projection of how things stand, made afresh when it is written. ``both`` fields are compared
three ways, with what was last written: what they changed becomes a fact, and where we changed it too,
theirs holds.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from json.encoder import encode_basestring as _quoted
from typing import Any

from onboarding.dates.working_time import zone_of
from onboarding.health.summary import Summary
from onboarding.model.case import Case, Progress
from onboarding.model.effect import PlannedEffect
from onboarding.model.state import Milestone, OnboardingState
from onboarding.model.vocabulary import UNSENT, Channel

ONBOARDING = "Onboarding__c"
MILESTONE = "Onboarding_Milestone__c"
STATUSES = {"open": "Open", "done": "Done", "not_applicable": "Not applicable"}
KINDS = {ONBOARDING: "onboarding", MILESTONE: "milestone"}
Fields = Mapping[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmRow:
    """One row of our two objects. A field that is not there is left as it stands in the CRM; None empties
    it."""

    object: str
    key: str
    fields: Fields


def rows(case: Case, standing: OnboardingState, progress: Progress, summary: Summary) -> Mapping[str, CrmRow]:
    """Every row of this onboarding by CRM key: its own and one for each milestone.

    Instants are ISO 8601 in UTC with a Z, days those of the account's zone. Pure: one state gives one
    projection.
    """
    own = CrmRow(object=ONBOARDING, key=case.key, fields=_onboarding(case, progress, summary))
    found = {own.key: own}
    for milestone in standing.milestones.values():
        key = f"{case.key}:{milestone.name}"
        found[key] = CrmRow(object=MILESTONE, key=key, fields=milestone_fields(case, milestone))
    return found


def milestone_fields(case: Case, milestone: Milestone) -> Fields:
    """The row of one milestone. ``Reason__c`` is only written where we have one: theirs is never emptied."""
    fields = {
        "First90_Key__c": f"{case.key}:{milestone.name}",
        "Onboarding__c": case.key,
        "Stage__c": milestone.stage.value,
        "Milestone__c": milestone.title,
        "Status__c": STATUSES[milestone.status],
        "Due_On__c": _day(case, milestone.due_at),
        "Completed_At__c": instant_text(milestone.done_at),
        "Completed_By__c": milestone.done_by if milestone.status == "done" else None,
        "Owner_Role__c": milestone.owner_role,
        "Side__c": milestone.side.value,
    }
    return fields | ({"Reason__c": milestone.reason} if milestone.reason else {})


def changed(
    case: Case, progress: Progress, found: Mapping[str, CrmRow], now: datetime
) -> tuple[tuple[PlannedEffect, ...], Mapping[str, tuple[int, str]]]:
    """The writes that are owed (due at once), and the digests to remember with them.

    A row is written when it differs from the one last planned. Where a write of it still waits, none is
    planned beside it, as that one will carry the newest projection; the digest stays the old one then, so
    that the next review looks again. Nothing is written while the account is blocked: the rows there may be
    another's.
    """
    digests = dict(progress.crm_digests)
    if progress.blocked:
        return (), digests
    waiting = {line.recipient for line in case.effects if line.channel is Channel.CRM and line.state in UNSENT}
    effects = []
    for key, row in found.items():
        number, before = digests.get(key, (0, ""))
        digest = _digest(_flat(row))
        if digest == before or key in waiting:
            continue
        digests[key] = (number + 1, digest)
        effects.append(_write(case, row, number + 1, now))
    return tuple(effects), digests


def digest_of(*content: Any) -> str:
    """A short digest of plain values, the same wherever and whenever it is made."""
    return _digest(json.dumps(content, sort_keys=True, ensure_ascii=False, default=str))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _flat(row: CrmRow) -> str:
    """Return the text that ``digest_of`` makes of a row's object and fields, in half the time: forty a review."""
    values = [f'"{name}": {"null" if value is None else _quoted(value)}' for name, value in sorted(row.fields.items())]
    return f'["{row.object}", {{{", ".join(values)}}}]'


def _write(case: Case, row: CrmRow, number: int, now: datetime) -> PlannedEffect:
    kind = KINDS[row.object]
    return PlannedEffect(
        key=f"{case.key}:{kind}:{number}:{Channel.CRM.value}:{row.key}",
        kind=kind,
        occurrence=str(number),
        channel=Channel.CRM,
        person_id="",
        target_id=row.key,
        recipient=row.key,
        role="",
        due_at=now,
        because="first write of this row" if number == 1 else "it changed since it was last written",
        data={"object": row.object},
    )


def _onboarding(case: Case, progress: Progress, summary: Summary) -> Fields:
    return {
        "First90_Key__c": case.key,
        **_parents(case),
        "Stage__c": progress.stage.value,
        "Status__c": progress.status.value,
        "Tier__c": summary.tier.value,
        "Playbook__c": summary.playbook,
        "Signed_At__c": instant_text(summary.signed_at),
        "Target_On__c": _day(case, summary.target_at),
        "Go_Live_At__c": instant_text(summary.go_live_at),
        "Activated_At__c": instant_text(summary.activated_at),
        "Next_Touchpoint_At__c": instant_text(summary.next_touchpoint_at),
        "Stalled_Since__c": instant_text(summary.stalled_since),
        "Stall_Cause__c": summary.stall_cause,
        "Waiting_On__c": summary.waiting_on,
        "Escalation_Level__c": str(summary.escalation_level),
        "Owner_Email__c": summary.owner,
        "Health__c": None if summary.health is None else str(summary.health),
    }


def _parents(case: Case) -> Fields:
    """What the row hangs on. Not said again of a deal that is lost or gone: a CRM refuses a row that names a deleted
    record."""
    account = {"Account__c": case.account.id} if any(deal.won for deal in case.deals) else {}
    return account | ({"Opportunity__c": case.deals[0].id} if case.deals[0].won else {})


def _day(case: Case, at: datetime | None) -> str | None:
    return None if at is None else account_day(case, at).isoformat()


def account_day(case: Case, at: datetime) -> date:
    """The day of a moment where the account is."""
    return at.astimezone(zone_of(case.account.zone or "UTC")).date()


def instant_text(at: datetime | None) -> str | None:
    """An instant as the CRM takes it, to the second, in UTC."""
    return None if at is None else f"{at.astimezone(UTC).replace(tzinfo=None, microsecond=0).isoformat()}Z"
