"""The team file: who may hold which vendor role. The assignment itself is in ``onboarding.people.team``."""

from collections.abc import Collection
from pathlib import Path

from config.files.documents import DocumentError, document_with_lines
from config.files.tier_names import unknown_tiers
from config.settings import locations
from onboarding.model.vocabulary import Tier
from onboarding.people.team import Team

BUNDLED = locations.BUNDLED / "team.yaml"


def load_team(path: Path = BUNDLED, tiers: Collection[Tier] | None = None) -> Team:
    """Return the content of the team file. Raise DocumentError with file, line, field and remedy.

    ``tiers``: those with a playbook; a member with another one is a mistake. The sample's team may name tiers that
    an installation lacks.
    """
    team, marked = document_with_lines(path, Team)
    known = None if path == BUNDLED else tiers
    mistakes = [
        one
        for number, member in enumerate(team.members)
        for one in unknown_tiers(str(path), marked, ("members", number, "tiers"), member.tiers, known)
    ]
    if mistakes:
        raise DocumentError(mistakes)
    return team
