"""Markdown for mails: values escaped, and one token list rendered as both HTML and plain text.

Both come from the same tokens, so the two parts of a mail always have the same content. Raw HTML is off, URLs are not
linked automatically, and only http, https and mailto links are allowed.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape as escape_html
from typing import Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

_SPECIAL = re.compile(r"([!-/:-@\[-`{-~])")
_BREAKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_REORDERING = re.compile("[\u202a-\u202e\u2066-\u2069\ufeff]")
_SCHEMES = frozenset({"http", "https", "mailto"})

_STYLES: Mapping[str, tuple[str, str]] = {
    "paragraph_open": ("f90-text", "margin:0 0 16px;font-size:16px;line-height:25px;color:#26303b;"),
    "heading_open": (
        "f90-head",
        "margin:24px 0 8px;font-size:18px;line-height:25px;font-weight:600;color:#111820;",
    ),
    "bullet_list_open": ("f90-text", "margin:0 0 16px;padding:0 0 0 22px;color:#26303b;"),
    "ordered_list_open": ("f90-text", "margin:0 0 16px;padding:0 0 0 24px;color:#26303b;"),
    "list_item_open": ("f90-text", "margin:0 0 8px;font-size:16px;line-height:24px;color:#26303b;"),
    "blockquote_open": ("f90-quote", "margin:0 0 16px;padding:12px 0 1px 16px;border-left:3px solid #087;"),
    "link_open": ("f90-link", "color:#0b6e62;text-decoration:underline;word-break:break-word;"),
}
_SMALL: Mapping[str, tuple[str, str]] = {
    **_STYLES,
    "paragraph_open": ("f90-small", "margin:0 0 8px;font-size:13px;line-height:19px;color:#5d6875;"),
    "link_open": ("f90-small", "color:#5d6875;text-decoration:underline;"),
}
_BUTTON = (
    '<table role="presentation" border="0" cellpadding="0" cellspacing="0" class="f90-wide" '
    'style="margin:8px 0 24px;"><tr>'
    '<td align="center" bgcolor="#0b6e62" class="f90-button" style="border-radius:6px;background:#0b6e62;">'
    '<a href="{href}" class="f90-button-link" target="_blank" style="display:inline-block;padding:13px 26px;'
    "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:16px;line-height:20px;"
    'font-weight:600;color:#ffffff;text-decoration:none;border-radius:6px;">{label}</a></td></tr></table>\n'
)


def flatten(value: Any) -> str:
    """Return a value on one line: line breaks and control characters become spaces, bidi overrides are removed."""
    return _BREAKS.sub(" ", _REORDERING.sub("", str(value))).strip()


def literal(value: Any) -> str:
    """Return a value escaped, so that Markdown shows it as written."""
    return _SPECIAL.sub(r"\\\1", flatten(value))


def parse(source: str) -> list[Token]:
    """Return the tokens of a Markdown text."""
    return _parser().parse(source)


def as_html(tokens: Sequence[Token], small: bool = False) -> str:
    """Return HTML with inline styles, for mail programs without style sheets. A lone bold link becomes a button."""
    styles = _SMALL if small else _STYLES
    pieces: list[Token] = []
    number = 0
    while number < len(tokens):
        button = None if small else _button(tokens[number : number + 3])
        if button is not None:
            pieces.append(button)
            number += 3
            continue
        pieces.append(_styled(tokens[number], styles))
        number += 1
    parser = _parser()
    return str(parser.renderer.render(pieces, parser.options, {}))


def as_text(tokens: Sequence[Token]) -> str:
    """Return plain text of the same content: links as ``text: address``, lists with dashes or numbers."""
    blocks: list[str] = []
    prefix, counters = "", [0]
    lists: list[str] = []
    for token in tokens:
        if token.type in ("bullet_list_open", "ordered_list_open"):
            lists.append(token.type)
            counters.append(0)
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
            counters.pop()
        elif token.type == "list_item_open":
            counters[-1] += 1
            mark = "- " if lists[-1] == "bullet_list_open" else f"{counters[-1]}. "
            prefix = "  " * (len(lists) - 1) + mark
        elif token.type == "hr":
            blocks.append("--")
        elif token.type == "inline":
            inside = bool(lists)
            text = prefix + _inline_text(token.children or [])
            if inside and blocks and not blocks[-1].endswith("\n\n") and counters[-1] > 1:
                blocks[-1] += "\n" + text
            else:
                blocks.append(text)
            prefix = ""
    return "\n\n".join(blocks).strip() + "\n"


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False, "typographer": False}).enable("table", False)
    parser.disable(["html_block", "html_inline", "autolink", "image", "entity", "code", "fence"])
    parser.validateLink = _is_allowed  # type: ignore[method-assign]
    return parser


def _is_allowed(url: str) -> bool:
    return urlsplit(url.strip()).scheme.lower() in _SCHEMES


def _styled(token: Token, styles: Mapping[str, tuple[str, str]]) -> Token:
    """Return the token with its style; the same object if it has none, because copying costs a fifth of a mail's
    time."""
    if any(child.type in styles for child in token.children or ()):
        return token.copy(children=[_styled(child, styles) for child in token.children or ()])
    if token.type not in styles:
        return token
    name, style = styles[token.type]
    return token.copy(attrs={**token.attrs, "class": name, "style": style})


def _button(tokens: Sequence[Token]) -> Token | None:
    """Return a button for a paragraph of a single bold link, in HTML that Outlook shows too; None for others."""
    if [token.type for token in tokens] != ["paragraph_open", "inline", "paragraph_close"]:
        return None
    inside = [child for child in tokens[1].children or [] if child.type != "text" or child.content.strip()]
    kinds = [child.type for child in inside]
    if kinds[:2] != ["strong_open", "link_open"] or kinds[-2:] != ["link_close", "strong_close"]:
        return None
    if kinds.count("link_open") != 1:
        return None
    label = "".join(child.content for child in inside)
    href = escape_html(str(inside[1].attrs["href"]))
    return Token("html_block", "", 0, content=_BUTTON.format(href=href, label=escape_html(label)))


def _inline_text(children: Sequence[Token]) -> str:
    text, starts = "", [0]
    targets: list[str] = []
    for child in children:
        if child.type in ("softbreak", "hardbreak"):
            text += "\n" if child.type == "hardbreak" else " "
        elif child.type == "link_open":
            targets.append(str(child.attrs["href"]))
            starts.append(len(text))
        elif child.type == "link_close":
            target, label = targets.pop(), text[starts.pop() :]
            if target.removeprefix("mailto:") != label:
                text += f": {target}"
        else:
            text += child.content
    return text
