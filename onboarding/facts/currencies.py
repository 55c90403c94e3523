"""What an amount is worth in the currency that tiers are told in: by rates, and never by a guess."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """How much of each currency one unit of our own buys, as Salesforce tells its conversion rates."""

    own: str | None = None
    """The currency of the tier rules (ISO 4217); None where nobody said."""
    fixed: Mapping[str, float] = field(default_factory=dict)
    dated: Mapping[str, tuple[tuple[date, float], ...]] = field(default_factory=dict)
    """Rates by the day from which they hold; on days before the first the fixed one does."""

    def worth(self, amount: float, currency: str | None, on: date) -> float | None:
        """An amount of that day in our own currency; None where that cannot be told.

        One without a currency is in our own: a CRM with one currency names none.
        """
        if currency is None or currency == self.own:
            return amount
        if self.own is None:
            return None
        since = [(start, rate) for start, rate in self.dated.get(currency, ()) if start <= on]
        rate = max(since)[1] if since else self.fixed.get(currency)
        return amount / rate if rate else None
