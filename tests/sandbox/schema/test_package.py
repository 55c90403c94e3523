"""The package in ``salesforce/``: an org would accept it, and it has all that mapping and rules need."""

import shutil
from collections import Counter
from itertools import groupby
from pathlib import Path
from xml.etree import ElementTree

import pytest

from config.company.mapping import KEY, CrmMapping, Direction, load_mapping
from onboarding.crm.edits import LONGEST
from onboarding.crm.projection import MILESTONE, ONBOARDING, STATUSES
from onboarding.model.vocabulary import STAGES, CustomerRole, Side, Stage, Status, VendorRole
from onboarding.model.written.track import Phase
from sandbox.schema.fields import PACKAGE, Field, Schema, SObject, load_schema
from sandbox.schema.metadata import NAMESPACE, MetadataError
from tests.builders.tiers import BUNDLED_TIERS

BASE = PACKAGE / "force-app" / "main" / "default"
FIELD_FILES = sorted(BASE.glob("objects/*/fields/*.field-meta.xml"))
STANDARD_COLUMNS = {"NAME"}
"""The name field as list views call it."""
SYSTEM = {"Name", "OwnerId", "CreatedById", "LastModifiedById"}
LONGEST_KEY = 18 + 1 + 60
"""A deal's id, a colon, a milestone's name."""


@pytest.fixture(scope="module")
def schema() -> Schema:
    return load_schema()


@pytest.fixture(scope="module")
def mapping() -> CrmMapping:
    return load_mapping()


def root(path: Path) -> ElementTree.Element:
    return ElementTree.parse(path).getroot()


def texts(tree: ElementTree.Element, name: str) -> list[str]:
    return [found.text or "" for found in tree.iter(NAMESPACE + name)]


def custom(sobject: SObject) -> dict[str, Field]:
    return {name: field for name, field in sobject.fields.items() if field.custom}


# What an org would refuse


@pytest.mark.parametrize("path", FIELD_FILES, ids=lambda path: path.name.partition(".")[0])
def test_a_field_can_be_deployed(path: Path) -> None:
    tree = root(path)
    said = {child.tag.removeprefix(NAMESPACE): child.text or "" for child in tree}
    kind = said["type"]
    assert said["fullName"] == path.name.partition(".")[0]
    assert said["fullName"].endswith("__c")
    assert len(said["fullName"]) <= 43
    assert 0 < len(said["label"]) <= 40
    assert 0 < len(said["inlineHelpText"]) <= 255, "help for whoever sees the field"
    assert len(said.get("description", "")) <= 1000
    if kind in ("MasterDetail", "LongTextArea"):
        assert "required" not in said, "an org refuses to hear whether it is required"
    if kind == "MasterDetail":
        assert "deleteConstraint" not in said
        assert said["reparentableMasterDetail"] == "true", "an upsert names the parent each time"
    if kind in ("Lookup", "MasterDetail"):
        assert said["relationshipName"].isidentifier()
    if kind == "Lookup":
        assert said["deleteConstraint"] == "SetNull", "nobody is kept from deleting an account or a deal by us"
    if kind == "Text":
        assert 1 <= int(said["length"]) <= 255
    if kind == "LongTextArea":
        assert 256 <= int(said["length"]) <= 131_072
        assert int(said["visibleLines"]) >= 2
    if kind == "Number":
        assert int(said["scale"]) <= int(said["precision"]) <= 18


@pytest.mark.parametrize("path", sorted(BASE.rglob("*-meta.xml")), ids=lambda path: path.name.partition("-meta")[0])
def test_elements_of_one_name_stand_together(path: Path) -> None:
    """An org refuses a file in which elements of one name are not adjacent."""
    for tree in root(path).iter():
        names = [child.tag for child in tree]
        runs = [name for name, _ in groupby(names)]
        assert len(runs) == len(set(runs)), tree.tag


