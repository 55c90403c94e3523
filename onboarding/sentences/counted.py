"""A phrase that depends on a count: one wording for each plural category of the CLDR that a language tells apart."""

from onboarding.model.schedule import Written
from onboarding.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted(Written):
    """The wordings of one phrase; a category that is left out is worded as ``other``."""

    other: str
    zero: str = ""
    one: str = ""
    two: str = ""
    few: str = ""
    many: str = ""

    def of(self, category: str) -> str:
        """Return the wording of a category, as ``onboarding.languages.formats.Formats.plural`` names it."""
        return str(getattr(self, category)) or self.other
