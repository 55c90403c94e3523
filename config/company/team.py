"""The team file: who of our people may play which role. The choice itself is ``onboarding.people.team``."""

from pathlib import Path

from config.files.documents import read_document
from onboarding.people.team import Team

BUNDLED = Path(__file__).parent.with_name("team.yaml")


def load_team(path: Path = BUNDLED) -> Team:
    """Read the team file. Raises DocumentError with file, line, field and mend."""
    return read_document(path, Team)
