"""A post in Slack's Block Kit, within its limits. A post's text is plain: nothing in it can ping or link."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from onboarding.identity import header_text, many_lines
from onboarding.posts import Post

HEADER, SECTION, FIELD, NOTIFICATION, LINK = 150, 3000, 2000, 3000, 3000
FIELDS, BLOCKS = 10, 50
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}

Block = dict[str, Any]


def blocks(post: Post) -> tuple[str, list[Block]]:
    """The notification text and the blocks. Text is escaped first and cut after, never inside an entity."""
    headline = escape(header_text(post.headline, most=1000), HEADER) or "first90"
    built: list[Block] = [{"type": "header", "text": {"type": "plain_text", "text": headline, "emoji": False}}]
    for some in _groups([_fact(label, value) for label, value in post.facts], FIELDS):
        built.append({"type": "section", "fields": [_marked(text) for text in some]})
    built.extend({"type": "section", "text": _marked(text)} for text in _sections(post.lines))
    closing = [text for text in (escape(post.footer, FIELD), _link(post.link or "")) if text]
    end: list[Block] = []
    if closing:
        end.append({"type": "context", "elements": [_marked(text) for text in closing]})
    built = built[: BLOCKS - len(end)] + end
    notification = escape("\n".join([post.headline, *post.lines]), NOTIFICATION) or headline
    return notification, built


def escape(text: str, most: int) -> str:
    """Text as Slack wants it: ``& < >`` as entities, no control characters, at most ``most`` characters.

    Counted in UTF-16 units, which is never less than Slack may count. What is cut ends in an ellipsis.
    """
    pieces = [_ENTITIES.get(char, char) for char in many_lines(text)]
    if _length("".join(pieces)) <= most:
        return "".join(pieces)
    kept: list[str] = []
    left = most - 1
    for piece in pieces:
        left -= _length(piece)
        if left < 0:
            break
        kept.append(piece)
    return "".join(kept).rstrip() + "…"


def _fact(label: str, value: str) -> str:
    bold = escape(" ".join(label.split()), 200)
    return f"*{bold}*\n{escape(value, FIELD - _length(bold) - 3) or '-'}"


def _sections(lines: Sequence[str]) -> Iterator[str]:
    """Lines packed into as few sections as the limit allows."""
    packed = ""
    for line in lines:
        text = escape(line, SECTION)
        if packed and _length(packed) + 1 + _length(text) > SECTION:
            yield packed
            packed = ""
        packed = f"{packed}\n{text}" if packed else text
    if packed.strip():
        yield packed


def _link(url: str) -> str | None:
    """A link to a web address; anything that could end the link early or hide another makes it none."""
    fits = url.startswith("https://") and not any(char in url for char in "<>|\"' ") and url.isprintable()
    return f"<{url.replace('&', '&amp;')}>" if fits and _length(url) < LINK // 2 else None


def _marked(text: str) -> Block:
    # Verbatim: Slack then makes no links, mentions or channels out of what looks like one.
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _groups(items: Sequence[str], size: int) -> Iterable[Sequence[str]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _length(text: str) -> int:
    return sum(2 if char > "\uffff" else 1 for char in text)
