"""Conversion rates of a CRM's currencies, from its own rates and from the mapping's."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from config.company.mapping import CrmMapping
from integrations.crm.cells import CellError, Cells
from onboarding.facts.currencies import Rates
from onboarding.model.identity import one_line


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionRate:
    """How much of a currency one unit of the corporate currency buys."""

    code: str
    rate: float
    corporate: bool = False
    since: date | None = None


def currency(row: Cells, mapping: CrmMapping) -> ConversionRate:
    """Return the rate of a row of ``CurrencyType``."""
    return ConversionRate(code=code(row, "IsoCode", needed=True), rate=_rate(row), corporate=row.flag("IsCorporate"))


def dated(row: Cells, mapping: CrmMapping) -> ConversionRate:
    """Return the rate of a row of ``DatedConversionRate``; it holds until the next one of its currency."""
    since = row.day("StartDate")
    if since is None:
        raise CellError("StartDate", "is empty")
    return ConversionRate(code=code(row, "IsoCode", needed=True), rate=_rate(row), since=since)


def code(row: Cells, field: str, *, needed: bool = False) -> str:
    """Return a currency's three letters; empty if the cell is."""
    text = row.text(field, needed=needed).upper()
    if text and not re.fullmatch(r"[A-Z]{3}", text):
        raise CellError(field, f"{one_line(text, 20)!r} is no currency; write its three letters, like EUR")
    return text


def rates(mapping: CrmMapping, fixed: Sequence[ConversionRate] = (), later: Sequence[ConversionRate] = ()) -> Rates:
    """Return all rates in the currency of the tier rules; the mapping's come before the CRM's.

    The CRM gives its rates for its corporate currency. If the mapping names another currency for the tier rules, they
    are converted by the rate between the two; without one, none of the CRM's are known. Two corporate currencies count
    as none.
    """
    there = {one.code: one.rate for one in fixed}
    named = [one.code for one in fixed if one.corporate]
    corporate = named[0] if len(named) == 1 else None
    own = mapping.currencies.own or corporate
    between = 1.0 if own == corporate else there.get(own or "") if corporate else None
    days: defaultdict[str, list[tuple[date, float]]] = defaultdict(list)
    for one in later if own == corporate else ():
        days[one.code].append((one.since or date.min, one.rate))
    known = {name: rate / between for name, rate in there.items()} if between else {}
    if between and corporate:
        known[corporate] = 1 / between
    given = mapping.currencies.rates
    return Rates(
        own=own,
        fixed={**known, **given},
        dated={name: tuple(sorted(spans)) for name, spans in days.items() if name not in given},
    )


def _rate(row: Cells) -> float:
    rate = row.number("ConversionRate")
    if rate is None or rate <= 0:
        raise CellError("ConversionRate", "is no rate; write how much of it one unit of the corporate currency buys")
    return rate