def test_history_is_kept_of_what_people_ask_about_within_the_limit_of_an_object(schema: Schema) -> None:
    for name in (ONBOARDING, MILESTONE):
        tree = root(BASE / "objects" / name / f"{name}.object-meta.xml")
        assert texts(tree, "enableHistory") == ["true"]
        tracked = {one.name for one in schema.objects[name].fields.values() if one.history}
        assert {"Stage__c", "Status__c"} <= tracked
        assert len(tracked) <= 20
    assert {"Due_On__c", "Completed_At__c", "Completed_By__c", "Reason__c"} <= {
        one.name for one in schema.objects[MILESTONE].fields.values() if one.history
    }
    others = [name for name in schema.objects if name not in (ONBOARDING, MILESTONE)]
    assert not [one.name for name in others for one in schema.objects[name].fields.values() if one.history]


def test_relationship_names_are_unique_on_each_parent(schema: Schema) -> None:
    found = Counter(
        (one.reference_to, one.children.lower())
        for sobject in schema.objects.values()
        for one in sobject.fields.values()
        if one.children and one.custom
    )
    assert max(found.values()) == 1


@pytest.mark.parametrize("name", [ONBOARDING, MILESTONE])
def test_pages_and_lists_show_fields_that_are_there(schema: Schema, name: str) -> None:
    known = set(schema.objects[name].fields)
    views = sorted((BASE / "objects" / name / "listViews").glob("*.listView-meta.xml"))
    assert views
    for path in views:
        tree = root(path)
        columns, filtered = texts(tree, "columns"), texts(tree, "field")
        assert set(columns) - STANDARD_COLUMNS <= known
        assert len(columns) <= 15
        assert set(filtered) <= known
        assert not [one for one in columns if one in known and schema.objects[name].fields[one].length > 255]
        assert all(len(label) <= 40 for label in texts(tree, "label"))
        for one in tree.iter(f"{NAMESPACE}filters"):
            field = schema.objects[name].fields[texts(one, "field")[0]]
            values = {value for text in texts(one, "value") for value in text.split(",")}
            assert not field.picklist or values <= set(field.picklist)
    [layout] = BASE.glob(f"layouts/{name}-*.layout-meta.xml")
    items = {texts(one, "field")[0]: texts(one, "behavior")[0] for one in root(layout).iter(f"{NAMESPACE}layoutItems")}
    assert set(items) <= known | SYSTEM
    needed = {one.name for one in schema.objects[name].fields.values() if one.required}
    assert {field for field, behaviour in items.items() if behaviour == "Required"} == needed
    assert set(custom(schema.objects[name])) <= set(items), "a field that no page shows is not seen by anybody"
    for path in (BASE / "objects" / name / "compactLayouts").iterdir():
        assert set(texts(root(path), "fields")) <= known
    assert (BASE / "tabs" / f"{name}.tab-meta.xml").is_file()


def test_report_types_show_fields_that_are_there(schema: Schema) -> None:
    found = sorted((BASE / "reportTypes").glob("*.reportType-meta.xml"))
    assert [path.name.partition(".")[0] for path in found] == [
        "First90_Onboardings",
        "First90_Onboardings_with_Milestones",
    ]
    for path in found:
        tree = root(path)
        tables = {ONBOARDING: ONBOARDING, f"{ONBOARDING}.Milestones__r": MILESTONE}
        assert texts(tree, "baseObject") == [ONBOARDING]
        assert set(texts(tree, "relationship")) <= {
            one.children for one in schema.objects[MILESTONE].fields.values() if one.reference_to == ONBOARDING
        }
        for column in tree.iter(f"{NAMESPACE}columns"):
            known = schema.objects[tables[texts(column, "table")[0]]].fields
            assert texts(column, "field")[0] in known


def test_a_person_finds_what_is_theirs_and_due_this_week(schema: Schema) -> None:
    """A list view cannot compare a lookup with who is looking, so a formula does."""
    assert schema.objects[MILESTONE].fields["Assigned_To__c"].reference_to == "User"
    assert schema.objects[MILESTONE].fields["Mine__c"].computed
    tree = root(BASE / "objects" / MILESTONE / "listViews" / "First90_Mine_Due_This_Week.listView-meta.xml")
    filters = zip(*(texts(tree, name) for name in ("field", "operation", "value")), strict=True)
    assert list(filters) == [
        ("Status__c", "equals", "Open"),
        ("Mine__c", "equals", "1"),
        ("Due_On__c", "lessOrEqual", "THIS_WEEK"),
    ]


