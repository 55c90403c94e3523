"""Stage 1, sales-to-success handoff (ST-1): context moves from sales to success before the customer joins any
call.

The stage is not left while one of the five handoff items, the stakeholder map, the tier or the accountable
owner is missing (HO-1 to HO-7).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

from onboarding.model.case import Case, Fact
from onboarding.model.parties import Deal
from onboarding.model.playbook import Playbook
from onboarding.model.state import Criterion, OnboardingState
from onboarding.model.vocabulary import FactKind, HandoffItem, Stage, VendorRole
from onboarding.stages.criteria import Condition, condition, read_exit

STAGE = Stage.HANDOFF
OBJECTIVE = "Context moves from sales to success before the customer joins any call"
OWNER = VendorRole.ACCOUNT_EXECUTIVE

ABOUT: Mapping[HandoffItem, str] = {
    HandoffItem.GOALS: "the customer's goals",
    HandoffItem.SUCCESS_METRICS: "how the customer will measure success",
    HandoffItem.COMMITMENTS: "what was promised during the sale",
    HandoffItem.TECHNICAL_REQUIREMENTS: "technical requirements and constraints",
    HandoffItem.TIMELINE: "the timeline the customer expects",
}
_PLACEHOLDERS = frozenset(
    (
        *("", "tbd", "tba", "tbc", "todo", "na", "n/a", "x", "xx", "xxx", "unknown", "pending", "to follow"),
        *("to be determined", "to be defined", "to be done", "to be confirmed"),
    )
)


def is_answer(text: str) -> bool:
    """Return whether it is an answer: blanks, dashes and "tbd" are none, but "none" is one."""
    return " ".join(text.split()).strip("-–—_.,;:!?…()[]*#/ ").casefold() not in _PLACEHOLDERS


def read_items(
    deals: Sequence[Deal], facts: Sequence[Fact]
) -> tuple[Mapping[HandoffItem, str], Mapping[HandoffItem, datetime]]:
    """Return the answered handoff items, and since when each is answered (UTC).

    What a person reported last comes before the deal's own text; of several deals the first with an answer counts.
    ``facts`` are in the order of ``reports.known``.
    """
    texts: dict[HandoffItem, str] = {}
    times: dict[HandoffItem, datetime] = {}
    for deal in deals:
        for item in HandoffItem:
            text = deal.handoff.get(item, "")
            if is_answer(text):
                seen_at = deal.handoff_seen_at or deal.signed_at
                texts.setdefault(item, text.strip())
                times[item] = min(seen_at, times.get(item, seen_at))
    for fact in facts:
        text = str(fact.value.get("text", ""))
        if fact.kind == FactKind.HANDOFF and fact.name in set(HandoffItem) and is_answer(text):
            item = HandoffItem(fact.name)
            texts[item] = text.strip()
            times[item] = min(fact.at, times.get(item, fact.at))
    return {item: texts[item] for item in HandoffItem if item in texts}, times


def criteria(case: Case, state: OnboardingState, playbook: Playbook) -> tuple[Criterion, ...]:
    """Return the exit criteria of the handoff, met or not, in words."""
    return read_exit(STAGE, CONDITIONS, case, state, playbook)


def _item(item: HandoffItem, case: Case, state: OnboardingState, playbook: Playbook) -> Criterion:
    about = ABOUT[item]
    return condition(
        item.value,
        missing=None if item in state.handoff else f"Sales has not written down {about}",
        holds=f"Sales has written down {about}",
        at=state.handoff_at.get(item),
        owner_role=VendorRole.ACCOUNT_EXECUTIVE,
    )


def _stakeholder_map(case: Case, state: OnboardingState, playbook: Playbook) -> Criterion:
    named = {person.id for people in state.holders.values() for person in people}
    wanted = playbook.stakeholders.at_least
    hidden = {person.id for person, _ in state.unreadable}
    count = f"{len(named) or 'no'} {'person' if len(named) == 1 else 'people'} with a role"
    if hidden:
        unread = f"{len(hidden)} whose record cannot be read"
        count = f"{count} and {unread}" if named else unread
    return condition(
        "stakeholder_map",
        missing=None if len(named) >= wanted else f"The stakeholder map names {count}; at least {wanted} are needed",
        holds=f"The stakeholder map names {count}",
        at=None,
        owner_role=VendorRole.ACCOUNT_EXECUTIVE,
    )


def _tier(case: Case, state: OnboardingState, playbook: Playbook) -> Criterion:
    return condition(
        "tier",
        missing=None if state.tier_because else "No tier has been chosen yet",
        holds=f"Tier {state.tier}: {state.tier_because}",
        at=None,
        owner_role=VendorRole.CS_MANAGER,
    )


def _owner(case: Case, state: OnboardingState, playbook: Playbook) -> Criterion:
    owner = state.owner
    return condition(
        "accountable_owner",
        missing=None
        if owner
        else "No one on our side is accountable: no CSM is set, or the one who was is inactive or cannot be read",
        holds=f"{owner.name if owner else 'Nobody'} is accountable",
        at=None,
        owner_role=VendorRole.CS_MANAGER,
    )


CONDITIONS: Mapping[str, Condition] = {
    **{item.value: partial(_item, item) for item in HandoffItem},
    "stakeholder_map": _stakeholder_map,
    "tier": _tier,
    "accountable_owner": _owner,
}
