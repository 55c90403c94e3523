"""Refused: the error of a command that cannot be carried out as given."""

from datetime import date

from onboarding.dates.limits import OUT_OF_YEARS, in_years


class Refused(Exception):
    """The command cannot be carried out as given; nothing changed. The message names the thing and the mend."""


def refuse_far(moment: date | None, what: str) -> None:
    """Raise Refused for a day or moment outside the years that the CRM allows; ``what`` names where it was given."""
    if moment is not None and not in_years(moment):
        raise Refused(f"{what} {moment:%Y-%m-%d} is {OUT_OF_YEARS}; correct the year")
