"""Markdown for mails: values escaped, and one token list rendered as both HTML and plain text.

Both come from the same tokens, so the two parts of a mail always have the same content. Raw HTML is off, URLs are not
linked automatically, and only http, https, mailto and reply links (``config.mail_templates.answers``) are allowed.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

from config.mail_templates.blocks import LOOK, Look, button

_SPECIAL = re.compile(r"([!-/:-@\[-`{-~])")
_BREAKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
REPLY = "reply:"
"""The scheme of a link that opens an answer."""
_REORDERING = re.compile("[\u202a-\u202e\u2066-\u2069\ufeff]")
_SCHEMES = frozenset({"http", "https", "mailto", "reply"})


def _styles(look: Look, small: bool) -> Mapping[str, tuple[str, str]]:
    """Return the class and the style of each element; sides are named outright, as few mail programs know others."""
    text, soft, deed = "#26303b", "#5d6875", look.palette.deed
    if small:
        line = ("f90-small", f"margin:0 0 8px;font-size:13px;line-height:19px;color:{soft};")
        return {"paragraph_open": line, "link_open": ("f90-small", f"color:{soft};text-decoration:underline;")}
    inset = f"margin:0 0 16px;padding-{look.start}:"
    return {
        "paragraph_open": ("f90-text", f"margin:0 0 16px;font-size:16px;line-height:25px;color:{text};"),
        "heading_open": (
            "f90-head",
            "margin:24px 0 8px;font-size:18px;line-height:25px;font-weight:600;color:#111820;",
        ),
        "bullet_list_open": ("f90-text", f"{inset}22px;padding-{look.end}:0;color:{text};"),
        "ordered_list_open": ("f90-text", f"{inset}24px;padding-{look.end}:0;color:{text};"),
        "list_item_open": ("f90-text", f"margin:0 0 8px;font-size:16px;line-height:24px;color:{text};"),
        "blockquote_open": (
            "f90-quote",
            f"margin:0 0 16px;padding:12px 0 1px 0;padding-{look.start}:16px;border-{look.start}:3px solid {deed};",
        ),
        "link_open": ("f90-link", f"color:{deed};text-decoration:underline;word-break:break-word;"),
    }


_styles_of = lru_cache(maxsize=32)(_styles)


def flatten(value: Any) -> str:
    """Return a value on one line: line breaks and control characters become spaces, bidi overrides are removed."""
    return _BREAKS.sub(" ", _REORDERING.sub("", str(value))).strip()


def literal(value: Any) -> str:
    """Return a value escaped, so that Markdown shows it as written."""
    return _SPECIAL.sub(r"\\\1", flatten(value))


@lru_cache(maxsize=256)
def parse(source: str) -> Sequence[Token]:
    """Return the tokens of a Markdown text. Cached, because all mails of one person end in the same signature; no
    function here changes a token."""
    return tuple(_parser().parse(source))


def as_html(tokens: Sequence[Token], small: bool = False, look: Look = LOOK) -> str:
    """Return HTML with inline styles, for mail programs without style sheets. A lone bold link becomes a button."""
    styles = _styles_of(look, small)
    pieces: list[Token] = []
    number = 0
    while number < len(tokens):
        link = None if small else lone_link(tokens[number : number + 3])
        if link is not None:
            pieces.append(Token("html_block", "", 0, content=button(*link, look)))
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


def lone_link(tokens: Sequence[Token]) -> tuple[str, str] | None:
    """Return address and label of a paragraph that is a single bold link; None for others."""
    if [token.type for token in tokens] != ["paragraph_open", "inline", "paragraph_close"]:
        return None
    inside = [child for child in tokens[1].children or [] if child.type != "text" or child.content.strip()]
    kinds = [child.type for child in inside]
    if kinds[:2] != ["strong_open", "link_open"] or kinds[-2:] != ["link_close", "strong_close"]:
        return None
    if kinds.count("link_open") != 1:
        return None
    return str(inside[1].attrs["href"]), "".join(child.content for child in inside)


def with_first_date_bold(tokens: Sequence[Token], date: re.Pattern[str]) -> list[Token]:
    """Return the tokens with the first date of the text in bold; unchanged if the template has one in bold itself."""
    found = list(tokens)
    dates = [
        (number, place, depth)
        for number, token in enumerate(tokens)
        for place, (child, depth) in enumerate(_depths(token.children or ()))
        if child.type == "text" and date.search(child.content)
    ]
    if not dates or any(depth for _, _, depth in dates):
        return found
    number, place, _ = dates[0]
    children = list(tokens[number].children or ())
    said = children[place].content
    match = date.search(said)
    assert match is not None
    bold = [
        Token("text", "", 0, content=said[: match.start()]),
        Token("strong_open", "strong", 1, markup="**"),
        Token("text", "", 0, content=match[0]),
        Token("strong_close", "strong", -1, markup="**"),
        Token("text", "", 0, content=said[match.end() :]),
    ]
    found[number] = tokens[number].copy(children=[*children[:place], *bold, *children[place + 1 :]])
    return found


def _depths(children: Sequence[Token]) -> Iterator[tuple[Token, int]]:
    """Yield each token with the number of bold texts and links around it."""
    depth = 0
    for child in children:
        depth += child.nesting if child.type.startswith(("strong", "link")) else 0
        yield child, depth


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
