"""Who took part in buying, as fields of a contact and of a deal say it, and notes on what was not understood."""

from collections.abc import Iterator

from config.company.mapping import CrmMapping
from integrations.crm.cells import CellError, Cells
from integrations.crm.places import Note
from onboarding.model.crm_records import CrmContact

NO_BUYER = "the person is known, and whether they took part in buying follows from the deals; write yes or no"


def bought(row: Cells, mapping: CrmMapping) -> bool | None:
    """Return whether a contact took part in buying; None where the field says nothing or holds another word.

    A checkbox is never blank, so one that is not ticked (``false``, ``0``) says nothing; a picklist says ``no``.
    """
    try:
        return _said(row, mapping.read.contact.buyer)
    except CellError:
        return None


def notes(record: object, row: Cells, mapping: CrmMapping) -> Iterator[Note]:
    """Yield why a contact's part in buying was left out, if it could not be read."""
    if isinstance(record, CrmContact) and (field := mapping.read.contact.buyer):
        try:
            _said(row, field)
        except CellError as error:
            yield field, f"{error.problem}; {NO_BUYER}"


def _said(row: Cells, field: str | None) -> bool | None:
    return row.flag(field) or (False if row.text(field).casefold() == "no" else None)
