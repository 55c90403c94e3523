"""The behaviour file: how people act in a simulation. Its effects are in ``onboarding.simulation.behaviour``."""

from pathlib import Path

from config.files.documents import read_document
from config.settings import locations
from onboarding.simulation.behaviour import Behaviour

BUNDLED = locations.BUNDLED / "behaviour.yaml"


def load_behaviour(path: Path = BUNDLED) -> Behaviour:
    """Return the content of the behaviour file. Raise DocumentError with file, line, field and remedy."""
    return read_document(path, Behaviour)
