"""Refused: the error of a command that cannot be carried out as given."""

from datetime import date

from onboarding.dates.limits import YEARS, in_years
from onboarding.sentences.sentence import sentence


class Refused(Exception):
    """The command cannot be carried out as given; nothing changed. The message names the thing and the mend."""


def refuse_far(moment: date | None, what: str) -> None:
    """Raise Refused for a day or moment outside the years that the CRM allows; ``what`` names where it was given."""
    if moment is not None and not in_years(moment):
        raise Refused(
            sentence(
                "replies.out_of_years", what=what, day=f"{moment:%Y-%m-%d}", first=str(YEARS[0]), last=str(YEARS[-1])
            )
        )
