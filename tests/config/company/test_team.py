"""The team file, and the assignment of new customers."""

from pathlib import Path

import pytest

from config.company.countries import country_code
from config.company.team import load_team
from config.files.documents import DocumentError, adapter
from onboarding.model.parties import Owner
from onboarding.model.vocabulary import VendorRole
from onboarding.people.team import Member, Team, assign
from onboarding.permissions.access import Access
from tests.builders.tiers import HIGH, MID, TECH

CSM, MANAGER = VendorRole.CSM, VendorRole.CS_MANAGER


def owner(name: str, *, active: bool = True) -> Owner:
    return Owner(id=f"005-{name}", name=name, email=f"{name}@example.com", active=active)


def owners(*names: str) -> dict[str, Owner]:
    return {f"005-{name}": owner(name) for name in names}


def csm(name: str, **more: object) -> Member:
    return adapter(Member).validate_python({"email": f"{name.title()}@example.com", "roles": ["csm"], **more})


TEAM = Team(
    regions={"north": ("SE", "NO"), "south": ("IT",)},
    members=(
        csm("astrid", regions=["north"]),
        csm("bruna", regions=["south"], tiers=["high"]),
        csm("carl"),
        csm("dora", at_most=2),
    ),
)


def test_the_region_comes_first() -> None:
    people = owners("astrid", "bruna", "carl", "dora")
    assert assign(TEAM, MID, "SE", people, {"005-astrid": 50})[CSM] == "005-astrid"
    assert assign(TEAM, HIGH, "IT", people, {})[CSM] == "005-bruna"


def test_who_does_not_serve_the_tier_is_passed_over() -> None:
    assert assign(TEAM, MID, "IT", owners("bruna", "carl"), {})[CSM] == "005-carl"


def test_the_less_loaded_gets_the_next_one_and_the_file_breaks_ties() -> None:
    people = owners("carl", "dora")
    assert assign(TEAM, TECH, None, people, {})[CSM] == "005-carl"
    assert assign(TEAM, TECH, None, people, {"005-carl": 1})[CSM] == "005-dora"


def test_who_is_full_gets_more_only_when_all_are() -> None:
    people = owners("carl", "dora")
    assert assign(TEAM, TECH, None, people, {"005-carl": 9, "005-dora": 2})[CSM] == "005-carl"
    assert assign(TEAM, TECH, None, owners("dora"), {"005-dora": 2})[CSM] == "005-dora"


def test_only_active_users_of_the_crm_count() -> None:
    gone = {"005-carl": owner("carl", active=False)}
    assert assign(TEAM, TECH, None, gone, {}) == {}
    assert assign(load_team(), HIGH, "FR", owners("somebody"), {}) == {}


def test_the_bundled_team_names_real_countries_and_all_roles_of_the_ladder() -> None:
    team = load_team()
    assert all(country_code(code) == code for codes in team.regions.values() for code in codes)
    played = {role for member in team.members for role in member.roles}
    assert played == set(VendorRole) - {VendorRole.ACCOUNT_EXECUTIVE}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("members:\n  - {email: a@b.example, roles: [csm], regions: [mars]}\n", "there is no region 'mars'"),
        (
            "members:\n  - {email: a@b.example, roles: [boss]}\n",
            "line 2, members[0].roles[0]: 'boss' is not known",
        ),
        ("members:\n  - {email: a@b.example, roles: [account_executive]}\n", "is the deal's owner; remove"),
        (
            "members:\n  - {email: a@b.example, roles: [csm]}\n  - {email: A@b.example, roles: [csm]}\n",
            "stands here twice",
        ),
        ("regions: [", "this is not YAML"),
    ],
)
def test_a_mistake_in_the_team_file_is_told_with_its_mend(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "team.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(DocumentError) as caught:
        load_team(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)


def test_booking_addresses_are_looked_up_by_mail_address() -> None:
    member = Member(email="carl@example.com", roles=(MANAGER,), booking_url="https://meet.example.com/carl")
    team = Team(members=(member,))
    assert team.booking_page("Carl@Example.com") == "https://meet.example.com/carl"
    assert team.booking_page("dora@example.com") is None


def test_the_companys_links_are_for_whoever_has_none_of_their_own() -> None:
    member = Member(email="carl@example.com", roles=(MANAGER,), booking_url="https://meet.example.com/carl")
    team = Team(members=(member,), booking_url="https://meet.example.com/us", meeting_url="https://call.example.com/us")
    assert team.booking_page("CARL@example.com") == "https://meet.example.com/carl"
    assert team.booking_page("dora@example.com") == "https://meet.example.com/us"
    assert team.meeting_place("carl@example.com") == "https://call.example.com/us"
    assert Team(members=(member,)).meeting_place("carl@example.com") == ""


def test_ops_are_mailed_at_their_own_list_or_at_the_addresses_that_may_operate() -> None:
    access = Access(ops=("role:csm", "root", "ops@vendor.example"))
    assert Team(access=access).ops_addresses == ("ops@vendor.example",)
    assert Team(access=access, ops_mail=("list@vendor.example",)).ops_addresses == ("list@vendor.example",)
    assert Team().ops_addresses == ()
