"""A name that must not come back, known again without being kept: which words of a text could be it.

What is remembered is a hash of each subject, so a name counts only at the customer whose person bore it.
"""

import re
from collections.abc import Collection, Iterator

from onboarding.privacy.personal_data import SOMEBODY

LONGEST = 6
"""Words of the longest name that is looked for."""
_WORD = re.compile(r"\w+")
_BETWEEN = re.compile(r"\W{1,3}")
"""What may stand between two words of a name: a blank, a hyphen, an apostrophe, a point and a blank, an end of line."""


def subjects(account_id: str, names: Collection[str]) -> set[str]:
    """What to remember of people of an account, none of which can be guessed back from its hash alone."""
    found = {_subject(account_id, words) for name in names if 0 < len(words := _WORD.findall(name)) <= LONGEST}
    return found | {anybody(account_id)} if found else found


def anybody(account_id: str) -> str:
    """The subject that says that somebody of an account is forgotten: only then are its texts looked through."""
    return f"{account_id}\n"


def mentioned(account_id: str, text: str) -> set[str]:
    """The subjects that a text could mention."""
    return {subject for _, _, subject in _mentions(account_id, text)}


def without(account_id: str, text: str, gone: Collection[str]) -> str:
    """The text without the names whose subjects are ``gone``, the longest first."""
    found = [(start, end) for start, end, subject in _mentions(account_id, text) if subject in gone]
    parts, reached = [], 0
    for start, end in sorted(found, key=lambda span: (span[0], -span[1])):
        if start >= reached:
            parts += [text[reached:start], SOMEBODY]
            reached = end
    return "".join([*parts, text[reached:]])


def _mentions(account_id: str, text: str) -> Iterator[tuple[int, int, str]]:
    words = list(_WORD.finditer(text))
    for first, begin in enumerate(words):
        said = [begin[0]]
        yield begin.start(), begin.end(), _subject(account_id, said)
        for before, word in zip(words[first:], words[first + 1 : first + LONGEST], strict=False):
            if not _BETWEEN.fullmatch(text, before.end(), word.start()):
                break
            said.append(word[0])
            yield begin.start(), word.end(), _subject(account_id, said)


def _subject(account_id: str, words: Collection[str]) -> str:
    """One word alone counts only as it is written: a Mark is no mark."""
    name = " ".join(words)
    return f"{account_id}\n{name.casefold() if len(words) > 1 else name}"
