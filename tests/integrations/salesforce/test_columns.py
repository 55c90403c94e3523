"""The format of a value in an org's field, and whether the field still holds what was written."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.company.mapping import load_mapping
from integrations.salesforce.columns import OrgField, Unfit, columns_of
from onboarding.crm.edits import theirs
from onboarding.model.crm_records import CrmMilestone
from onboarding.model.state import Milestone
from onboarding.model.vocabulary import Side, Stage
from tests.builders.case import CASE
from tests.examples import examples


def column(kind: str, length: int = 0) -> OrgField:
    return OrgField(ours="X__c", theirs="X__c", type=kind, length=length)


@pytest.mark.parametrize(
    ("kind", "length", "text", "value"),
    [
        ("string", 10, "  two\twords ", "two words"),
        ("string", 5, "abcdefg", "abcde"),
        ("string", 5, "abcd efg", "abcd"),
        ("string", 10, "\u202ename\x00", "name"),
        ("string", 10, "half \ud83d", "half ?"),
        ("textarea", 20, "one\r\ntwo\n", "one\ntwo"),
        ("textarea", 8, "one\n\ntwo  three", "one two"),
        ("email", 20, "csm@vendor.example", "csm@vendor.example"),
        ("email", 10, "csm@vendor.example", None),
        ("double", 0, "71", 71),
        ("double", 0, "7.5", 7.5),
        ("date", 0, "2026-04-02", "2026-04-02"),
        ("date", 0, "2026-04-02T09:30:00Z", "2026-04-02"),
        ("datetime", 0, "2026-04-02T09:30:00Z", "2026-04-02T09:30:00Z"),
        ("datetime", 0, "2026-04-02", "2026-04-02T00:00:00Z"),
        ("picklist", 255, "first_value", "first_value"),
        ("reference", 18, "001000000000001AAA", "001000000000001AAA"),
        *(
            (kind, 0, nothing, None)
            for kind in ("string", "textarea", "double", "date")
            for nothing in (None, "", "  ")
        ),
    ],
)
def test_a_value_is_spelt_as_the_field_takes_it(kind: str, length: int, text: str | None, value: Any) -> None:
    assert column(kind, length).spell(text) == value


@pytest.mark.parametrize(
    ("kind", "text"), [("double", "high"), ("int", "nan"), ("currency", "inf"), ("boolean", "yes")]
)
def test_a_value_that_cannot_stand_there_names_the_field_and_not_the_value(kind: str, text: str) -> None:
    with pytest.raises(Unfit, match="X__c") as caught:
        column(kind).spell(text)
    assert text not in str(caught.value).split()


@pytest.mark.parametrize(
    ("kind", "held", "text", "same"),
    [
        ("datetime", "2026-04-02T09:30:00.000+0000", "2026-04-02T09:30:00Z", True),
        ("datetime", "2026-04-02T09:31:00.000+0000", "2026-04-02T09:30:00Z", False),
        ("date", "2026-04-02", "2026-04-02", True),
        ("double", 71.0, "71", True),
        ("double", 0.0, None, False),
        ("textarea", "one\r\ntwo", "one\ntwo", True),
        ("string", "Ana Ruiz", "ana  ruiz ", True),
        ("string", None, "", True),
        ("string", None, "x", False),
        ("boolean", True, "true", False),
    ],
)
def test_what_we_wrote_is_known_again_however_the_org_spells_it(kind: str, held: Any, text: str, same: bool) -> None:
    assert column(kind, 255).says(held, text) is same


@settings(max_examples=examples(200))
@given(st.text(alphabet=st.sampled_from("ab \n\t\u00a0ü😀"), min_size=200, max_size=400))
def test_what_is_cut_off_is_never_taken_for_a_person_s_edit(reason: str) -> None:
    """The comparison when reading (``onboarding/crm/edits.py``) and the cut when writing agree on every text."""
    held = column("textarea", 255).spell(reason)
    assert column("textarea", 255).says(held, reason)
    case, agreed = CASE, {"Status__c": "Not applicable", "Reason__c": reason}
    milestone = Milestone(
        name="m",
        title="M",
        stage=Stage.SETUP,
        side=Side.VENDOR,
        owner_role="csm",
        exit=False,
        status="not_applicable",
        reason=reason,
    )
    row = CrmMilestone(key=f"{case.key}:{milestone.name}", status="Not applicable", reason=str(held or ""))
    facts, conflicts = theirs(case, agreed, row, milestone, case.signed_at)
    assert (facts, conflicts) == ((), ())


def test_only_what_we_may_write_is_a_column() -> None:
    described = [
        {"name": "Status__c", "type": "picklist", "length": 255, "updateable": True},
        {"name": "due_on__c", "type": "date", "updateable": True},
        {"name": "Reason__c", "type": "textarea", "length": 255, "updateable": False},
        {
            "name": "Onboarding__c",
            "type": "reference",
            "updateable": True,
            "referenceTo": ["Onboarding__c"],
            "relationshipName": "Onboarding__r",
        },
        {"name": "Somebody_Elses__c", "type": "string", "updateable": True},
    ]
    found = {one.ours: one for one in columns_of(load_mapping().written("Onboarding_Milestone__c"), described)}
    assert set(found) == {"Status__c", "Due_On__c", "Onboarding__c"}
    assert found["Due_On__c"].theirs == "due_on__c", "as the org spells it"
    assert (found["Status__c"].both, found["Onboarding__c"].both) == (True, False)
    assert (found["Onboarding__c"].parent, found["Status__c"].parent) == ("Onboarding__r", None)
