"""Text as Slack takes it: escaped first and cut after, never inside an entity."""

from onboarding.model.identity import many_lines

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def escape(text: str, most: int) -> str:
    """Text as Slack wants it: ``& < >`` as entities, no control characters, at most ``most`` characters.

    Counted in UTF-16 units, which is never less than Slack may count. What is cut ends in an ellipsis.
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
    """How long a text is at Slack, at most."""
    return sum(2 if char > "\uffff" else 1 for char in text)
