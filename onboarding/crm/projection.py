"""The projection of an onboarding into CRM rows (CT-1), with the people and goals that were learned outside of the CRM
(SX-14); what people change there comes back through ``edits``.

A row is computed from the current state whenever it is written.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from json.encoder import encode_basestring as _quoted
from operator import itemgetter
from typing import Any, NamedTuple

from onboarding.account_plan.markdown import as_markdown, goal_lines, people_lines
from onboarding.account_plan.plan import account_plan, is_due, relationships
from onboarding.dates.working_time import zone_of
from onboarding.health.summary import Summary
from onboarding.model.case import Case, Progress
from onboarding.model.effect import PlannedEffect
from onboarding.model.review import Review
from onboarding.model.state import Milestone, OnboardingState
from onboarding.model.vocabulary import UNSENT, Channel, VendorRole

ONBOARDING = "Onboarding__c"
MILESTONE = "Onboarding_Milestone__c"
STATUSES = {"open": "Open", "done": "Done", "not_applicable": "Not applicable"}
KINDS = {ONBOARDING: "onboarding", MILESTONE: "milestone"}
_OURS = {role.value: role for role in VendorRole}
CAUSE_LENGTH = 255
"""Characters that the field of a stall's cause holds."""
Fields = Mapping[str, str | None]


class CrmRow(NamedTuple):
    """One row of first90's two objects. A field that is not in ``fields`` is left as it is in the CRM; None empties
    it."""

    object: str
    key: str
    fields: Fields


def rows(case: Case, review: Review, summary: Summary) -> Mapping[str, CrmRow]:
    """Return every row of this onboarding by CRM key: its own and one for each milestone.

    Instants are ISO 8601 in UTC with a Z, days are in the account's zone. Pure: the same state gives the same rows.
    """
    own = CrmRow(object=ONBOARDING, key=case.key, fields=_onboarding(case, review, summary))
    found = {own.key: own}
    zone = _zone(case)
    for milestone in review.state.milestones.values():
        key = f"{case.key}:{milestone.name}"
        fields = _milestone_fields(case.key, zone, milestone)
        fields["Assigned_To__c"] = assigned_to(review.state, milestone)
        found[key] = CrmRow(MILESTONE, key, fields)
    return found


def assigned_to(state: OnboardingState, milestone: Milestone) -> str | None:
    """Return the user of ours who owes an open milestone: who acts in its role now, also as cover (SX-13).

    Work of the customer is with the accountable owner, who follows it. A user who is not active or cannot be read is
    not named, because the CRM may refuse the row. What is closed is owed by no user; ``Completed_By__c`` names who
    did it. So the row depends on the state alone, and not on which states were written before.
    """
    if milestone.status != "open":
        return None
    role = _OURS.get(milestone.owner_role)
    owner = (state.team.get(role) if role is not None else None) or state.owner
    return owner.id if owner and owner.active else None


def milestone_fields(case: Case, milestone: Milestone) -> Fields:
    """Return the row of one milestone. ``Reason__c`` is written only if there is one: the CRM's is never emptied."""
    return _milestone_fields(case.key, _zone(case), milestone)


def _milestone_fields(onboarding: str, zone: tzinfo, milestone: Milestone) -> dict[str, str | None]:
    due_at = milestone.due_at
    fields = {
        "First90_Key__c": f"{onboarding}:{milestone.name}",
        "Onboarding__c": onboarding,
        "Stage__c": str(milestone.stage),
        "Milestone__c": milestone.title,
        "Status__c": STATUSES[milestone.status],
        "Due_On__c": None if due_at is None else due_at.astimezone(zone).date().isoformat(),
        "Completed_At__c": instant_text(milestone.done_at),
        "Completed_By__c": milestone.done_by if milestone.status == "done" else None,
        "Owner_Role__c": milestone.owner_role,
        "Side__c": str(milestone.side),
    }
    if milestone.reason:
        fields["Reason__c"] = milestone.reason
    return fields


def changed(
    case: Case, progress: Progress, found: Mapping[str, CrmRow], now: datetime
) -> tuple[tuple[PlannedEffect, ...], Mapping[str, tuple[int, str]]]:
    """Return the writes to plan (due at once), and the digests to save with them.

    A row is written when it differs from the one last planned. While a write of it waits, no second one is planned,
    because that one will carry the newest projection; the digest stays the old one, so that the next review
    compares again. Nothing is written while the account is blocked: its rows may belong to another database.
    """
    digests = dict(progress.crm_digests)
    if progress.blocked:
        return (), digests
    waiting = {line.recipient for line in case.effects if line.channel is Channel.CRM and line.state in UNSENT}
    effects = []
    for key, row in found.items():
        if key in waiting:
            continue
        number, before = digests.get(key, (0, ""))
        digest = row_digest(row)
        if digest == before:
            continue
        digests[key] = (number + 1, digest)
        effects.append(write_of(case, row, number + 1, now))
    return tuple(effects), digests


