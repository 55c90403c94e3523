"""The behaviour file: how people act in a simulation. What follows from it is ``onboarding.behaviour``."""

from pathlib import Path

from config.documents import read_document
from onboarding.behaviour import Behaviour

BUNDLED = Path(__file__).with_name("behaviour.yaml")


def load_behaviour(path: Path = BUNDLED) -> Behaviour:
    """Read the behaviour file. Raises DocumentError with file, line, field and mend."""
    return read_document(path, Behaviour)
