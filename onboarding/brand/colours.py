"""Colours that text can be read on: contrast as WCAG 2 defines it, and a colour moved until it has enough of it."""

from dataclasses import dataclass
from functools import lru_cache

ENOUGH, ENOUGH_IN_THE_DARK = 4.5, 7.0
"""The contrast of text with its ground by WCAG 2: level AA, and AAA on dark grounds, which blur letters."""
WHITE, INK = "#ffffff", "#06231f"
CARD, CARD_IN_THE_DARK = "#ffffff", "#1a2027"
"""The grounds of mails and pages on which links stand."""
STEPS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """The colours of buttons and links, each with the colour of the text on it, in the light and in the dark."""

    deed: str
    on_deed: str
    deed_in_the_dark: str
    on_deed_in_the_dark: str


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours (``#rrggbb``), from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def readable(colour: str, ground: str, enough: float = ENOUGH) -> str:
    """Return the colour, moved towards black or white only as far as text in it needs on this ground.

    A text of the ground's colour can then be read on it, too.
    """
    end = "#000000" if _luminance(ground) > 0.5 else WHITE
    mixed = (_mixed(colour, end, step / STEPS) for step in range(STEPS + 1))
    return next(found for found in mixed if contrast(found, ground) >= enough)


@lru_cache(maxsize=64)
def palette(colour: str) -> Palette:
    """Return the colours of buttons and links for a company's colour; every text has the contrast of level AA."""
    light, dark = readable(colour, CARD), readable(colour, CARD_IN_THE_DARK, ENOUGH_IN_THE_DARK)
    return Palette(deed=light, on_deed=WHITE, deed_in_the_dark=dark, on_deed_in_the_dark=_text_on(dark))


def _text_on(colour: str) -> str:
    return max((WHITE, INK), key=lambda text: contrast(text, colour))


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[place : place + 2], 16) for place in (1, 3, 5))


def _luminance(colour: str) -> float:
    def linear(channel: int) -> float:
        part = channel / 255
        return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)

    red, green, blue = map(linear, _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _mixed(colour: str, end: str, part: float) -> str:
    pairs = zip(_channels(colour), _channels(end), strict=True)
    return "#" + "".join(f"{round(one + (other - one) * part):02x}" for one, other in pairs)
