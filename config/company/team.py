"""The team file: who may hold which vendor role. The assignment itself is in ``onboarding.people.team``."""

from pathlib import Path

from config.files.documents import read_document
from config.settings import locations
from onboarding.people.team import Team

BUNDLED = locations.BUNDLED / "team.yaml"


def load_team(path: Path = BUNDLED) -> Team:
    """Return the content of the team file. Raise DocumentError with file, line, field and remedy."""
    return read_document(path, Team)
