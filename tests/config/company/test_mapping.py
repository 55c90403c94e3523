"""The CRM mapping: fields, and contact roles."""

from pathlib import Path

import pytest

from config.company.mapping import BUNDLED, CrmMapping, Direction, load_mapping
from config.files.documents import DocumentError
from onboarding.model.vocabulary import CustomerRole


@pytest.fixture(scope="module")
def mapping() -> CrmMapping:
    return load_mapping()


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("Business User", CustomerRole.END_USER),
        ("Decision Maker", CustomerRole.EXECUTIVE_SPONSOR),
        ("Economic Buyer", CustomerRole.ECONOMIC_BUYER),
        ("Economic Decision Maker", CustomerRole.ECONOMIC_BUYER),
        ("Evaluator", None),
        ("Executive Sponsor", CustomerRole.EXECUTIVE_SPONSOR),
        ("Influencer", None),
        ("Technical Buyer", CustomerRole.TECHNICAL_ADMIN),
        ("Other", None),
        ("champion", CustomerRole.CHAMPION),
        ("IT / SECURITY", CustomerRole.IT_SECURITY),
        ("Somebody's nephew", None),
        ("", None),
    ],
)
def test_contact_roles_of_salesforce_become_ours(text: str, role: CustomerRole | None, mapping: CrmMapping) -> None:
    assert mapping.role_of(text) is role


@pytest.mark.parametrize("role", list(CustomerRole))
def test_our_own_spellings_work_in_any_case(role: CustomerRole, mapping: CrmMapping) -> None:
    assert mapping.role_of(role.value.upper()) is role
    assert mapping.role_of(role.value.replace("_", " ").title()) is role


def test_a_primary_contact_without_a_role_is_the_champion(mapping: CrmMapping) -> None:
    assert mapping.role_of(" ", primary=True) is CustomerRole.CHAMPION
    assert mapping.role_of("Other", primary=True) is None


def test_both_sides_may_write_what_the_contract_says(mapping: CrmMapping) -> None:
    shared = {
        name for name, field in mapping.written("Onboarding_Milestone__c").items() if field.direction is Direction.BOTH
    }
    assert shared == {"Status__c", "Due_On__c", "Completed_At__c", "Completed_By__c", "Reason__c"}
    assert {field.direction for field in mapping.written("Onboarding__c").values()} == {Direction.OURS}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "Champion: champion",
            "Champion: champon",
            "'champon' is not known here. Mend: did you mean 'champion'",
        ),
        ("Stage__c: ours", "Stage__c: mine", "write.Onboarding__c.Stage__c"),
        ("    csm: First90_CSM__c", "    cms: First90_CSM__c", "unknown field. Mend: did you mean 'csm'"),
        ("seats: First90_Seats__c", "seats: First90 Seats", "read.Opportunity.seats"),
        ("  IsWon: true", "  Is Won: true", "won"),
        ("  IsWon: true", "  IsWon: [1]", "won.IsWon"),
        (
            "Status__c: both",
            "Status__c: {field: Reason__c, direction: both}",
            "cannot share a field: Reason__c",
        ),
    ],
)
def test_a_mistake_names_file_line_field_and_mend(old: str, new: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "mapping.yaml"
    text = BUNDLED.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(DocumentError) as caught:
        load_mapping(path)
    assert f"{path}, line " in str(caught.value)
    assert said in str(caught.value)


def test_which_deals_are_won_may_be_said_by_any_field(tmp_path: Path) -> None:
    path = tmp_path / "mapping.yaml"
    more = "  IsWon: true\n  Type: [New Business, Renewal]\n  StageName: Closed Won"
    path.write_text(BUNDLED.read_text("utf-8").replace("  IsWon: true", more, 1), "utf-8")
    assert load_mapping(path).won == {"IsWon": True, "Type": ("New Business", "Renewal"), "StageName": "Closed Won"}


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"it cannot be read .*correct the path"):
        load_mapping(tmp_path / "none.yaml")
