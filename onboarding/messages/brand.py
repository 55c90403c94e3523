"""The company in whose name mails go out, as its brand file says it."""

from dataclasses import dataclass, field
from typing import Annotated

from onboarding.model.schedule import Text, Written

WEB = r"^https://[^\s\"'<>]+$"
Line = Annotated[str, Text(pattern=r"^[^\r\n]*$")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand(Written):
    """What mails say and show of the company; whatever is empty is left out."""

    name: Line = field(metadata={"min_length": 1, "max_length": 100})
    postal: Line = field(metadata={"min_length": 5, "max_length": 300})
    """The postal address in one line, which laws on mail ask for."""
    logo: str = field(default="", metadata={"pattern": rf"^$|{WEB}"})
    """A picture's address, shown over the mail about 40 pixels high."""
    colour: str = field(default="", metadata={"pattern": r"^$|^#[0-9a-fA-F]{6}$"})
    """Of the line over the mail: ``#0b6e62``."""
    privacy: str = field(default="", metadata={"pattern": rf"^$|{WEB}"})
    """The page that tells what becomes of people's data."""
    language: str = field(default="en", metadata={"pattern": r"^[a-z]{2,3}(-[A-Z]{2})?$"})
    """In which the templates are written, for screen readers and mail programs."""


NO_BRAND = Brand(name="", postal="")
"""For mails of nobody in particular: nothing is said or shown."""
