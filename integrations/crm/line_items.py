"""The line items of deals: which products were bought."""

from collections.abc import Iterable
from dataclasses import replace

from config.company.mapping import CrmMapping
from integrations.crm.cells import Cells
from onboarding.model.crm_records import CrmDeal, CrmLineItem

LINE_ITEM, PRODUCT = "OpportunityLineItem", "Product2"


def line_item(row: Cells, mapping: CrmMapping) -> CrmLineItem:
    """Return the record of a row of ``OpportunityLineItem``, with the fields of its product as ``Product2.Name``.

    A row that names no product, and lacks a field that would, says nothing of what was bought.
    """
    asked = mapping.read.line_item.products
    named = tuple(dict.fromkeys(filter(None, (row.line(field) for field in asked))))
    seen = bool(named) or all(field.lower() in row.values for field in asked)
    return CrmLineItem(deal_id=row.id("OpportunityId"), products=named if seen else None)


def with_products(deals: Iterable[CrmDeal], items: Iterable[CrmLineItem]) -> tuple[CrmDeal, ...]:
    """Return the deals with the products of their line items, each once and in order, so that another order of the rows
    is no change. A deal with a product that cannot be seen has none that are known."""
    bought: dict[str, set[str]] = {}
    unseen = set()
    for one in items:
        if one.products is None:
            unseen.add(one.deal_id)
        else:
            bought.setdefault(one.deal_id, set()).update(one.products)
    return tuple(
        replace(deal, products=None if deal.id in unseen else tuple(sorted(bought.get(deal.id, ())))) for deal in deals
    )
