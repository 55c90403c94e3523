"""Recognition of erased names without storing them: which words of a text may be such a name.

Only a hash of each subject is stored. A subject includes the account, so a name counts only at that customer.
"""

import re
from collections.abc import Collection, Iterator

from onboarding.privacy.personal_data import REPLACEMENT

LONGEST = 6
"""The number of words in the longest name that is searched."""
_WORD = re.compile(r"\w+")
_BETWEEN = re.compile(r"\W{1,3}")
"""What may stand between two words of a name: a blank, hyphen, apostrophe, full stop and blank, or line end."""


def subjects(account_id: str, names: Collection[str]) -> set[str]:
    """Return the subjects to store (as hashes) for erased people of an account."""
    found = {_subject(account_id, words) for name in names if 0 < len(words := _WORD.findall(name)) <= LONGEST}
    return found | {account_subject(account_id)} if found else found


def account_subject(account_id: str) -> str:
    """Return the subject that marks an account with erased people: only the texts of such an account are searched."""
    return f"{account_id}\n"


def mentioned(account_id: str, text: str) -> set[str]:
    """Return all subjects that a text may mention."""
    return {subject for _, _, subject in _mentions(account_id, text)}


def without(account_id: str, text: str, gone: Collection[str]) -> str:
    """Return the text without the names whose subjects are in ``gone``, the longest first."""
    found = [(start, end) for start, end, subject in _mentions(account_id, text) if subject in gone]
    parts, reached = [], 0
    for start, end in sorted(found, key=lambda span: (span[0], -span[1])):
        if start >= reached:
            parts += [text[reached:start], REPLACEMENT]
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
    """Return the subject of a name. A single word is case-sensitive: the name Mark is not the word mark."""
    name = " ".join(words)
    return f"{account_id}\n{name.casefold() if len(words) > 1 else name}"
