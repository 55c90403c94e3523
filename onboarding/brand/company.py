"""The brand file: the company in whose name mails and pages speak to customers."""

from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import urlsplit

from onboarding.brand.colours import ENOUGH, WHITE, Palette, contrast, palette
from onboarding.model.schedule import Text, Written

WEB = r"https://[^\s\"'<>]+"
ADDRESS = r"[^\s@\"'<>]+@[^\s@\"'<>]+\.[^\s@\"'<>]+"
Line = Annotated[str, Text(pattern=r"^[^\r\n]*$")]
OWN_COLOUR = "#0b6e62"
"""The colour of buttons and links if the company names none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand(Written):
    """The company as mails and pages name and show it; empty fields are left out."""

    name: Line = field(metadata={"min_length": 1, "max_length": 100})
    product: Line = field(default="", metadata={"max_length": 100})
    """The product, if it is known by another name than the company."""
    postal: Line = field(metadata={"min_length": 5, "max_length": 300})
    """The postal address on one line, which laws on commercial mail require."""
    logo: str = field(default="", metadata={"pattern": rf"^$|^{WEB}$"})
    """The URL of an image, shown above mails and pages about 40 pixels high. An image inside the mail is not offered:
    Gmail and Outlook leave out the one form (``data:``) and show the other as an attachment."""
    colour: str = field(default="", metadata={"pattern": r"^$|^#[0-9a-fA-F]{6}$"})
    """The colour of the line above the mail, of buttons and links, such as ``#0b6e62``. Where text in it could not be
    read, buttons and links use a darker or lighter shade."""
    privacy: str = field(default="", metadata={"pattern": rf"^$|^{WEB}$|^{ADDRESS}$"})
    """The URL of the privacy policy, or the mail address for questions about it."""
    legal: Line = field(default="", metadata={"max_length": 600})
    """A further line at the end of mails and pages, such as the register number and the directors."""
    language: str = field(default="en", metadata={"pattern": r"^[a-z]{2,3}(-[A-Z]{2})?$"})
    """The language of readers of whom none is known."""

    count_opens: bool = False
    """Whether it is counted that a reader opens a resource from their plan page. Name it in the privacy policy."""

    @property
    def palette(self) -> Palette:
        """Return the colours of buttons and links."""
        return palette(self.colour or OWN_COLOUR)

    @property
    def privacy_url(self) -> str:
        """Return the address that a link to the privacy policy opens; empty for none."""
        return self.privacy if not self.privacy or self.privacy.startswith("https:") else f"mailto:{self.privacy}"

    @property
    def logo_origin(self) -> str:
        """Return where pages load the logo from, for their content policy: ``https://cdn.example``; empty for none."""
        parts = urlsplit(self.logo)
        return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""

    @property
    def colour_note(self) -> str:
        """Return what became of a colour in which text cannot be read; empty if it is used as it is."""
        if not self.colour or self.palette.deed == self.colour:
            return ""
        found, used = contrast(self.colour, WHITE), contrast(self.palette.deed, WHITE)
        return (
            f"its colour {self.colour} is too light for text on white ({found:.1f} to 1, {ENOUGH} is needed): "
            f"buttons and links use {self.palette.deed} ({used:.1f} to 1)"
        )


NO_BRAND = Brand(name="", postal="")
"""For mails without a brand: all of it is left out."""
