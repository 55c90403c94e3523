"""What mail programs support, from the table of caniemail.com beside this file, and what a mail asks of them."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

TABLE = Path(__file__).parent / "data" / "mail_clients.json"
ELEMENTS = {
    "table": "html-table", "tr": "html-table", "td": "html-table", "a": "html-anchor", "img": "html-img",
    "p": "html-p", "ul": "html-lists", "ol": "html-lists", "li": "html-lists", "strong": "html-strong",
    "h2": "html-h1-h6", "blockquote": "html-blockquote", "span": "html-span", "div": "html-div", "body": "html-body",
    "style": "html-style", "br": "html-br", "em": "html-em", "html": "html-doctype", "head": "html-doctype",
    "meta": "html-doctype", "title": "html-doctype",
}  # fmt: skip
PROPERTIES = {
    "padding-left": "css-padding", "padding-right": "css-padding", "padding-inline": "css-padding-inline-block",
    "border-top": "css-border", "border-left": "css-border", "border-right": "css-border",
    "background": "css-background-color", "color": "css-color", "font-family": "css-font", "mso-hide": "css-mso",
}  # fmt: skip
"""Properties that the table lists under another name: longhands, and a background that is a colour alone."""
OLD = frozenset({"html-anchor", "html-br", "html-em", "css-color", "css-mso", "html-bgcolor"})
"""As old as mail in HTML, and so not in the table; ``mso-`` properties are read by Outlook alone."""


@cache
def support() -> Mapping[str, Mapping[str, str]]:
    """Return for each feature the support of each client: ``y``, ``a`` (partly), ``n``, ``u`` or ``-``."""
    table = json.loads(TABLE.read_text(encoding="utf-8"))
    return {name: dict(zip(table["clients"], letters, strict=True)) for name, (_, letters) in table["features"].items()}


def without_support(feature: str) -> frozenset[str]:
    """Return the clients that leave a feature out. Raise KeyError for one that the table does not have."""
    if feature in OLD:
        return frozenset()
    return frozenset(client for client, found in support()[feature].items() if found == "n")


class Asked(HTMLParser):
    """The features that the visible part of a mail relies on: its elements, attributes and inline styles."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.features: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.features.add(ELEMENTS.get(tag, f"html-{tag}"))
        for name, value in attrs:
            if name == "style":
                self.features |= set(_inline(value or ""))
            elif name in ("align", "bgcolor", "cellpadding", "cellspacing", "dir", "height", "lang", "role", "target",
                          "width", "valign", "aria-hidden"):  # fmt: skip
                self.features.add(f"html-{name}")
            elif name == "href" and (value or "").startswith("mailto:"):
                self.features.add("html-mailto-links")
            elif name == "src":
                self.features.add("image-base64" if (value or "").startswith("data:") else "image-png")
            elif name not in ("class", "href", "alt", "border", "charset", "name", "content", "xmlns:v", "xmlns:o"):
                self.features.add(f"html-{name}")


def _inline(style: str) -> Iterator[str]:
    for part in filter(None, (part.strip() for part in re.sub(r"'[^']*'", "''", style).split(";"))):
        name, _, value = part.partition(":")
        yield PROPERTIES.get(name.strip(), f"css-{name.strip()}")
        if name.strip() == "display":
            kind = value.strip()
            yield {"none": "css-display-none", "flex": "css-display-flex"}.get(kind, "css-display")
        for unit in re.findall(r"\d(em|rem|vh|vw|pt|ch|ex|vmin|vmax)\b", value):
            yield f"css-unit-{unit}"
        for function in re.findall(r"([a-z-]+)\(", value):
            yield f"css-function-{function}"
