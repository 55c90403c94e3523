"""The times for a call in a template: whether it names some, and what it says where none is free."""

import re
from collections.abc import Iterable

from onboarding.messages.letter_parts import NO_TIME

_NAMED = re.compile(r"\boffer\s*\.\s*(first|second)\b")
_BEGINS = re.compile(r"(?:(?<=[^\d\s][.?!])|(?<=[^\d\s][.?!]\*\*))\s+|^\s*(?:[-*]|\d+\.)\s+", re.MULTILINE)
"""Where a sentence or an item of a list begins. The point of a date ends no sentence."""
_ITEM = re.compile(r"\n\s*(?:[-*]|\d+\.)\s")


def names_times(texts: Iterable[str]) -> bool:
    """Return whether one of these texts of a template names a time that is offered, in whichever branch."""
    return any(_NAMED.search(text) for text in texts)


def asking_instead(body: str, ask: str) -> str:
    """Return rendered Markdown that asks for a time with the sentence ``ask`` where it would offer one.

    What a paragraph goes on to say of the times goes with them, and so do buttons that accept one.
    """
    if NO_TIME not in body:
        return body
    found: list[str] = []
    for part in re.split(r"\n[ \t]*\n", body):
        if NO_TIME not in part:
            found.append(part)
            continue
        at = part.index(NO_TIME)
        begin = max((one.end() for one in _BEGINS.finditer(part, 0, at)), default=0)
        after = _ITEM.search(part, at)
        rest = part[after.start() :] if after else ""
        asked = any(ask in one for one in found) or "(<reply:" in part[begin:at]
        kept = f"{part[:begin].rstrip() if asked else part[:begin]}{'' if asked else ask}{rest}"
        found.append(asking_instead(kept, ask) if NO_TIME in kept else kept)
    return "\n\n".join(part for part in found if part.strip())


def line_without_times(line: str, ask: str) -> str:
    """Return a rendered subject or preheader up to where it would offer a time; ``ask`` where nothing is left."""
    if NO_TIME not in line:
        return line
    before = line[: line.index(NO_TIME)]
    end = max(before.rfind(mark) for mark in ".:?!")
    return before[: end + 1].rstrip(" .:") if end > 0 else ask
