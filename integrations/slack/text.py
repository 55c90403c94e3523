"""Text in Slack's format: escaped first and cut afterwards, never inside an entity."""

from onboarding.model.identity import many_lines

LINK, NAME = 3000, 300
"""The longest link and the longest name, in Slack's characters."""
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


def unescape(text: str) -> str:
    """Return what a person typed, from the text that Slack tells, with ``& < >`` as entities."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def link(url: str, words: str) -> str | None:
    """Return a link to a web address; None if it contains anything that could end the link or hide another one."""
    fits = url.startswith("https://") and not any(char in url for char in "<>|\"' ") and url.isprintable()
    return f"<{url.replace('&', '&amp;')}|{_link_words(words)}>" if fits and length(url) < LINK // 2 else None


def linked(words: str, url: str) -> str:
    """Return the words as a link where there is a web address, else the words."""
    return link(url, words) or escape(" ".join(words.split()), NAME)


def _link_words(words: str) -> str:
    # A bar would end the address, and a name must not change what the link says.
    return escape(" ".join(words.replace("|", " ").split()), NAME)


def length(text: str) -> int:
    """Return the most that a text may count in Slack: its UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
