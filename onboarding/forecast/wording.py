"""A forecast in words."""

from datetime import date

from onboarding.forecast.result import Forecast, Moved
from onboarding.model.phrases import day_words

MOST_REASONS = 2
"""How many reasons one line names, the largest first. This project's choice."""


def forecast_sentence(found: Forecast) -> str | None:
    """Return in one line when go-live and the end are expected, and the largest reasons; None once nothing is."""
    if not found.stages or ((found.go_live is None or found.go_live.done) and found.stages[-1].done):
        return None
    said = []
    if found.go_live is not None and found.go_live.forecast is not None:
        said.append(f"go-live {'was on' if found.go_live.done else 'on'} {moved_words(found.go_live)}")
    end = found.stages[-1]
    if end.forecast is not None:
        said.append(f"{'all stages were done' if end.done else 'first value and the end'} on {moved_words(end)}")
    largest = sorted(found.reasons, key=lambda one: -abs(one.days))[:MOST_REASONS]
    why = f". Most of it: {'; '.join(map(str, largest))}" if largest else ""
    return f"Forecast: {'; '.join(said)}{why}."


def moved_words(one: Moved) -> str:
    """Return a date with how far it moved since the signature: ``12 March 2026, 4 days later than at signature``."""
    when = day_words(one.forecast or date.min)
    if not one.days:
        return f"{when}, as at signature" if one.days == 0 else when
    days = f"{abs(one.days)} day{'' if abs(one.days) == 1 else 's'}"
    return f"{when}, {days} {'later' if one.days > 0 else 'earlier'} than at signature"
