"""What Markdown has no words for: the button and the bar of progress, in HTML that Outlook shows too."""

from dataclasses import dataclass
from html import escape
from typing import Literal

from onboarding.brand.colours import Palette
from onboarding.brand.company import NO_BRAND

FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;"


@dataclass(frozen=True, slots=True)
class Look:
    """How one mail looks: the company's colours, and the side on which its language begins."""

    palette: Palette
    direction: Literal["ltr", "rtl"] = "ltr"

    @property
    def start(self) -> str:
        """Return the side on which a line begins."""
        return "right" if self.direction == "rtl" else "left"

    @property
    def end(self) -> str:
        """Return the side on which a line ends."""
        return "left" if self.direction == "rtl" else "right"


LOOK = Look(NO_BRAND.palette)


def button(href: str, label: str, look: Look) -> str:
    """Return a button that opens an address: a cell with a colour of its own, which no mail program leaves out."""
    colours = look.palette
    return (
        '<table role="presentation" border="0" cellpadding="0" cellspacing="0" class="f90-wide" '
        'style="margin:8px 0 24px;"><tr>'
        f'<td align="center" bgcolor="{colours.deed}" class="f90-button" '
        f'style="border-radius:6px;background:{colours.deed};">'
        f'<a href="{escape(href)}" class="f90-button-link" target="_blank" style="display:inline-block;'
        f"padding:13px 26px;{FONT}font-size:16px;line-height:20px;font-weight:600;color:{colours.on_deed};"
        f'text-decoration:none;border-radius:6px;">{escape(label)}</a></td></tr></table>\n'
    )


def bar(done: int, of: int, said: str, look: Look) -> str:
    """Return a thin bar of so many equal parts with its meaning in words above it; ``done`` of them are coloured.

    Cells with a colour and a height, because pictures are not loaded and a styled ``div`` is flat in Outlook.
    """
    gap = '<td width="4" height="6" style="width:4px;height:6px;font-size:0;line-height:0;">&nbsp;</td>'
    cells = gap.join(_cell(part < done, 100 // of, look) for part in range(of))
    return (
        f'<p class="f90-small" style="margin:0 0 8px;font-size:13px;line-height:19px;color:#5d6875;">{escape(said)}</p>'
        '<table role="presentation" width="100%" border="0" cellpadding="0" cellspacing="0" aria-hidden="true" '
        f'style="margin:0 0 24px;"><tr>{cells}</tr></table>\n'
    )


def _cell(is_done: bool, width: int, look: Look) -> str:
    colour, name = (look.palette.deed, "f90-done") if is_done else ("#e1e6eb", "f90-ahead")
    return (
        f'<td class="{name}" width="{width}%" height="6" bgcolor="{colour}" '
        f'style="height:6px;background:{colour};font-size:0;line-height:0;border-radius:3px;">&nbsp;</td>'
    )
