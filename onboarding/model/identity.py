"""Who is meant: record ids, mail addresses and names as they come from outside, in one spelling each."""

import re
import unicodedata
from contextlib import suppress
from functools import lru_cache

_CHECKSUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_SHORT_ID = re.compile(r"[A-Za-z0-9]{15}")
_LONG_ID = re.compile(r"0[A-Za-z0-9]{17}")
"""As the ids of Salesforce's own objects begin."""
_SCIENTIFIC = re.compile(r"\d+([.,]\d+)?[eE]\+\d+")
_ANY_ID = re.compile(r"[A-Za-z0-9_.@+=/#-]{1,64}")
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_BREAKS = frozenset({"Cc", "Zl", "Zp"})
_INVISIBLE = frozenset({"Cf", "Cs"})
_JOINERS = frozenset("\u200c\u200d")  # zero-width (non-)joiner: Persian, Indic scripts and emoji need them


class Mangled(ValueError):
    """An id that something on its way changed. The message names the likely cause and the mend."""


@lru_cache(maxsize=4096)
def salesforce_id(text: str) -> str:
    """The one spelling of a record id: 18 characters, the last three of which say which letters are capitals.

    A 15-character id gets them; an 18-character one is read in any case of letters and restored by them. Ids of
    another shape (``006-1`` in a folder made by hand) stay as they are. Raises ValueError for what cannot be an
    id: nothing, blanks inside, the colon that separates the parts of our keys; and Mangled for what a spreadsheet
    made of one, and for an 18-character one whose last characters do not fit it.
    """
    text = text.strip()
    if _SCIENTIFIC.fullmatch(text):
        raise Mangled("is a number that a spreadsheet made of an id; export it again, and import the column as text")
    if not _ANY_ID.fullmatch(text):
        raise ValueError("is not an id: give the 15 or 18 characters of the record's Id" if text else "is empty")
    if _SHORT_ID.fullmatch(text):
        return text + _checksum(text)
    return _restored(text) if _LONG_ID.fullmatch(text) and not text.isdecimal() else text


def without_capitals(record_id: str) -> str:
    """What records have in common whose ids are told apart by capitals alone: none where the id has another shape."""
    return record_id[:15].lower() if len(record_id) == 18 else ""


def lost_capitals(meant: str) -> str:
    """What is wrong with a 15-character id that no record has, though that of ``meant`` differs in capitals alone."""
    return (
        f"is a 15-character id that lost its capitals, as in a spreadsheet (it may mean {meant}); "
        "give the ids with 18 characters"
    )


def _checksum(short: str) -> str:
    """One character for each five: its capitals as bits, the first the lowest."""
    return "".join(
        _CHECKSUM[sum(1 << place for place, char in enumerate(short[start : start + 5]) if "A" <= char <= "Z")]
        for start in (0, 5, 10)
    )


def _restored(text: str) -> str:
    short, checksum = text[:15].lower(), text[15:].upper()
    capitals = sum(_CHECKSUM.find(code) << 5 * block for block, code in enumerate(checksum))
    spelt = "".join(char.upper() if capitals >> place & 1 else char for place, char in enumerate(short))
    if _checksum(spelt) != checksum:
        raise Mangled(
            "is no record's id: its last three characters do not fit the others. A spreadsheet or a slip changed it; "
            "export or copy it again"
        )
    return spelt + checksum


def mail_address(text: str) -> str:
    """One bare mail address, its domain in lower case and in ASCII (IDNA).

    Raises ValueError for anything else, several addresses included: what passes can stand in an envelope or a
    header without quoting. The message does not repeat the address, because it may end in a log.
    """
    text = text.strip()
    local, at, domain = text.rpartition("@")
    if not at or len(local) > 64 or not _LOCAL.fullmatch(local):
        raise ValueError("is not one mail address" if text else "is empty")
    try:
        domain = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise ValueError("is not one mail address: its domain is no domain name") from None
    if len(domain) > 253 or not all(_LABEL.fullmatch(label) for label in domain.split(".")):
        raise ValueError("is not one mail address: its domain is no domain name")
    return f"{local}@{domain}"


def one_spelling(name: str) -> str:
    """The spelling by which a person named from outside is told from another: compare and keep people by this alone.

    Of a mail address the case and the blanks around it say nothing, and a domain is its ASCII form (IDNA);
    ``+tag`` and dots stay, because only the person's own server knows what they mean. Any other name (``u-17``,
    a product's own id) is taken as it is written, but for blanks and invisible characters around it.
    """
    name = one_line(name)
    local, at, domain = name.rpartition("@")
    if not at:
        return name
    if not domain.isascii() or " " in domain:  # plain domains, which nearly all are, have no other form
        with suppress(UnicodeError):
            domain = domain.strip().encode("idna").decode("ascii")
    return f"{local.strip()}@{domain}".lower()


def one_line(text: str, most: int = 255) -> str:
    """A name on one line: control and invisible characters out, blanks squeezed, cut at ``most``."""
    if not text.isprintable():  # rarely: each character must be looked at
        text = "".join(char if char in _JOINERS else _printed(char) for char in text)
    return " ".join(text.split())[:most].rstrip()


def header_text(text: str, most: int = 120) -> str:
    """Text from outside that becomes part of a mail header, where a line break would add a header.

    As ``one_line``, stricter: no joiners either, and no ``=?`` that a reader could take for an encoded word.
    """
    kept = text if text.isprintable() else "".join(_printed(char) for char in text)
    while "=?" in kept:
        kept = kept.replace("=?", "= ?")
    return " ".join(kept.split())[:most].rstrip()


def many_lines(text: str) -> str:
    """A longer text: lines kept, each ended by a line feed; control and invisible characters out."""
    if text.isprintable():
        return text.strip()  # nearly always: each character need not be looked at
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(char if char in "\n\t" or char in _JOINERS else _printed(char) for char in text).strip()


def _printed(char: str) -> str:
    category = unicodedata.category(char)
    return " " if category in _BREAKS else "" if category in _INVISIBLE else char


def web_domain(text: str) -> str | None:
    """The domain of a web address or a bare domain, lower case, without ``www.``; None if there is none."""
    text = text.strip().lower()
    rest = text.partition("://")[2] or text
    host = re.split(r"[/?#:]", rest, maxsplit=1)[0].removeprefix("www.").strip(".")
    try:
        host = host.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    return host if "." in host and all(_LABEL.fullmatch(label) for label in host.split(".")) else None


def plain_letters(text: str) -> str:
    """A text to compare by: its letters and digits alone, in lower case, without accents.

    The vowel signs of scripts that write vowels as marks are kept: without them words are no longer told apart.
    """
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in letters if char.isalnum() or _is_vowel_sign(char))


def _is_vowel_sign(char: str) -> bool:
    return unicodedata.category(char) in ("Mn", "Mc") and not "\u0300" <= char <= "\u036f"
