"""The reviews that a run has saved, used again while nothing that they read has changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from onboarding.review_case import Reviewed
from onboarding.simulation.apply import decided

MOST = 2000
"""How many are kept: some 50 KB each. Further onboardings are read and reviewed again. Our choice."""


@dataclass(frozen=True, slots=True)
class KeptReviews:
    """The last saved review of each onboarding, with its moment and the version that the save left.

    Every change of what a review reads raises the version, which is why a review may be saved only for the version
    that was read; for the same reason a kept one still holds while the version is the same.
    """

    _kept: dict[str, tuple[datetime, int, Reviewed]] = field(default_factory=dict)

    def keep(self, saved: Iterable[Reviewed], versions: Mapping[str, int], as_of: datetime) -> None:
        """Keep these reviews of ``as_of``, saved as ``versions`` says, while there is room."""
        for found in saved:
            key = found.case.key
            if key in versions and (key in self._kept or len(self._kept) < MOST):
                self._kept[key] = (as_of, versions[key], found)

    def unchanged(self, versions: Mapping[str, int], as_of: datetime) -> dict[str, Reviewed]:
        """Return by key what a review at ``as_of`` would find of those that still have this version."""
        found = {}
        for key, version in versions.items():
            at, of, kept = self._kept.get(key, (None, 0, None))
            if kept is not None and (at, of) == (as_of, version):
                found[key] = _settled(kept, version)
        return found


def _settled(found: Reviewed, version: int) -> Reviewed:
    """Return the review once its result is stored: a repeat at the same moment decides nothing."""
    case = replace(decided(found.case, found.review), version=version)
    review = replace(found.review, version=version, decisions=(), touchpoints=(), effects=(), changes=(), episodes=())
    return replace(found, case=case, review=review)
