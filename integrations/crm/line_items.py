"""The line items of deals: which products were bought."""

from collections.abc import Iterable
from dataclasses import replace

from config.company.mapping import CrmMapping
from integrations.crm.cells import Cells
from onboarding.model.crm_records import CrmDeal, CrmLineItem

LINE_ITEM, PRODUCT = "OpportunityLineItem", "Product2"


def line_item(row: Cells, mapping: CrmMapping) -> CrmLineItem:
    """Return the record of a row of ``OpportunityLineItem``, with the fields of its product as ``Product2.Name``."""
    named = [row.line(field) for field in mapping.read.line_item.products]
    return CrmLineItem(deal_id=row.id("OpportunityId"), products=tuple(dict.fromkeys(filter(None, named))))


def with_products(deals: Iterable[CrmDeal], items: Iterable[CrmLineItem]) -> tuple[CrmDeal, ...]:
    """Return the deals with the products of their line items, each once and in order, so that another order of the rows
    is no change."""
    bought: dict[str, set[str]] = {}
    for one in items:
        bought.setdefault(one.deal_id, set()).update(one.products)
    return tuple(replace(deal, products=tuple(sorted(bought.get(deal.id, ())))) for deal in deals)
