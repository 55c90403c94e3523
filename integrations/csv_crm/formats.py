"""The format of a file: UTF-8 text with commas, or something that a person must save again."""

import re

from integrations.ports import UnusableSource

BOM = b"\xef\xbb\xbf"
HEAD = 1 << 16
"""How many bytes of a file tell its format."""
SAVED = "save it as CSV UTF-8 with commas"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_OTHER = {b"PK\x03\x04": "an Excel workbook", b"\xd0\xcf\x11\xe0": "an old Excel workbook", b"\x1f\x8b": "compressed"}
_SEPARATOR_LINE = re.compile(r'"?sep=.{0,3}"?,*', re.IGNORECASE)
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}


def as_text(name: str, content: bytes) -> str:
    """Return the text of a file; bytes that are not UTF-8 stay marked as surrogates, so that only their cells are
    refused.

    Raise UnusableSource, with the format found instead, if the file is not CSV with commas.
    """
    check_format(name, content[:HEAD])
    return content.removeprefix(BOM).decode("utf-8", errors="surrogateescape")


def check_format(name: str, head: bytes) -> None:
    """Raise UnusableSource, with the format found instead, if a file that begins like this is not CSV with commas."""
    other = next((what for sign, what in _OTHER.items() if head.startswith(sign)), None)
    if other:
        raise UnusableSource(f"{name} is {other}; {SAVED}")
    if head.startswith(_UTF_16) or b"\0" in head[:200]:
        raise UnusableSource(f"{name} is UTF-16; {SAVED}")
    text = head.removeprefix(BOM).decode("utf-8", errors="surrogateescape")
    first = next((line.strip() for line in text[:4000].splitlines() if line.strip()), "")
    if _SEPARATOR_LINE.fullmatch(first):
        line = first.strip('"')[:5]
        raise UnusableSource(f"{name} begins with Excel's line {line!r}; remove that line, and {SAVED}")
    found = max(_SEPARATORS, key=first.count)
    if first.count(found) > first.count(","):
        raise UnusableSource(f"{name}: its cells are separated by {_SEPARATORS[found]}; {SAVED}")
