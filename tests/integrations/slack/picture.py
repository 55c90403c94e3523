"""Draws the blocks of a message, a modal or a home tab as an SVG picture, for docs/slack.md."""

import html
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import wrap
from typing import Any

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "pictures"
WIDTH, MARGIN, LINE, SIZE = 640, 20, 20, 14
LETTERS = 76
"""Characters of a line of text, at the size of the picture."""
MENTION = re.compile(r"<@\w+>")
LINK = re.compile(r"<[^|>]+\|([^>]+)>")
FONT = "font-family='Helvetica, Arial, sans-serif'"
INK, MUTED, BLUE, GREEN, EDGE = "#1d1c1d", "#616061", "#1264a3", "#007a5a", "#bbbabb"


class Picture:
    """A picture that grows downwards."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.y = MARGIN

    def text(self, said: str, *, x: int = MARGIN, size: int = SIZE, ink: str = INK, bold: bool = False) -> None:
        """Write one line."""
        weight = " font-weight='bold'" if bold else ""
        self.y += LINE
        words = html.escape(said, quote=False)
        self.parts.append(f"<text x='{x}' y='{self.y}' font-size='{size}' fill='{ink}'{weight}>{words}</text>")

    def box(self, x: int, width: int, said: str, *, primary: bool = False) -> None:
        """Draw a button or an input at the present height."""
        fill, ink = (GREEN, "#ffffff") if primary else ("#ffffff", INK)
        self.parts.append(
            f"<rect x='{x}' y='{self.y}' width='{width}' height='28' rx='4' fill='{fill}' stroke='{EDGE}'/>"
            f"<text x='{x + 10}' y='{self.y + 19}' font-size='13' fill='{ink}'>{html.escape(said, quote=False)}</text>"
        )


def draw(blocks: Sequence[Mapping[str, Any]], title: str = "", submit: str = "") -> str:
    """Return the picture of these blocks; a modal has a title and a button that sends it."""
    made = Picture()
    if title:
        made.text(title, size=18, bold=True)
        made.y += 10
    for block in blocks:
        _block(made, block)
        made.y += 8
    if submit:
        made.box(WIDTH - MARGIN - 150, 150, submit, primary=True)
        made.y += 36
    height = made.y + MARGIN
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{WIDTH}' height='{height}' {FONT}>\n"
        f"<rect x='1' y='1' width='{WIDTH - 2}' height='{height - 2}' rx='8' fill='#ffffff' stroke='{EDGE}'/>\n"
        + "\n".join(made.parts)
        + "\n</svg>\n"
    )


def _block(made: Picture, block: Mapping[str, Any]) -> None:
    match block["type"]:
        case "header":
            made.text(_read(block["text"]["text"]), size=17, bold=True)
        case "section":
            if "text" in block:
                _lines(made, block["text"]["text"])
            fields = block.get("fields", ())
            for start in range(0, len(fields), 2):
                _pair(made, [field["text"] for field in fields[start : start + 2]])
        case "context":
            for one in block["elements"]:
                made.text(_read(one["text"]), size=12, ink=BLUE if LINK.search(one["text"]) else MUTED)
        case "divider":
            made.parts.append(
                f"<line x1='{MARGIN}' x2='{WIDTH - MARGIN}' y1='{made.y + 6}' y2='{made.y + 6}' stroke='{EDGE}'/>"
            )
            made.y += 6
        case "actions":
            _row(made, block["elements"])
        case "input":
            optional = " (optional)" if block.get("optional") else ""
            made.text(f"{_read(block['label']['text'])}{optional}", bold=True)
            made.y += 6
            made.box(MARGIN, WIDTH - 2 * MARGIN, _shown(block["element"])[:80])
            made.y += 30
            if "hint" in block:
                made.text(_read(block["hint"]["text"]), size=12, ink=MUTED)


def _lines(made: Picture, text: str) -> None:
    for line in text.split("\n"):
        for part in wrap(_read(line), LETTERS) or [""]:
            made.text(part, bold=line.startswith("*") and line.endswith("*"), ink=BLUE if LINK.search(line) else INK)


def _pair(made: Picture, fields: Sequence[str]) -> None:
    top = made.y
    for number, field in enumerate(fields):
        made.y = top
        name, _, value = field.partition("\n")
        x = MARGIN + number * (WIDTH // 2 - MARGIN)
        made.text(_read(name), x=x, bold=True)
        made.text(_read(value)[:40], x=x, ink=BLUE if LINK.search(value) else INK)


def _row(made: Picture, elements: Sequence[Mapping[str, Any]]) -> None:
    x = MARGIN
    for element in elements:
        said = _shown(element)
        width = 24 + 8 * len(said)
        if x + width > WIDTH - MARGIN:
            x, made.y = MARGIN, made.y + 34
        made.box(x, width, said, primary=element.get("style") == "primary")
        x += width + 8
    made.y += 30


def _shown(element: Mapping[str, Any]) -> str:
    """Return what a control shows before it is touched."""
    match element["type"]:
        case "button":
            return _read(element["text"]["text"])
        case "overflow":
            return "⋯"
        case "static_select" if "initial_option" in element:
            return f"{_read(element['initial_option']['text']['text'])} ▾"
    known = (element.get(name) for name in ("initial_value", "initial_date", "initial_time"))
    placeholder = _read((element.get("placeholder") or {"text": ""})["text"])
    return str(next((one for one in known if one), f"{placeholder} ▾" if placeholder else "")).split("\n")[0]


def _read(text: str) -> str:
    """Return mrkdwn as it reads: links by their words, no stars, entities as their characters."""
    return html.unescape(MENTION.sub("@you", LINK.sub(r"\1", text)).replace("*", ""))


def hold_to(name: str, picture: str) -> None:
    """Fail where the picture of docs/slack.md shows something else; with ``DRAW_PICTURES=1`` it is drawn anew."""
    path = FOLDER / f"slack-{name}.svg"
    if os.environ.get("DRAW_PICTURES"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(picture, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == picture, f"{path.name} is out of date; DRAW_PICTURES=1 draws it"
    assert len(picture) < 20_000
    assert f"pictures/{path.name}" in (FOLDER.parent / "slack.md").read_text(encoding="utf-8")
