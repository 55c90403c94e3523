"""The products of deals in a CRM folder: ``OpportunityLineItem.csv``, with ``Product2.csv`` if that was exported."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from config.company.mapping import CrmMapping
from integrations.crm.cells import CellError, Cells
from integrations.crm.line_items import LINE_ITEM, PRODUCT, line_item, with_products
from integrations.csv_crm.files import check_columns
from integrations.csv_crm.tables import CsvRow, CsvTable
from onboarding.model.crm_records import CrmDeal, CrmLineItem, Problem
from onboarding.model.identity import salesforce_id

DEAL = "006"
"""The prefix of an opportunity's id."""
LINE_ITEMS, PRODUCTS = f"{LINE_ITEM}.csv", f"{PRODUCT}.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class SoldProducts:
    """The deals with their products, and what could not be read."""

    deals: tuple[CrmDeal, ...]
    problems: tuple[Problem, ...] = ()
    unreadable: frozenset[str] = frozenset()
    """Deals of which a line item cannot be read: they stay as they were read last, until it is mended."""


def sold(deals: Sequence[CrmDeal], tables: Mapping[str, CsvTable], mapping: CrmMapping) -> SoldProducts:
    """Return the deals with the products of their line items; with products that are not known where the file is
    missing, or where an unreadable row may belong to any deal."""
    table = tables.get(LINE_ITEMS)
    if not mapping.read.line_item.products:
        return SoldProducts(deals=with_products(deals, ()))
    if table is None:
        return SoldProducts(deals=tuple(deals))
    known, problems = dict(_products(tables.get(PRODUCTS))), []
    items: list[CrmLineItem] = []
    broken: set[str] = set()
    whole = True
    check_columns(table)
    for row in table.rows:
        try:
            if row.broken:
                raise CellError("", row.broken)
            if not row.cells.flag("IsDeleted"):
                items.append(line_item(_with_product(row.cells, known), mapping))
        except CellError as error:
            problems.append(
                Problem(source=table.name, record=f"line {row.line}", field=error.field, problem=error.problem)
            )
            named = {one for one in _ids(row) if one.startswith(DEAL)}
            broken |= named
            whole = whole and row.whole and bool(named)
    unreadable = frozenset(broken.intersection(deal.id for deal in deals))
    readable = tuple(deal for deal in deals if deal.id not in unreadable)
    return SoldProducts(
        deals=with_products(readable, items) if whole else readable,
        problems=tuple(problems),
        unreadable=unreadable,
    )


def _products(table: CsvTable | None) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield the cells of each product under the names by which a line item refers to them."""
    if table is not None:
        check_columns(table)
        for row in table.rows:
            if not row.broken:
                named = {f"{PRODUCT.lower()}.{name}": text for name, text in row.cells.values.items()}
                yield from ((one, named) for one in _ids(row, row.cells.values.get("id", "")))


def _with_product(cells: Cells, known: Mapping[str, Mapping[str, str]]) -> Cells:
    """Return the cells of a line item with those of its product, unless the export has them in the same row."""
    product_id = cells.reference("Product2Id")
    found = known.get(product_id or "")
    own = {name: text for name, text in cells.values.items() if text.strip()}
    return cells if found is None else type(cells)({**found, **own})


def _ids(row: CsvRow, *only: str) -> Iterator[str]:
    for text in only or row.raw:
        try:
            yield salesforce_id(text.strip())
        except ValueError:
            continue