def test_the_page_of_a_milestone_lets_people_edit_what_both_sides_may_change(mapping: CrmMapping) -> None:
    [layout] = BASE.glob(f"layouts/{MILESTONE}-*.layout-meta.xml")
    editable = {
        texts(one, "field")[0]
        for one in root(layout).iter(f"{NAMESPACE}layoutItems")
        if texts(one, "behavior") == ["Edit"]
    }
    assert editable == both(mapping)


# Permission sets


def both(mapping: CrmMapping) -> set[str]:
    return {name for name, field in mapping.written(MILESTONE).items() if field.direction is Direction.BOTH}


@pytest.mark.parametrize("name", ["First90_Integration", "First90_Reader", "First90_CSM", "First90_Seller"])
def test_a_permission_set_can_be_deployed(schema: Schema, name: str) -> None:
    found = schema.permission_sets[name]
    assert found.editable <= found.readable
    grants = {one.grant for sobject in schema.objects.values() for one in sobject.fields.values() if one.grant}
    assert found.readable <= grants, "a field that is missing or required cannot be granted"
    for rights in found.objects.values():
        assert "read" in rights
        assert not rights & {"delete", "modify all"}
    if MILESTONE in found.objects:
        assert ONBOARDING in found.objects, "a detail depends on its master"
    if {"Contact", "Opportunity"} & set(found.objects):
        assert "Account" in found.objects


def test_the_integration_user_may_do_what_is_needed_and_no_more(schema: Schema, mapping: CrmMapping) -> None:
    found = schema.permission_sets["First90_Integration"]
    written = {
        f"{name}.{field.field or ours}"
        for name in (ONBOARDING, MILESTONE)
        for ours, field in mapping.written(name).items()
    }
    always = {one for one in written if schema.objects[one.split(".")[0]].fields[one.split(".")[1]].grant is None}
    assert always == {f"{MILESTONE}.Onboarding__c"}
    assert found.editable == written - always
    assert found.objects == {
        ONBOARDING: {"create", "read", "edit"},
        MILESTONE: {"create", "read", "edit"},
        "Account": {"read", "view all"},
        "Contact": {"read", "view all"},
        "Opportunity": {"read", "view all"},
        "Product2": {"read"},
    }
    assert found.user == {"ApiEnabled"}
    standard = {one.grant for one in _standard_fields_read(schema) if one.grant}
    assert found.readable == found.editable | _facts(mapping) | standard


def test_readers_change_nothing_and_csms_what_both_sides_may_change(schema: Schema, mapping: CrmMapping) -> None:
    reader, csm = schema.permission_sets["First90_Reader"], schema.permission_sets["First90_CSM"]
    everything = {one.grant for name in (ONBOARDING, MILESTONE) for one in custom(schema.objects[name]).values()}
    assert reader.readable == csm.readable == everything - {None}
    assert not reader.editable
    assert csm.editable == {f"{MILESTONE}.{name}" for name in both(mapping)}
    assert csm.objects == {ONBOARDING: {"read"}, MILESTONE: {"read", "edit"}}
    assert reader.objects == {ONBOARDING: {"read"}, MILESTONE: {"read"}}


def test_sellers_write_the_facts_that_we_read(schema: Schema, mapping: CrmMapping) -> None:
    seller = schema.permission_sets["First90_Seller"]
    assert seller.editable == {one for one in _facts(mapping) if one.endswith("__c")}
    assert not seller.objects


def _facts(mapping: CrmMapping) -> set[str]:
    """Return the fields that the mapping reads, those that a playbook's conditions name among them."""
    parts = mapping.read.model_dump(by_alias=True, exclude={"line_item"})
    own = {sobject: fields.pop("fields", {}) for sobject, fields in parts.items()}
    named = ((sobject, name) for said in (parts, own) for sobject, fields in said.items() for name in fields.values())
    return {f"{sobject}.{name}" for sobject, name in named if name}


READ = {
    "Account": ["Name", "Industry", "Website", "BillingCountry", "BillingStateCode", "ShippingCountryCode"],
    "Contact": ["AccountId", "Email", "Title", "MailingCountry", "MailingState", "OtherCountry", "HasOptedOutOfEmail"],
    "Opportunity": ["AccountId", "Amount", "StageName", "CloseDate", "IsWon", "OwnerId", "Type"],
    "OpportunityLineItem": ["OpportunityId", "Product2Id"],
    "Product2": ["Name", "ProductCode"],
}
"""The standard fields that are read of every CRM."""