def digest_of(*content: Any) -> str:
    """Return a short digest of plain values, the same in every process."""
    return _digest(json.dumps(content, sort_keys=True, ensure_ascii=False, default=str))


def row_digest(row: CrmRow) -> str:
    """Return the digest by which a row is compared with the one last planned."""
    return _digest(_flat(row))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _flat(row: CrmRow) -> str:
    """Return the text that ``digest_of`` makes of a row's object and fields in a quarter of the time; a review needs
    forty."""
    text, in_order = _layout(row.object, tuple(row.fields))
    return text % tuple(["null" if value is None else _quoted(value) for value in in_order(row.fields)])


@lru_cache(maxsize=64)
def _layout(crm_object: str, names: tuple[str, ...]) -> tuple[str, Callable[[Fields], tuple[str | None, ...]]]:
    """Return the text of a row with these fields, with a place for each value, and what reads them in that order."""
    ordered = sorted(names)
    values = ", ".join(f'"{name}": %s' for name in ordered)
    return f'["{crm_object}", {{{values}}}]', _reader(ordered)


def _reader(names: Sequence[str]) -> Callable[[Fields], tuple[str | None, ...]]:
    # Of one name itemgetter returns the bare value.
    return itemgetter(*names) if len(names) > 1 else lambda fields: tuple(fields[name] for name in names)


def write_of(case: Case, row: CrmRow, number: int, now: datetime) -> PlannedEffect:
    """Return the effect that writes a row for the ``number``th time."""
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


def _onboarding(case: Case, review: Review, summary: Summary) -> Fields:
    progress = review.progress
    fields = {
        "First90_Key__c": case.key,
        **_parents(case),
        "Stage__c": progress.stage.value,
        "Status__c": progress.status.value,
        "Phase__c": summary.phase.value,
        "Tier__c": summary.tier,
        "Playbook__c": summary.playbook,
        "Signed_At__c": instant_text(summary.signed_at),
        "Target_On__c": _day(case, summary.target_at),
        "Go_Live_At__c": instant_text(summary.go_live_at),
        "Activated_At__c": instant_text(summary.activated_at),
        "Next_Touchpoint_At__c": instant_text(summary.next_touchpoint_at),
        "Stalled_Since__c": instant_text(summary.stalled_since),
        "Stall_Cause__c": _fitting(summary.stall_cause),
        "Waiting_On__c": summary.waiting_on,
        "Escalation_Level__c": str(summary.escalation_level),
        "Owner_Email__c": summary.owner,
        "Health__c": None if summary.health is None else str(summary.health),
        "Health_Reasons__c": summary.health_reasons or None,
        "Goals__c": goal_lines(review.state.goals) or None,
        "People__c": people_lines(relationships(review)) or None,
    }
    # Without a plan the row omits the field: an empty one would count as a change and be written.
    return fields | ({"Account_Plan__c": as_markdown(account_plan(case, review))} if is_due(review) else {})


def _parents(case: Case) -> Fields:
    """Return the lookup fields of the row. A lost or deleted deal is left out: a CRM refuses a row that refers to a
    deleted record."""
    account = {"Account__c": case.account.id} if any(deal.won for deal in case.deals) else {}
    return account | ({"Opportunity__c": case.deals[0].id} if case.deals[0].won else {})


def _day(case: Case, at: datetime | None) -> str | None:
    return None if at is None else account_day(case, at).isoformat()


def account_day(case: Case, at: datetime) -> date:
    """Return the day of a moment in the account's zone."""
    return at.astimezone(_zone(case)).date()


def _zone(case: Case) -> tzinfo:
    return zone_of(case.account.zone or "UTC")


def instant_text(at: datetime | None) -> str | None:
    """Return an instant in the CRM's format: to the second, in UTC."""
    return None if at is None else f"{at.astimezone(UTC).isoformat()[:19]}Z"


def _fitting(text: str | None) -> str | None:
    """Return the text as the field holds it: Salesforce refuses the whole row for a longer one."""
    return text if text is None or len(text) <= CAUSE_LENGTH else f"{text[: CAUSE_LENGTH - 1]}…"
