"""Text in Slack's format: escaped first and cut afterwards, never inside an entity."""

from onboarding.model.identity import many_lines

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def escape(text: str, most: int) -> str:
    """Return a text with ``& < >`` as entities, without control characters, of at most ``most`` characters.

    Counted in UTF-16 units, which is never less than Slack counts. A cut text ends in an ellipsis.
    """
    text = many_lines(text)
    whole = text.translate(_ENTITIES)
    if length(whole) <= most:
        return whole
    kept: list[str] = []
    left = most - 1
    for piece in (char.translate(_ENTITIES) for char in text):
        left -= length(piece)
        if left < 0:
            break
        kept.append(piece)
    return "".join(kept).rstrip() + "…"


def length(text: str) -> int:
    """Return the most that a text may count in Slack: its UTF-16 units."""
    return len(text) if text.isascii() else sum(2 if char > "\uffff" else 1 for char in text)
