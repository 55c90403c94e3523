"""Names and texts of the CRM in a letter."""

import re

from onboarding.model.parties import Owner, Person
from onboarding.people.names import read_names

_SENTENCE_END = re.compile(r"(?<=[.!?;])\s")


def greeted(person: Person | Owner) -> str:
    """Return the name for the salutation or a mention in a letter; empty for none."""
    return read_names("", "", person.name).called if person.called is None else person.called


def clip(text: str, longest: int = 280) -> str:
    """Return a text of the CRM on one line; a long one is cut at a sentence or a word."""
    line = " ".join(text.split())
    if len(line) <= longest:
        return line
    kept = line[:longest]
    ends = [match.start() for match in _SENTENCE_END.finditer(kept)]
    if ends and ends[-1] > longest // 2:
        return kept[: ends[-1]]
    return kept.rsplit(" ", 1)[0].rstrip(",;:") + " …"


def joined_lines(text: str) -> str:
    """Return several lines of the CRM as one, separated by semicolons, to read as a list inside a sentence."""
    return clip("; ".join(line.strip(" -*•\t").rstrip(".;") for line in text.splitlines() if line.strip(" -*•\t")))
