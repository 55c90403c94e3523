"""Contradictions in the dates of one mail, found from the mail and the day alone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

from onboarding.model.phrases import MONTHS

_DAY = rf"(\d{{1,2}}) ({'|'.join(MONTHS)}) (\d{{4}})"
_AHEAD = re.compile(
    r"(?:\bby|\buntil|(?<!was )planned for|kickoff is on|\bcall is on|suit you|does|date we agreed is) "
    rf"(?:\w+day )?{_DAY}"
)
_OVER = re.compile(rf"(?:was due on|was planned for|was set for|was to be on) (?:\w+day )?{_DAY}")
_LATE = re.compile(rf"was due on {_DAY}")
_DONE = re.compile(rf"(?:reached on|[Oo]n|reached (?:its|a) first result on) {_DAY} (?:your team|we|you)")
_RESULT = re.compile(
    rf"first result(?:, planned for|; it is planned for| was due on| is later than planned: it was due on) {_DAY}"
    rf"|A first result\. We aim to reach it by {_DAY}|The first result [^:.]*: [^.]*?(?:, by|; it was due on) {_DAY}"
)
_KICKOFF = re.compile(rf"kickoff is on \w+day {_DAY}")
_DUES = re.compile(rf"(by {_DAY}|due today|was due on {_DAY})")


_NEVER = {
    "a number of days below one": r"(?<![\d-])(?:-\d+|0) days",
    "words that depend on the weekday": r"\b(tomorrow|this week|next week|on \w+day(?! \d))\b",
    "late and not late": rf"(due today|by {_DAY}), we are late|(\bit|result) due today",
    "a goal past its date without its outcome": rf"from [\d.]+ to [\d.]+ \w+ was due on {_DAY}(?!; (not )?\w)",
}


@dataclass(frozen=True)
class Work:
    """The names of the playbook's milestones, and of the two that letters also name differently."""

    titles: tuple[str, ...]
    first_result: str
    kickoff: str


class _Words(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self._hidden = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in ("style", "title")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("style", "title")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.said.append(data)


def words_of(html: str) -> str:
    """The visible words of a page."""
    return " ".join("".join(_Words(html).said).split())


def complaints(parts: tuple[str, ...], now: datetime, zone: str) -> Iterator[str]:
    """Yield everything wrong with one mail; ``parts`` are subject, preheader, text and the words of the page."""
    today = now.astimezone(ZoneInfo(zone)).date()
    for part in parts:
        text = _plain(part)
        for one in _AHEAD.finditer(text):
            if _day(one.groups()) < today or (_day(one.groups()) == today and one[0].startswith("by")):
                yield f"past or today, told as ahead: {one[0]}"
        yield from (f"ahead, told as over: {one[0]}" for one in _OVER.finditer(text) if _day(one.groups()) > today)
        yield from (f"today, told as over: {one[0]}" for one in _LATE.finditer(text) if _day(one.groups()) == today)
        yield from (f"ahead, told as done: {one[0]}" for one in _DONE.finditer(text) if _day(one.groups()) > today)
        yield from (f"a weekday that the date is not: {one[0]}" for one in _weekdays(text) if _weekday(one) != one[1])
        yield from (f"a moment that is over: {one[0]}" for one in _moments(text) if _at(one, zone) <= now)
        yield from (f"{what}: {one[0]}" for what, pattern in _NEVER.items() for one in re.finditer(pattern, text))
        for left in re.finditer(rf"(\d+) days are left until [^.]*?{_DAY}", text):
            if (_day(left.groups()[1:]) - today).days != int(left[1]):
                yield f"days that do not add up: {left[0]}"
    if sorted(_days_of(parts[1]) + _days_of(parts[2])) != _days_of(parts[3]):
        yield "text and page name different days"


def dates_of_work(parts: tuple[str, ...], now: datetime, zone: str, work: Work) -> Iterator[tuple[str, date]]:
    """Yield every date that a mail gives for a milestone, whatever it calls it."""
    today = now.astimezone(ZoneInfo(zone)).date()
    for part in parts:
        text = _plain(part)
        for title in work.titles:
            for one in re.finditer(re.escape(title) + r"\W{1,3}" + _DUES.pattern, text, re.IGNORECASE):
                yield title, today if one[1] == "due today" else _day(one.groups()[1:])
        yield from ((work.first_result, _day(one.groups())) for one in _RESULT.finditer(text))
        yield from ((work.kickoff, _day(one.groups())) for one in _KICKOFF.finditer(text))


def _plain(part: str) -> str:
    return " ".join(part.replace("**", "").split())


def _days_of(text: str) -> list[date]:
    return sorted(_day(one.groups()) for one in re.finditer(_DAY, text))


def _day(found: tuple[str | None, ...]) -> date:
    day, month, year = [part for part in found if part][:3]
    return date(int(year), MONTHS.index(month) + 1, int(day))


def _weekdays(text: str) -> Iterator[re.Match[str]]:
    return re.finditer(rf"\b(\w+day) {_DAY}", text)


def _weekday(found: re.Match[str]) -> str:
    return f"{_day(found.groups()[1:]):%A}"


def _moments(text: str) -> Iterator[re.Match[str]]:
    """Yield times of day that are offered or agreed, without those that the letter calls over."""
    for one in re.finditer(rf"\w+day {_DAY} at (\d\d):(\d\d)", text):
        before = text[max(0, one.start() - 40) : one.start()]
        if not re.search(r"(was set for|was to be on|Cancelled: our \w+ on|Our \w+ on) \**$", before):
            yield one


def _at(found: re.Match[str], zone: str) -> datetime:
    day = _day(found.groups()[:3])
    hour, minute = int(found[4]), int(found[5])
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(zone)).astimezone(UTC)
