"""The brand file: the company in whose name mails are sent."""

from dataclasses import dataclass, field
from typing import Annotated

from onboarding.model.schedule import Text, Written

WEB = r"^https://[^\s\"'<>]+$"
Line = Annotated[str, Text(pattern=r"^[^\r\n]*$")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand(Written):
    """The company as mails name and show it; empty fields are left out."""

    name: Line = field(metadata={"min_length": 1, "max_length": 100})
    postal: Line = field(metadata={"min_length": 5, "max_length": 300})
    """The postal address on one line, which laws on commercial mail require."""
    logo: str = field(default="", metadata={"pattern": rf"^$|{WEB}"})
    """The URL of an image, shown above the mail about 40 pixels high."""
    colour: str = field(default="", metadata={"pattern": r"^$|^#[0-9a-fA-F]{6}$"})
    """The colour of the line above the mail, such as ``#0b6e62``."""
    privacy: str = field(default="", metadata={"pattern": rf"^$|{WEB}"})
    """The URL of the privacy policy."""
    language: str = field(default="en", metadata={"pattern": r"^[a-z]{2,3}(-[A-Z]{2})?$"})
    """The language of the templates, for screen readers and mail programs."""


NO_BRAND = Brand(name="", postal="")
"""For mails without a brand: all of it is left out."""