def _standard_fields_read(schema: Schema) -> list[Field]:
    return [schema.objects[name].fields[field] for name, fields in READ.items() for field in fields]


# What mapping and rules need


def test_every_mapped_field_is_there_and_every_field_is_mapped(schema: Schema, mapping: CrmMapping) -> None:
    for name in (ONBOARDING, MILESTONE):
        written = {field.field or ours for ours, field in mapping.written(name).items()}
        stored = {one for one, field in custom(schema.objects[name]).items() if not field.computed}
        assert stored == written | {KEY}
    for fact in _facts(mapping):
        sobject, _, name = fact.partition(".")
        assert name in schema.objects[sobject].fields
    for name in mapping.read.line_item.products:
        assert name.removeprefix("Product2.") in schema.objects["Product2"].fields
    read = {name for name in _facts(mapping) if name.endswith("__c")}
    for name in ("Account", "Contact", "Opportunity"):
        assert {f"{name}.{field}" for field in custom(schema.objects[name])} <= read


@pytest.mark.parametrize("name", [ONBOARDING, MILESTONE])
def test_the_key_is_unique_in_any_case_and_long_enough(schema: Schema, name: str) -> None:
    key = schema.objects[name].fields[KEY]
    assert (key.unique, key.external_id, key.required, key.case_sensitive) == (True, True, True, False)
    assert key.length >= LONGEST_KEY


@pytest.mark.parametrize(
    ("sobject", "name", "words"),
    [
        (ONBOARDING, "Stage__c", list(Stage)),
        (ONBOARDING, "Status__c", list(Status)),
        (ONBOARDING, "Waiting_On__c", list(Side)),
        (ONBOARDING, "Phase__c", list(Phase)),
        (MILESTONE, "Stage__c", list(STAGES)),
        (MILESTONE, "Status__c", list(STATUSES.values())),
        (MILESTONE, "Side__c", list(Side)),
        (MILESTONE, "Owner_Role__c", list(dict.fromkeys([*map(str, VendorRole), *map(str, CustomerRole)]))),
    ],
)
def test_picklists_hold_exactly_our_words(schema: Schema, sobject: str, name: str, words: list[str]) -> None:
    field = schema.objects[sobject].fields[name]
    assert field.restricted
    assert list(field.picklist) == [str(word) for word in words]


@pytest.mark.parametrize(("sobject", "name"), [(ONBOARDING, "Tier__c"), ("Account", "First90_Tier__c")])
def test_the_picklists_of_tiers_offer_the_bundled_ones_and_take_any_other(
    schema: Schema, sobject: str, name: str
) -> None:
    field = schema.objects[sobject].fields[name]
    assert not field.restricted
    assert list(field.picklist) == list(BUNDLED_TIERS)


def test_a_new_milestone_is_open(schema: Schema) -> None:
    assert schema.objects[MILESTONE].fields["Status__c"].default == STATUSES["open"]


def test_what_both_sides_may_change_is_as_long_as_the_comparison_looks(schema: Schema) -> None:
    fields = schema.objects[MILESTONE].fields
    assert fields["Reason__c"].length == fields["Completed_By__c"].length == LONGEST


# A package that is not in order


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("<type>Text</type>", "<type>Geolocation</type>", "knows no field of type 'Geolocation'"),
        ("<fullName>First90_Key__c", "<fullName>First90_Kee__c", "named unlike its field"),
        ("<label>First90 Key</label>", "", "lacks its label"),
        ("</CustomField>", "", "no well-formed XML"),
        ("CustomField", "CustomObject", "is no CustomField"),
    ],
)
def test_a_broken_package_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    shutil.copytree(PACKAGE, tmp_path / "package")
    path = tmp_path / "package" / (BASE / f"objects/{ONBOARDING}/fields/{KEY}.field-meta.xml").relative_to(PACKAGE)
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(MetadataError, match=said):
        load_schema(tmp_path / "package")


def test_a_folder_without_a_package_is_told(tmp_path: Path) -> None:
    with pytest.raises(MetadataError, match="is no package"):
        load_schema(tmp_path)
