"""Country and time zone of a CRM record's addresses, and notes on what was not understood."""

from collections.abc import Iterator
from dataclasses import dataclass

from config.company.countries import country_code, is_listed_whole, region_zone
from config.company.mapping import CrmMapping
from integrations.crm.cells import Cells
from onboarding.model.crm_records import CrmAccount, CrmContact, CrmUser
from onboarding.people.placeholders import is_placeholder

USER, ACCOUNT, CONTACT = ("",), ("Billing", "Shipping"), ("Mailing", "Other")
"""Prefixes of the address fields of each object, in order of precedence."""
Note = tuple[str, str]
"""A field and its problem, in a record that is accepted all the same."""


@dataclass(frozen=True, slots=True)
class Place:
    """A country's two-letter code, and a time zone if the state tells it more exactly than the country."""

    country: str | None = None
    zone: str | None = None


def address(row: Cells, *prefixes: str) -> Place:
    """Return the place of the first of a record's addresses with a known country."""
    for prefix in prefixes:
        country = _country(row, prefix)
        if country is not None:
            zones = (region_zone(country, state) for _, state in _given(row, prefix, "State"))
            return Place(country, next((zone for zone in zones if zone), None))
    return Place()


def notes(record: object, row: Cells, mapping: CrmMapping) -> Iterator[Note]:
    """Yield notes on an address that was not understood, if the record has no time zone of its own."""
    if isinstance(record, CrmUser) and not row.text("TimeZoneSidKey"):
        yield from _not_understood(row, USER, "they are reckoned to work by UTC", "TimeZoneSidKey")
    elif isinstance(record, CrmAccount) and not row.text(mapping.read.account.zone):
        mend = mapping.read.account.zone or "the time zone"
        yield from _not_understood(row, ACCOUNT, "mails leave by the clock of {usual}", mend)
    elif isinstance(record, CrmContact):
        yield from _not_understood(row, CONTACT, "mails leave by the account's clock", "")


def _not_understood(row: Cells, prefixes: tuple[str, ...], meanwhile: str, mend: str) -> Iterator[Note]:
    for prefix in prefixes:
        given, country = _given(row, prefix, "Country"), _country(row, prefix)
        if given and country is None:
            field, text = given[-1]
            told = meanwhile.format(usual="UTC")
            yield field, f"{text[:40]!r} is no country that we know; until it is corrected {told}.{_by(mend, 'DE')}"
        if country is None:
            continue
        states = _given(row, prefix, "State")
        if states and is_listed_whole(country) and not any(region_zone(country, state) for _, state in states):
            field, text = states[-1]
            told = meanwhile.format(usual=f"most of {country}")
            yield field, f"{text[:40]!r} is no part of {country} that we know; until it is corrected {told}.{_by(mend)}"
        return


def _by(mend: str, code: str = "") -> str:
    ways = [f"write its ISO code, such as {code}" if code else "write its ISO 3166-2 code or usual name"]
    ways += [f"fill in {mend}"] if mend else []
    return f" Mend: {', or '.join(ways)}"


def _country(row: Cells, prefix: str) -> str | None:
    return next((code for _, text in _given(row, prefix, "Country") if (code := country_code(text))), None)


def _given(row: Cells, prefix: str, what: str) -> list[Note]:
    """Return the cells with this value, the code first, without placeholders."""
    cells = [(field, row.line(field)) for field in (f"{prefix}{what}Code", f"{prefix}{what}")]
    return [(field, text) for field, text in cells if text and (len(text) < 4 or not is_placeholder(text))]
