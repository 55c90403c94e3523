"""What matters to a contact, in fields that the mapping names."""

from pathlib import Path

from config.company.mapping import load_mapping
from integrations.csv_crm.folder import CsvFolder
from integrations.salesforce.schema import wanted
from onboarding.model.parties import ProfileItem
from tests.integrations.csv_crm.test_reading import ACCOUNT, FILES, PERSON, write


def test_the_fields_that_the_mapping_names_are_read(tmp_path: Path) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, "utf-8")
    row = f"{PERSON},{ACCOUNT},ana@acme.example,The audit,tbd"
    write(tmp_path, "Contact.csv", "Id,AccountId,Email,Worries__c,Wins__c", row)
    mapping = load_mapping()
    named = {ProfileItem.CONCERNS: "Worries__c", ProfileItem.SUCCESS: "Wins__c"}
    contact = mapping.read.contact.model_copy(update={"profile": named})
    changed = mapping.model_copy(update={"read": mapping.read.model_copy(update={"contact": contact})})
    (person,) = CsvFolder(tmp_path, changed).read(None).contacts
    assert person.profile == {"concerns": "The audit", "success": "tbd"}
    assert {"Worries__c", "Wins__c"} <= set(wanted(changed)["Contact"].also)
    (person,) = CsvFolder(tmp_path, mapping).read(None).contacts
    assert person.profile == {}
