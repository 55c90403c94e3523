"""Product signals, whatever brought them: fields to a record, or a problem with its place and reason."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from integrations.instants import instant
from onboarding.model.crm_records import ANY_ACCOUNT, Problem, SignalRecord
from onboarding.model.identity import one_line, one_spelling, salesforce_id, web_domain

MOST = 1_000_000
"""No real event counts more; ours, so that one slip cannot drown an account's usage."""

MOST_BYTES = 256 * 1024 * 1024
"""Of one read; ours. More is refused as a whole, before it fills the memory."""
MOST_TOLD = 1000
"""Problems of one read that are told one by one; ours. The number of the others is told in one more."""


class Sorting:
    """One read of one source, sorted into signals and problems.

    An event's key is its id; without one it is its content and how many alike came before it in this read.
    So two real events that look the same stay two, and reading the same source again brings nothing new. The content
    is as the source spells it: a better understanding of a spelling makes no second event of a known one.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.signals: list[SignalRecord] = []
        self.unreadable: set[str] = set()
        self._told: list[Problem] = []
        self._refused = 0
        self._alike: Counter[str] = Counter()

    def take(self, place: str, given: Mapping[str, Any]) -> None:
        """One row or object, by lower-case field names."""
        try:
            self.signals.append(self._record(given))
        except _FieldError as error:
            self.refuse(place, error.field, error.problem, given)

    def refuse(self, place: str, field: str, problem: str, given: Mapping[str, Any] | None = None) -> None:
        """Note what could not be read, and whose usage it is as far as ``given`` tells."""
        try:
            self.unreadable.add(_account(given or {})[0])
        except _FieldError:
            self.unreadable.add(ANY_ACCOUNT)
        self._refused += 1
        if self._refused <= MOST_TOLD:
            self._told.append(Problem(source=self.source, record=place, field=field, problem=problem))

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What could not be read, in order, and how many more there are than are told one by one."""
        more = self._refused - len(self._told)
        if not more:
            return tuple(self._told)
        problem = f"{more} more could not be read; mend the ones that are listed, most have the same cause"
        return (*self._told, Problem(source=self.source, record="further lines", field="", problem=problem))

    def _record(self, given: Mapping[str, Any]) -> SignalRecord:
        (account, spelt), at = _account(given), _instant(given)
        name, user, count = _needed(given, "signal"), _text(given, "user"), _count(given)
        own_id = _text(given, "id")
        if own_id:
            key = f"id:{own_id}"
        else:
            content = json.dumps([spelt, name, at.isoformat(), user, count])
            digest = hashlib.sha256(content.encode()).hexdigest()[:40]
            key = f"{digest}:{self._alike[digest]}"
            self._alike[digest] += 1
        return SignalRecord(key=key, account=account, name=name, at=at, user=one_spelling(user), count=count)


class _FieldError(Exception):
    def __init__(self, field: str, problem: str) -> None:
        super().__init__(problem)
        self.field, self.problem = field, problem


def _text(given: Mapping[str, Any], field: str) -> str:
    value = given.get(field)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _FieldError(field, "is neither text nor a number")
    if isinstance(value, str) and any("\ud800" <= char <= "\udfff" for char in value):
        raise _FieldError(field, "is not UTF-8 text")
    return one_line(str(value))


def _needed(given: Mapping[str, Any], field: str) -> str:
    text = _text(given, field)
    if not text:
        raise _FieldError(field, "is missing")
    return text


def _account(given: Mapping[str, Any]) -> tuple[str, str]:
    """The account, and how an event's key spells it: a long id as the source has it."""
    if text := _text(given, "account_id"):
        try:
            account = salesforce_id(text)
            return account, account if len(text) == 15 else text
        except ValueError as error:
            raise _FieldError("account_id", str(error)) from None
    if not (text := _text(given, "domain")):
        raise _FieldError("account_id", "is missing, and so is domain; give one of the two")
    domain = web_domain(text)
    if domain is None:
        raise _FieldError("domain", "is no domain; write it like example.com")
    return domain, domain


def _instant(given: Mapping[str, Any]) -> datetime:
    text = _needed(given, "at")
    try:
        return instant(text, epochs=True)
    except ValueError as error:
        mend = "write it like 2026-03-02T09:00:00Z, or as seconds or milliseconds since 1970"
        raise _FieldError("at", f"{text[:40]!r} {error}; {mend}") from None


def _count(given: Mapping[str, Any]) -> int:
    text = _text(given, "count")
    if not text:
        return 1
    if not re.fullmatch(r"\d{1,7}(\.0+)?", text) or not 0 < int(float(text)) <= MOST:
        raise _FieldError("count", f"{text[:40]!r} is no whole number from 1 to {MOST}")
    return int(float(text))
