"""Text in Slack's format: escaped first and cut afterwards, never inside an entity."""

from onboarding.model.identity import many_lines

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def escape(text: str, most: int) -> str:
    """Return a text with ``& < >`` as entities, without control characters, of at most ``most`` characters.

    Counted in UTF-16 units, which is never less than Slack counts. A cut text ends in an ellipsis.
    """
    pieces = [_ENTITIES.get(char, char) for char in many_lines(text)]
    if length("".join(pieces)) <= most:
        return "".join(pieces)
    kept: list[str] = []
    left = most - 1
    for piece in pieces:
        left -= length(piece)
        if left < 0:
            break
        kept.append(piece)
    return "".join(kept).rstrip() + "…"


def length(text: str) -> int:
    """Return the most that a text may count in Slack: its UTF-16 units."""
    return sum(2 if char > "\uffff" else 1 for char in text)
