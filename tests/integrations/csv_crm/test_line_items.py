"""The products of deals in a CRM folder, and what becomes of a line item that cannot be read."""

from pathlib import Path

import pytest

from config.company.mapping import CrmMapping, load_mapping
from integrations.csv_crm.folder import CsvFolder
from onboarding.model.crm_records import CrmBatch
from tests.integrations.csv_crm.test_reading import DEAL, FILES, LONG_DEAL, write

CORE, ADD_ON = "01t5g00000AAAA1", "01t5g00000AAAA2"


def read(folder: Path, *items: str, mapping: CrmMapping | None = None) -> CrmBatch:
    for name, text in FILES.items():
        (folder / name).write_text(text, "utf-8")
    if items:
        write(folder, "OpportunityLineItem.csv", *items)
    return CsvFolder(folder, mapping or load_mapping()).read(None)


@pytest.mark.parametrize("items", [(), ("",)])
def test_without_the_file_of_line_items_it_is_not_known_what_was_bought(tmp_path: Path, items: tuple[str, ...]) -> None:
    batch = read(tmp_path, *items)
    assert (batch.deals[0].products, batch.problems) == (None, ())


def test_a_deal_without_line_items_in_the_file_bought_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, "OpportunityId,Product2.Name").deals[0].products == ()


def test_a_mapping_that_names_no_product_field_takes_all_products_away(tmp_path: Path) -> None:
    mapping = load_mapping()
    own = mapping.read.line_item.model_copy(update={"products": ()})
    changed = mapping.model_copy(update={"read": mapping.read.model_copy(update={"line_item": own})})
    assert read(tmp_path, mapping=changed).deals[0].products == ()


@pytest.mark.parametrize(
    "products", [(), ("Id,Name,ProductCode", f"{ADD_ON},Analytics,A1"), ("Id,Family", f"{CORE},x")]
)
def test_a_product_that_cannot_be_looked_up_is_not_known(tmp_path: Path, products: tuple[str, ...]) -> None:
    if products:
        write(tmp_path, "Product2.csv", *products)
    batch = read(tmp_path, "OpportunityId,Product2Id", f"{DEAL},{CORE}")
    assert (batch.deals[0].products, batch.problems) == (None, ())


def test_a_product_without_a_name_is_none(tmp_path: Path) -> None:
    write(tmp_path, "Product2.csv", "Id,Name,ProductCode", f"{CORE},,")
    assert read(tmp_path, "OpportunityId,Product2Id", f"{DEAL},{CORE}").deals[0].products == ()


def test_products_are_named_in_the_row_or_in_the_file_of_products(tmp_path: Path) -> None:
    write(tmp_path, "Product2.csv", "Id,Name,ProductCode", f"{CORE},Core,C1", f"{ADD_ON},Analytics,A1")
    batch = read(
        tmp_path,
        "OpportunityId,Product2Id,Product2.Name",
        f"{DEAL},{CORE},",
        f"{DEAL},{ADD_ON},",
        f"{DEAL},{CORE},Core",
        f"{DEAL},,Training",
    )
    assert batch.problems == ()
    assert batch.deals[0].products == ("A1", "Analytics", "C1", "Core", "Training")


def test_the_mapping_says_which_fields_name_a_product(tmp_path: Path) -> None:
    mapping = load_mapping()
    items = ("OpportunityId,Family__c,Product2.Name,IsDeleted", f"{DEAL},Insight,Core,false", f"{DEAL},Old,X,true")
    own = mapping.read.line_item.model_copy(update={"products": ("Family__c",)})
    changed = mapping.model_copy(update={"read": mapping.read.model_copy(update={"line_item": own})})
    assert read(tmp_path, *items, mapping=changed).deals[0].products == ("Insight",)


def test_a_deal_with_a_broken_line_item_stays_as_it_was_until_that_is_mended(tmp_path: Path) -> None:
    batch = read(tmp_path, "OpportunityId,Product2Id,Product2.Name", f"{DEAL},no id,Core")
    (problem,) = batch.problems
    assert (problem.source, problem.record, problem.field) == ("OpportunityLineItem.csv", "line 2", "Product2Id")
    assert batch.deals == ()
    assert LONG_DEAL in batch.unreadable
    assert read(tmp_path, "OpportunityId,Product2.Name", f"{DEAL},Core").deals[0].products == ("Core",)


def test_a_line_item_of_another_deal_changes_nothing(tmp_path: Path) -> None:
    batch = read(tmp_path, "OpportunityId,Product2Id,Product2.Name", "0065g00000AAAA9,,Core", "0065g00000AAAA9,no id,A")
    assert [one.record for one in batch.problems] == ["line 3"]
    assert (len(batch.deals), batch.deals[0].products) == (1, ())


def test_a_line_item_that_may_belong_to_any_deal_leaves_the_products_of_all_unknown(tmp_path: Path) -> None:
    batch = read(tmp_path, "OpportunityId,Product2.Name", f"{DEAL},Analytics", "no id,Core")
    assert [one.record for one in batch.problems] == ["line 3"]
    assert (len(batch.deals), batch.deals[0].products) == (1, None)


def test_further_fields_are_read_as_the_mapping_names_them(tmp_path: Path) -> None:
    mapping = load_mapping()
    account = mapping.read.account.model_copy(update={"fields": {"segment": "Segment__c", "size": "Size__c"}})
    changed = mapping.model_copy(update={"read": mapping.read.model_copy(update={"account": account})})
    read(tmp_path)
    write(tmp_path, "Account.csv", "Id,Name,Segment__c", "0015g00000AAAA1,Acme, Enterprise ")
    batch = CsvFolder(tmp_path, changed).read(None)
    assert batch.accounts[0].fields == {"segment": "Enterprise"}
