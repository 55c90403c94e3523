"""Posts in Slack's Block Kit, within its limits. A post's text is plain: nothing in it can mention or link."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from integrations.slack.buttons import actions
from integrations.slack.text import escape, length, link
from onboarding.messages.posts import Post
from onboarding.model.identity import header_text
from onboarding.model.phrases import mark_of
from onboarding.sentences.label_phrases import LABELS, LabelPhrases

HEADER, SECTION, FIELD, NOTIFICATION = 150, 3000, 2000, 3000
FIELDS, BLOCKS, MOST_IDEAS = 10, 50, 40
TOTAL = 12000
"""The limit of all sections together; Slack refuses some 13,000 in total."""

Block = dict[str, Any]


def blocks(post: Post, key: str = "", labels: LabelPhrases = LABELS) -> tuple[str, list[Block]]:
    """Return the notification text and the blocks of the message of effect ``key``, with the words of its buttons."""
    marked = f"{mark_of(post.severity)} {post.headline}".strip()
    headline = escape(header_text(marked, most=1000), HEADER) or "first90"
    built: list[Block] = [{"type": "header", "text": {"type": "plain_text", "text": headline, "emoji": False}}]
    # Cause and next step come first: on a phone the facts would push them off the screen.
    built.extend({"type": "section", "text": _marked(text)} for text in _within(_sections(post.lines), labels.cut))
    record = post.link or post.page or ""
    for some in _groups(
        [_fact(label, value, record if label == labels.account else "") for label, value in post.facts], FIELDS
    ):
        built.append({"type": "section", "fields": [_marked(text) for text in some]})
    end: list[Block] = list(actions(post.buttons, key, labels)) if post.buttons else []
    links = (link(post.link or "", post.link_words), link(post.page or "", post.page_words))
    closing = [text for text in (*links, escape(post.footer, FIELD)) if text]
    if closing:
        end.append({"type": "context", "elements": [_marked(text) for text in closing]})
    built = built[: BLOCKS - len(end)] + end
    notification = (
        escape(
            "\n".join([f"{mark_of(post.severity)} {post.headline}".strip(), *filter(None, post.lines)]), NOTIFICATION
        )
        or headline
    )
    return notification, built


def _fact(label: str, value: str, record: str) -> str:
    bold = escape(" ".join(label.split()), 200)
    if named := link(record, value):
        return f"*{bold}*\n{named}"
    return f"*{bold}*\n{escape(value, FIELD - length(bold) - 3) or '-'}"


def _sections(lines: Sequence[str]) -> Iterator[str]:
    """Yield the texts of the sections: one idea each, as empty lines part them, if a message has room for so many; else
    packed into as few as the limit allows."""
    ideas = [list(group) for empty, group in groupby(lines, key=lambda line: not line.strip()) if not empty]
    for idea in ideas if len(ideas) <= MOST_IDEAS else [list(lines)]:
        yield from _packed(idea)


def _packed(lines: Sequence[str]) -> Iterator[str]:
    packed = ""
    for line in lines:
        text = escape(line, SECTION)
        if packed and length(packed) + 1 + length(text) > SECTION:
            yield packed
            packed = ""
        packed = f"{packed}\n{text}" if packed else text
    if packed.strip():
        yield packed


def _within(sections: Iterable[str], cut: str) -> Iterator[str]:
    """Yield as many sections as a message may have, and a note (``cut``) if some are left out."""
    left = TOTAL
    for text in sections:
        left -= length(text)
        if left < 0:
            yield cut
            return
        yield text


def _marked(text: str) -> Block:
    # Verbatim, so that Slack makes no links, mentions or channels of text that looks like them.
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _groups(items: Sequence[str], size: int) -> Iterable[Sequence[str]]:
    return (items[start : start + size] for start in range(0, len(items), size))
