"""The spellings of one person in stored records, and their removal from a text."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from onboarding.sentences.stored import SAY, WITH

REPLACEMENT = "[forgotten]"
"""The replacement of a name."""
_SPELT = {
    "'": "(?:'|’|&#39;|&#x27;|&rsquo;)",
    "’": "(?:'|’|&#39;|&#x27;|&rsquo;)",
    '"': '(?:"|&#34;|&quot;|\\\\")',
    "&": "(?:&amp;|&)",
    "<": "(?:&lt;|<)",
    ">": "(?:&gt;|>)",
    " ": r"(?:\s|&nbsp;|\\n)+",
}
"""A character as it appears in text, HTML and JSON; a blank may have become a line end."""


@dataclass(frozen=True, kw_only=True)
class Traces:
    """The traces of one person: ids and addresses with their replacements, and names."""

    tokens: Mapping[str, str]
    """CRM ids, first90's own ids of people known only from reports, and addresses in lower case."""
    names: frozenset[str] = field(default_factory=frozenset)
    words: frozenset[str] = field(default_factory=frozenset)
    """Texts of theirs, on one line each, which stand without quotation marks among the values of a stored sentence."""

    @cached_property
    def token_pattern(self) -> re.Pattern[str]:
        """Return a pattern of ids as they are and addresses in any case, each whole and never part of another one."""
        whole = [_whole(one) for one in sorted(self.tokens, key=len, reverse=True)]
        return re.compile("|".join(whole))

    @cached_property
    def name_patterns(self) -> tuple[re.Pattern[str], ...]:
        """Return patterns of the names as whole words. A single word is case-sensitive: the name Mark is not the word
        mark."""
        return tuple(
            re.compile(
                rf"(?<!\w){''.join(_SPELT.get(sign, re.escape(sign)) for sign in name)}(?!\w)",
                re.IGNORECASE if " " in name else 0,
            )
            for name in sorted(self.names, key=len, reverse=True)
        )

    def replaced(self, text: str, *, names: bool) -> str:
        """Return the text without ids and addresses, and with ``names`` also without names."""
        if self.tokens:
            text = self.token_pattern.sub(lambda found: self.tokens[self._spelt(found[0])], text)
        for pattern in self.name_patterns if names else ():
            text = pattern.sub(REPLACEMENT, text)
        return text

    def replaced_in(self, value: Any, *, names: bool) -> Any:
        """Return a structure of lists, objects and texts with the same replaced, keys of objects included."""
        if isinstance(value, str):
            return self.replaced(value, names=names)
        if isinstance(value, list):
            return [self.replaced_in(one, names=names) for one in value]
        if isinstance(value, dict):
            kept = self._without_words(value) if names and self.words and SAY in value else value
            return {self.replaced(key, names=names): self.replaced_in(one, names=names) for key, one in kept.items()}
        return value

    def counted(self, value: Any, *, names: bool) -> int:
        """Return how often they occur in a text or structure (names only with ``names``)."""
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        found = len(self.token_pattern.findall(text)) if self.tokens else 0
        return found + sum(len(pattern.findall(text)) for pattern in (self.name_patterns if names else ()))

    def hints(self, *, names: bool) -> tuple[str, ...]:
        """Return parts that every occurrence contains, for a first search that ignores the case of ASCII letters."""
        spellings = [*self.tokens, *(self.names if names else ())]
        return tuple(dict.fromkeys(hint for one in spellings for hint in _hints(one)))

    def _without_words(self, stored: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a stored sentence without the values that are texts of theirs."""
        values = stored.get(WITH) or {}
        theirs = {name for name, one in values.items() if isinstance(one, str) and " ".join(one.split()) in self.words}
        return {**stored, WITH: {name: REPLACEMENT if name in theirs else one for name, one in values.items()}}

    def _spelt(self, found: str) -> str:
        return found if found in self.tokens else next(one for one in self.tokens if one.lower() == found.lower())


def _whole(token: str) -> str:
    if "@" in token:
        return rf"(?<![A-Za-z0-9._%+-])(?i:{re.escape(token)})(?![A-Za-z0-9-]|\.[A-Za-z0-9])"
    return rf"(?<![A-Za-z0-9]){re.escape(token)}(?![A-Za-z0-9])"


def _hints(spelling: str) -> tuple[str, ...]:
    """Return the longest run of ASCII letters and digits, which escaping does not change and databases compare without
    case."""
    runs = re.findall(r"[A-Za-z0-9]+", spelling)
    longest = max(runs, key=len, default="")
    if len(longest) >= 3:
        return (longest,)
    word = max(spelling.split(), key=len, default=spelling)
    return (word, word.lower(), word.upper())
