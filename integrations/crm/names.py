"""How a CRM's record names a person and their language."""

from collections.abc import Iterator

from config.company.languages import language_tag
from config.company.mapping import CrmMapping
from integrations.crm.cells import CellError, Cells
from integrations.crm.places import Note
from onboarding.model.crm_records import CrmAccount, CrmContact
from onboarding.model.parties import Salutation
from onboarding.people.names import Names, read_family_name, read_names, read_salutation
from onboarding.people.stakeholders import name_in

NAMELESS = "somebody without a name"
NO_LANGUAGE = "names no language; write one such as de or de-AT, or add this spelling to config/languages.yaml"


def of(row: Cells, email: str) -> Names:
    """Return a person's names. If the CRM has none, the full name is derived from the address and salutations use
    none."""
    first, last, name = (row.line(field) for field in ("FirstName", "LastName", "Name"))
    if not (first or last or name or email):
        raise CellError("Name", "is empty, and so are FirstName and LastName")
    names = read_names(first, last, name)
    return names if names.full else Names(full=name_in(email) or NAMELESS, called="")


def family_name(row: Cells) -> str:
    """Return a person's family name; empty if the CRM has none apart from the first name."""
    return read_family_name(row.line("FirstName"), row.line("LastName"))


def salutation(row: Cells) -> Salutation | None:
    """Return how a person is formally addressed; None if the CRM does not say."""
    return read_salutation(row.line("Salutation"))


def language(row: Cells, field: str | None) -> str | None:
    """Return the language that a field names; None if it is empty or names none that is known."""
    return language_tag(row.line(field))


def language_notes(record: object, row: Cells, mapping: CrmMapping) -> Iterator[Note]:
    """Yield a note on a language that was not understood."""
    fields = {CrmAccount: mapping.read.account.language, CrmContact: mapping.read.contact.language}
    field = fields.get(type(record))
    if field and row.line(field) and language(row, field) is None:
        yield field, f"{row.line(field)[:40]!r} {NO_LANGUAGE}"
