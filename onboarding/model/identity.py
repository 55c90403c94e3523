"""Normal forms of record ids, mail addresses, domains and names that come from outside."""

import re
import unicodedata
from contextlib import suppress
from functools import lru_cache

_CHECKSUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_SHORT_ID = re.compile(r"[A-Za-z0-9]{15}")
_LONG_ID = re.compile(r"0[A-Za-z0-9]{17}")
"""Ids of Salesforce's objects begin with 0."""
_SCIENTIFIC = re.compile(r"\d+([.,]\d+)?[eE]\+\d+")
_ANY_ID = re.compile(r"[A-Za-z0-9_.@+=/#-]{1,64}")
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_BREAKS = frozenset({"Cc", "Zl", "Zp"})
_INVISIBLE = frozenset({"Cf", "Cs"})
_JOINERS = frozenset("\u200c\u200d")  # zero-width (non-)joiner: Persian, Indic scripts and emoji need them


class Mangled(ValueError):
    """An id that was altered on its way, for example by a spreadsheet. The message names the likely cause and the
    remedy."""


@lru_cache(maxsize=4096)
def salesforce_id(text: str) -> str:
    """Return the normal form of a record id: 18 characters, of which the last three encode the capital letters.

    A 15-character id gets them appended; in an 18-character one they restore the capitals. Ids of another shape
    (``006-1`` in a hand-made folder) stay as they are. Raise ValueError for what cannot be an id (empty, blanks
    inside, or a colon, which separates the parts of effect keys), and Mangled for a number in scientific notation
    or an 18-character id with a wrong checksum.
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
    """Return the part of an 18-character id without its capitals, to find ids that differ in case only; "" for
    others."""
    return record_id[:15].lower() if len(record_id) == 18 else ""


def lost_capitals(meant: str) -> str:
    """Return the problem text for an unknown 15-character id that differs from the id ``meant`` in case only."""
    return (
        f"is a 15-character id that lost its capitals, as in a spreadsheet (it may mean {meant}); "
        "give the ids with 18 characters"
    )


def _checksum(short: str) -> str:
    """Return three characters, one for each five of the id: the capitals as bits, the first character the lowest."""
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
    """Return one bare mail address, its domain in lower case and in ASCII (IDNA).

    Raise ValueError for anything else, several addresses included, so that the result can stand in an envelope or
    a header without quoting. The message does not repeat the address, because it may be logged.
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
    """Return the normal form of a person's address or id, by which people are compared and stored.

    A mail address is lower-cased and stripped, its domain in ASCII (IDNA); ``+tag`` and dots stay, because their
    meaning is up to the person's mail server. Any other name (``u-17``, a product's own id) only loses blanks
    and invisible characters around it.
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
    """Return a name on one line: control and invisible characters removed, blanks collapsed, cut at ``most``."""
    if not text.isprintable():  # rare, so the loop over the characters is skipped for most texts
        text = "".join(char if char in _JOINERS else _printed(char) for char in text)
    return " ".join(text.split())[:most].rstrip()


def header_text(text: str, most: int = 120) -> str:
    """Return a text that is safe in a mail header, where a line break would add a header.

    Stricter than ``one_line``: joiners are removed too, and ``=?`` is broken up, because a mail program could take
    it for an encoded word.
    """
    kept = text if text.isprintable() else "".join(_printed(char) for char in text)
    while "=?" in kept:
        kept = kept.replace("=?", "= ?")
    return " ".join(kept.split())[:most].rstrip()


def many_lines(text: str) -> str:
    """Return a text of several lines: lines end with a line feed, control and invisible characters are removed."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.replace("\n", "").isprintable():  # nearly all texts, so the loop over the characters is skipped
        return text.strip()
    return "".join(char if char in "\n\t" or char in _JOINERS else _printed(char) for char in text).strip()


def _printed(char: str) -> str:
    category = unicodedata.category(char)
    return " " if category in _BREAKS else "" if category in _INVISIBLE else char


def web_domain(text: str) -> str | None:
    """Return the domain of a web address or a bare domain in lower case, without ``www.``; None if there is none."""
    text = text.strip().lower()
    rest = text.partition("://")[2] or text
    host = re.split(r"[/?#:]", rest, maxsplit=1)[0].removeprefix("www.").strip(".")
    try:
        host = host.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    return host if "." in host and all(_LABEL.fullmatch(label) for label in host.split(".")) else None


def plain_letters(text: str) -> str:
    """Return a text for comparison: its letters and digits in lower case, without accents.

    Vowel signs of scripts that write vowels as marks are kept, because words could not be told apart without them.
    """
    letters = unicodedata.normalize("NFKD", text.casefold())
    if letters.isalnum():  # nearly all words, so the loop over the characters is skipped
        return letters
    return "".join(char for char in letters if char.isalnum() or _is_vowel_sign(char))


def _is_vowel_sign(char: str) -> bool:
    return unicodedata.category(char) in ("Mn", "Mc") and not "\u0300" <= char <= "\u036f"
