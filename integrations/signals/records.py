"""Product usage events from any source: fields to a record, or a problem with its place and reason."""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from config.settings.channels import SourceOf
from integrations.instants import instant
from integrations.signals.repeats import Repeats
from onboarding.facts.feedback import LONGEST_COMMENT, SCALES
from onboarding.model.crm_records import Problem
from onboarding.model.identity import one_line, one_spelling, salesforce_id, web_domain
from onboarding.model.usage import ANY_ACCOUNT, SignalBatch, SignalRecord
from onboarding.model.vocabulary import SurveyKind

MOST = 1_000_000
"""The highest count of an event, so that one mistake cannot dominate an account's usage. This project's choice."""

MOST_BYTES = 256 * 1024 * 1024
"""The limit of one read, above which it is refused before it fills the memory. This project's choice."""
MOST_TOLD = 1000
"""Problems of one read that are listed; the number of the others is reported in one more. This project's choice."""
BEGINNING = datetime(1990, 1, 1, tzinfo=UTC)
MOST_ROLE = 40
"""Characters of a role. This project's choice."""
PART = 5000
"""Events in memory at once. This project's choice."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a source that has one event a row."""

    setting: str
    """The variable that names the source."""
    name: str
    """The column that says what happened."""
    needs_id: bool = False


USAGE = Layout("FIRST90_SIGNALS", "signal")
TICKETS = Layout("FIRST90_TICKETS", "topic", needs_id=True)
"""Support tickets: account, ``topic``, ``at`` and ``id``, and ``sentiment`` where it is known."""
SURVEYS = Layout("FIRST90_SURVEYS", "survey", needs_id=True)
"""Answers to surveys: account, ``survey``, ``score``, ``at`` and ``id``, and ``user`` and ``comment`` where known."""
LAYOUTS: Mapping[SourceOf, Layout] = {"usage": USAGE, "tickets": TICKETS, "surveys": SURVEYS}


class Sorting:
    """One read of a source, sorted into signals and problems.

    An event's key is its id; without one it is its content and the number of equal events before it in this read. So
    two equal events stay two, and reading the source again adds nothing. The content is as the source spells it, so
    that a better parser does not turn a known event into a second one.
    """

    def __init__(self, source: str, layout: Layout = USAGE, until: datetime | None = None) -> None:
        self.source = source
        self.layout = layout
        self.newest = BEGINNING
        """The time of the newest event up to ``until``: one wrongly dated in the future must not hide those after it,
        so a cursor never passes the moment of the read."""
        self._until = until or BEGINNING
        self.unreadable: set[str] = set()
        self.signals: list[SignalRecord] = []
        self._told: list[Problem] = []
        self._refused = 0
        self._alike = Repeats()

    def take(self, place: str, given: Mapping[str, Any]) -> None:
        """Read one row or object, by lower-case field names."""
        try:
            found = self._record(given)
            self.signals.append(found)
            if self.newest < found.at <= self._until:
                self.newest = found.at
        except _FieldError as error:
            self.refuse(place, error.field, error.problem, given)

    def parts(self, steps: Iterable[object], cursor: Callable[[], str], *, whole: bool) -> Iterator[SignalBatch]:
        """Yield what ``steps`` sorts, part by part; the last one has the problems and the cursor."""
        for _ in steps:
            if len(self.signals) >= PART:
                yield SignalBatch(source=self.source, signals=self._handed_over(), whole=whole, more=True)
        yield SignalBatch(
            source=self.source,
            signals=self._handed_over(),
            problems=self.problems,
            unreadable=frozenset(self.unreadable),
            whole=whole,
            cursor=cursor(),
        )

    def _handed_over(self) -> tuple[SignalRecord, ...]:
        found = tuple(self.signals)
        self.signals.clear()
        return found

    def refuse(self, place: str, field: str, problem: str, given: Mapping[str, Any] | None = None) -> None:
        """Record an unreadable event, and its account as far as ``given`` tells it."""
        try:
            self.unreadable.add(_account(given or {})[0])
        except _FieldError:
            self.unreadable.add(ANY_ACCOUNT)
        self._refused += 1
        if self._refused <= MOST_TOLD:
            self._told.append(Problem(source=self.source, record=place, field=field, problem=problem))

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return the listed problems in order, and one with the number of the others."""
        more = self._refused - len(self._told)
        if not more:
            return tuple(self._told)
        problem = f"{more} more could not be read; mend the ones that are listed, most have the same cause"
        return (*self._told, Problem(source=self.source, record="further lines", field="", problem=problem))

    def _record(self, given: Mapping[str, Any]) -> SignalRecord:
        (account, spelt), at = _account(given), _instant(given)
        name, user, count = _needed(given, self.layout.name), _text(given, "user"), _count(given)
        own_id = _needed(given, "id") if self.layout.needs_id else _text(given, "id")
        if own_id:
            key = f"id:{own_id}"
        else:
            content = json.dumps([spelt, name, at.isoformat(), user, count])
            digest = hashlib.sha256(content.encode()).digest()[:20]
            key = f"{digest.hex()}:{self._alike.count(digest)}"
        return SignalRecord(
            key=key,
            account=account,
            name=name,
            at=at,
            user=one_spelling(user),
            count=count,
            role=_role(given),
            score=self._score(given, name),
            comment=_text(given, "comment")[:LONGEST_COMMENT] if self.layout is SURVEYS else "",
        )

    def _score(self, given: Mapping[str, Any], name: str) -> float | None:
        if self.layout is SURVEYS:
            return _answer(given, name)
        return _sentiment(given) if self.layout is TICKETS else None


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
    """Return the account, and its spelling in an event's key: a long id as the source has it."""
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


def _role(given: Mapping[str, Any]) -> str:
    """Return the user's role with underscores; one that first90 does not know stays as it is."""
    return re.sub(r"[\s_-]+", "_", _text(given, "role").casefold())[:MOST_ROLE]


def _answer(given: Mapping[str, Any], name: str) -> float:
    """Return the score of a survey, which is on the scale of its kind."""
    if name not in set(SurveyKind):
        raise _FieldError("survey", f"{name[:40]!r} is none of {', '.join(SurveyKind)}")
    text, kind = _needed(given, "score"), SurveyKind(name)
    scale = SCALES[kind]
    if not re.fullmatch(r"\d+(\.\d+)?", text) or not scale.low <= float(text) <= scale.high:
        raise _FieldError("score", f"{text[:40]!r} is not on the scale of {kind}: {scale}")
    if kind is SurveyKind.NPS and not float(text).is_integer():
        raise _FieldError("score", f"{text[:40]!r} is no answer to nps: one person answers a whole number")
    return float(text)


def _sentiment(given: Mapping[str, Any]) -> float | None:
    text = _text(given, "sentiment")
    if not text:
        return None
    if not re.fullmatch(r"[+-]?\d+(\.\d+)?", text) or not -1 <= float(text) <= 1:
        raise _FieldError("sentiment", f"{text[:40]!r} is no number from -1 (angry) to 1 (pleased)")
    return float(text)


def _count(given: Mapping[str, Any]) -> int:
    text = _text(given, "count")
    if not text:
        return 1
    if not re.fullmatch(r"\d{1,7}(\.0+)?", text) or not 0 < int(float(text)) <= MOST:
        raise _FieldError("count", f"{text[:40]!r} is no whole number from 1 to {MOST}")
    return int(float(text))
