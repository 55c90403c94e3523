"""Conversion of amounts into the currency of the tier rules, by the CRM's rates only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Conversion rates: how much of each currency one unit of the tier rules' currency buys, as in Salesforce."""

    own: str | None = None
    """The currency of the tier rules (ISO 4217); None if not configured."""
    fixed: Mapping[str, float] = field(default_factory=dict)
    dated: Mapping[str, tuple[tuple[date, float], ...]] = field(default_factory=dict)
    """Rates by the day from which they hold; before the first day the fixed rate holds."""

    def worth(self, amount: float, currency: str | None, on: date) -> float | None:
        """Return an amount of the day ``on`` in the tier rules' currency; None if it cannot be converted.

        An amount without a currency is already in it: a CRM with one currency names none.
        """
        if currency is None or currency == self.own:
            return amount
        if self.own is None:
            return None
        since = [(start, rate) for start, rate in self.dated.get(currency, ()) if start <= on]
        rate = max(since)[1] if since else self.fixed.get(currency)
        return amount / rate if rate else None
