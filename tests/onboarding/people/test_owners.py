"""Exactly one accountable person, and never an inactive one (RO-1)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from onboarding.model.case import Case, Owner
from onboarding.model.vocabulary import VendorRole
from onboarding.people.owners import accountable, team
from tests.builders.case import ACCOUNT, CASE
from tests.builders.facts import build_fact

Make = Callable[..., Any]
DAY = datetime(2026, 3, 3, tzinfo=UTC)


def with_inactive(case: Case, *ids: str) -> Case:
    owners = {key: replace(owner, active=key not in ids) for key, owner in case.owners.items()}
    return replace(case, owners=owners)


def ids(people: dict[VendorRole, Owner]) -> dict[str, str]:
    return {role.value: owner.id for role, owner in people.items()}


def test_the_team_follows_the_crm_and_its_reporting_line() -> None:
    assert ids(team(CASE)) == {
        "account_executive": "005SELLER",
        "csm": "005CSM",
        "cs_manager": "005MANAGER",
        "executive_sponsor": "005EXEC",
        "onboarding_specialist": "005CSM",
        "implementation_engineer": "005CSM",
    }


def test_the_csm_is_reassigned_else_the_field_else_the_team_file_else_the_owner() -> None:
    account = replace(ACCOUNT, csm_id="005CSM", owner_id="005SELLER")
    case = replace(CASE, account=account)
    case = replace(case, progress=replace(case.progress, assignments={VendorRole.CSM: "005EXEC"}))
    moved = build_fact("reassign", "csm", DAY, value={"owner_id": "005MANAGER"})
    assert accountable(team(case, (moved,))).id == "005MANAGER"
    assert accountable(team(case)).id == "005CSM"
    assert accountable(team(with_inactive(case, "005CSM"))).id == "005EXEC"
    assert accountable(team(with_inactive(case, "005CSM", "005EXEC"))).id == "005SELLER"


def test_of_two_reassignments_the_last_holds_and_one_to_an_inactive_user_is_ignored() -> None:
    first = build_fact("reassign", "csm", DAY, value={"owner_id": "005MANAGER"})
    last = build_fact("reassign", "csm", DAY + timedelta(days=1), value={"owner_id": "005EXEC"})
    assert accountable(team(CASE, (first, last))).id == "005EXEC"
    assert accountable(team(with_inactive(CASE, "005EXEC"), (first, last))).id == "005CSM"


def test_an_owner_who_is_gone_leaves_a_manager_who_hears_of_it() -> None:
    people = team(with_inactive(CASE, "005CSM", "005SELLER"))
    assert accountable(people) is None
    assert people[VendorRole.CS_MANAGER].id == "005MANAGER"
    assert VendorRole.ACCOUNT_EXECUTIVE not in people


def test_the_team_file_names_the_others() -> None:
    case = CASE
    named = {VendorRole.CS_MANAGER: "005EXEC", VendorRole.IMPLEMENTATION_ENGINEER: "005SELLER"}
    people = team(replace(case, progress=replace(case.progress, assignments=named)))
    assert people[VendorRole.CS_MANAGER].id == "005EXEC"
    assert people[VendorRole.IMPLEMENTATION_ENGINEER].id == "005SELLER"
    assert people[VendorRole.ONBOARDING_SPECIALIST].id == "005CSM"
    # The manager of the team file has no manager, so there is no sponsor.
    assert VendorRole.EXECUTIVE_SPONSOR not in people


@given(gone=st.sets(st.sampled_from(["005SELLER", "005CSM", "005MANAGER", "005EXEC"])))
def test_no_inactive_user_holds_a_role(gone: set[str]) -> None:
    people = team(with_inactive(CASE, *gone))
    assert not {owner.id for owner in people.values()} & gone
