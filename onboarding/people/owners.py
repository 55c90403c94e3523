"""The vendor's team for a customer: who holds which role, the accountable owner (RO-1), and who has the move."""

from collections.abc import Iterable, Mapping, Sequence

from onboarding.model.case import Case, Fact
from onboarding.model.identity import one_spelling
from onboarding.model.parties import Owner
from onboarding.model.state import OnboardingState
from onboarding.model.vocabulary import CustomerRole, FactKind, Side, VendorRole
from onboarding.people.absences import successor_of
from onboarding.sentences.sentence import sentence
from onboarding.sentences.terms import mover_name, role_name

_ROLES = {role.value: role for role in VendorRole}
STOOD_IN = (VendorRole.ONBOARDING_SPECIALIST, VendorRole.IMPLEMENTATION_ENGINEER)
"""Roles of which the CSM does the work where nobody was given them."""


def team(case: Case, facts: Sequence[Fact] = ()) -> Mapping[VendorRole, Owner]:
    """Return the vendor roles with the person who holds each now. An inactive user holds none; if the record of the
    designated CSM cannot be read, no other person is CSM.

    The last ``reassign`` of a role comes first, then the CRM's field for it (CSM, onboarding specialist), then the
    team file's assignment at opening, then the account's owner (DE-5). Managers follow the CRM's reporting line;
    unless another person is named, the CSM also leads onboarding and implementation. From a person who left the
    company the backup of the team file takes over (ASK-13). Who acts for whom while away is in ``absences``. ``facts``
    are in the order of ``reports.known``.
    """
    named = _reassigned(facts)
    assigned = case.progress.assignments

    def first(role: VendorRole, *others: str | None) -> Owner | None:
        return _active(case, (named.get(role.value), *others))

    csm_ids = _csm_ids(case, facts)
    csm = None if unreadable(case, facts) else _active(case, csm_ids)
    # The manager of an inactive CSM is told of the gap.
    above_csm = csm.manager_id if csm else _manager_of_any(case, csm_ids)
    manager = first(VendorRole.CS_MANAGER, assigned.get(VendorRole.CS_MANAGER), above_csm)
    sponsor = first(
        VendorRole.EXECUTIVE_SPONSOR,
        assigned.get(VendorRole.EXECUTIVE_SPONSOR),
        manager.manager_id if manager else None,
    )
    csm_id = csm.id if csm else None
    found = {
        VendorRole.ACCOUNT_EXECUTIVE: first(
            VendorRole.ACCOUNT_EXECUTIVE,
            *(deal.seller_id for deal in case.deals if deal.won or len(case.deals) == 1),
        ),
        VendorRole.CSM: csm,
        VendorRole.CS_MANAGER: manager,
        VendorRole.EXECUTIVE_SPONSOR: sponsor,
        **{role: _active(case, (*_given(case, named, role), csm_id)) for role in STOOD_IN},
    }
    return {role: owner for role, owner in found.items() if owner is not None}


def stood_in(case: Case, facts: Sequence[Fact] = ()) -> frozenset[VendorRole]:
    """Return the roles of which the CSM does the work because nobody was given them. ``facts`` as for ``team``."""
    named = _reassigned(facts)
    return frozenset(role for role in STOOD_IN if _active(case, _given(case, named, role)) is None)


def _given(case: Case, named: Mapping[str, str], role: VendorRole) -> tuple[str | None, ...]:
    """Return the owner ids that were given a role, in order of precedence."""
    in_crm = case.account.specialist_id if role is VendorRole.ONBOARDING_SPECIALIST else None
    return named.get(role.value), in_crm, case.progress.assignments.get(role)


def unreadable(case: Case, facts: Sequence[Fact] = ()) -> Owner | None:
    """Return the designated accountable owner if that record cannot be read: no mail goes out in another person's
    name."""
    named = (case.owners.get(owner_id) for owner_id in _csm_ids(case, facts) if owner_id)
    found = next((owner for owner in named if owner is not None and (owner.active or owner.unreadable)), None)
    return found if found is not None and found.unreadable else None


def _csm_ids(case: Case, facts: Sequence[Fact]) -> tuple[str | None, ...]:
    """Return the owner ids that may be accountable, in order of precedence."""
    named, account = _reassigned(facts), case.account
    csm = VendorRole.CSM
    return named.get(csm.value), account.csm_id, case.progress.assignments.get(csm), account.owner_id


def _reassigned(facts: Sequence[Fact]) -> Mapping[str, str]:
    return {fact.name: str(fact.value.get("owner_id", "")) for fact in facts if fact.kind == FactKind.REASSIGN}


def owner_of(owners: Mapping[str, Owner], email: str) -> Owner | None:
    """Return the person with this mail address, in any spelling; an active one where users share it. None if no one
    has it."""
    wanted = one_spelling(email)
    found = [one for one in owners.values() if one_spelling(one.email) == wanted]
    return min(found, key=lambda one: not one.active, default=None) if wanted else None


def accountable(people: Mapping[VendorRole, Owner]) -> Owner | None:
    """Return the person accountable for the overall outcome: the CSM of this team; None if there is none."""
    return people.get(VendorRole.CSM)


def responsible(people: Mapping[VendorRole, Owner], role: str) -> Owner | None:
    """Return the person who does the work of a role: the accountable owner where no one has the role."""
    known = _ROLES.get(role)
    return (people.get(known) if known is not None else None) or accountable(people)


def not_applicable(people: Mapping[VendorRole, Owner]) -> Mapping[str, str]:
    """Return the milestones that are not applicable, with the reason: no handover if the same person goes on.
    ``people`` are the holders of the roles, not those who cover for them."""
    owner = people.get(VendorRole.CSM)
    if owner is None or people.get(VendorRole.ONBOARDING_SPECIALIST) != owner:
        return {}
    return {"same_owner": "the CSM has led the onboarding all along, so nobody hands over"}


def _active(case: Case, ids: Iterable[str | None]) -> Owner | None:
    for owner_id in ids:
        owner = case.owners.get(owner_id or "")
        if owner is not None and not owner.active and not owner.unreadable:
            owner = successor_of(owner, case.owners)
        if owner is not None and owner.active:
            return owner
    return None


def _manager_of_any(case: Case, ids: Iterable[str | None]) -> str | None:
    for owner_id in ids:
        owner = case.owners.get(owner_id or "")
        if owner is not None and owner.manager_id:
            return owner.manager_id
    return None


def owing_words(state: OnboardingState, side: str, role: str) -> str:
    """Return the side in words with the person who owes it there: ``us: Ida Moor (implementation engineer)``, ``the
    customer: Tom Adler (technical admin)``. A role of the customer's that nobody holds is named as such; the side alone
    where no role is known."""
    said, of_role = mover_name(side), role_name(role)
    if side == Side.CUSTOMER:
        if role not in set(CustomerRole):
            return said
        people = state.holders.get(CustomerRole(role), ())
        if not people:
            return sentence("posts.move_nobody", side=said, role=of_role)
        return sentence("posts.move_named_role", side=said, person=tuple(one.name for one in people), role=of_role)
    owner = responsible(state.team, role) if role in set(VendorRole) else None
    if owner is None:
        return said
    holds = VendorRole(role) in state.team and VendorRole(role) not in state.stood_in
    key = "posts.move_named" if side == Side.VENDOR else "posts.move_followed"
    if holds:
        return sentence(f"{key}_role", side=said, person=owner.name, role=of_role)
    return sentence(key, side=said, person=owner.name)
