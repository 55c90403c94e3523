"""What changed for a reader since their last digest: each piece of work once, the unchanged ones only counted. Pure.

A digest keeps what its reader has seen: the state of each piece of work, and for each onboarding the last news. The
next one is the difference, so that nothing is told twice and nothing is lost, however many days lie between.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from onboarding.dates.working_time import zone_of
from onboarding.escalations.digest import DONE, ORDER, DigestLine
from onboarding.model.vocabulary import NewsKind

MOST_LINES = 40
"""How many lines a digest shows; what does not fit comes with the next one. Slack allows fifty blocks. This project's
choice."""


class Section(StrEnum):
    """The parts of a digest, in order, under their headings."""

    NEW = "New"
    WORSE = "Worse"
    BETTER = "Better"
    DUE = "Due today"
    WAITING = "Waiting for you"
    CLOSED = "Closed in the last seven days"


@dataclass(frozen=True, slots=True, kw_only=True)
class LastDigest:
    """The reader's last digest that was not cancelled: its day, and what they had seen by then."""

    day: date
    works: Mapping[str, str] = field(default_factory=dict)
    """The state of each piece of work, by its id."""
    marks: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """The episode and the place of the last news, by onboarding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestChanges:
    """What a digest shows, and what the next one has to know."""

    sections: Mapping[Section, tuple[DigestLine, ...]]
    unchanged: int
    """How many pieces of work and causes stand as before."""
    waiting: bool
    """Whether something stands of which no other message tells: a digest without anything new reminds of it."""
    left: int
    """How many lines did not fit; they are in the next digest."""
    works: Mapping[str, str]
    marks: Mapping[str, tuple[int, int]]

    @property
    def shown(self) -> tuple[DigestLine, ...]:
        """Return all lines, in order."""
        return tuple(line for lines in self.sections.values() for line in lines)


def changes(lines: Sequence[DigestLine], last: LastDigest | None, now: datetime, zone: str) -> DigestChanges:
    """Return the digest of these lines (the most urgent first) at ``now`` for a reader in ``zone``.

    Work that is due later than today comes on its day. Once a week what closed is looked back at.
    """
    today, seen = now.astimezone(zone_of(zone)).date(), last or LastDigest(day=date.min)
    works = [line for line in lines if not line.mark and not line.closed and _has_come(line, today, zone)]
    causes = _by_cause(line for line in lines if line.mark)
    mine = {line.id for line in works}
    told = [one for line in works if (one := _work(line, seen)) is not None]
    told += [one for news in causes.values() if news[0].same_as not in mine and (one := _cause(news, seen)) is not None]
    if seen.day.isocalendar()[:2] != today.isocalendar()[:2]:
        told += [(Section.CLOSED, line) for line in lines if line.closed]
    order = list(Section)
    told.sort(key=lambda one: (order.index(one[0]), ORDER.index(one[1].severity), one[1].account, one[1].text))
    shown, left = told[:MOST_LINES], [line for _, line in told[MOST_LINES:]]
    standing = {line.id for line in works if line.severity != DONE}
    standing |= {name for name, news in causes.items() if _stands(news) and news[0].same_as not in mine}
    return DigestChanges(
        sections={part: tuple(line for section, line in shown if section is part) for part in order},
        unchanged=len(standing - {line.id for _, line in told}),
        waiting=any(line.severity != DONE for line in works)
        or any(_stands(news) and not news[-1].climbed for news in causes.values()),
        left=len(left),
        works={line.id: line.severity for line in works if line not in left},
        marks=_marks(lines, seen, later={line.onboarding for line in left if line.mark}),
    )


def _stands(news: Sequence[DigestLine]) -> bool:
    return news[-1].news is not NewsKind.GONE


def _marks(lines: Iterable[DigestLine], seen: LastDigest, later: Collection[str]) -> Mapping[str, tuple[int, int]]:
    """Return the last news of each onboarding, also of one that says nothing now (on hold); what stood before for those
    of which some did not fit."""
    found = {name: (mark[0], mark[1]) for name, mark in seen.marks.items()}
    for line in lines:
        if line.mark and line.onboarding not in later:
            found[line.onboarding] = max(line.mark, found.get(line.onboarding, (0, 0)))
    return found


def _has_come(line: DigestLine, today: date, zone: str) -> bool:
    return line.severity != "due" or line.due is None or line.due.astimezone(zone_of(zone)).date() <= today


def _work(line: DigestLine, seen: LastDigest) -> tuple[Section, DigestLine] | None:
    """Return the part of the digest for a piece of work; None where the reader has seen it as it is."""
    before = seen.works.get(line.id)
    if before == line.severity:
        return None
    if line.severity == DONE:
        return (Section.BETTER, line) if before is not None else None
    if line.severity == "due":
        return Section.DUE, line
    return (Section.WORSE if before is not None else Section.WAITING), line


def _cause(news: Sequence[DigestLine], seen: LastDigest) -> tuple[Section, DigestLine] | None:
    """Return the part for one cause by what happened to it since, and one line; None where that is nothing."""
    mark = tuple(seen.marks.get(news[0].onboarding, ()))
    fresh = [line for line in news if line.mark and line.mark > mark]
    for kind, section in _PARTS if not fresh or fresh[-1].news is not NewsKind.GONE else _PARTS[:1]:
        told = [line for line in fresh if line.news is kind]
        if told:
            return section, replace(told[-1], severity=news[-1].severity)
    return None


def _by_cause(lines: Iterable[DigestLine]) -> dict[str, list[DigestLine]]:
    found: dict[str, list[DigestLine]] = {}
    for line in sorted(lines, key=lambda line: line.mark or ()):
        found.setdefault(line.id, []).append(line)
    return found


_PARTS = (
    (NewsKind.GONE, Section.BETTER),
    (NewsKind.FOUND, Section.NEW),
    (NewsKind.CRITICAL, Section.WORSE),
    (NewsKind.CLIMBED, Section.WORSE),
    (NewsKind.EASED, Section.BETTER),
)
"""Where a cause stands by the first of these that happened since the last digest."""
