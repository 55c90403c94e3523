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
from onboarding.sentences.sentence import sentence

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
    """What the reader has seen by now: the day of the last digest that they got, and how all stood since it."""

    day: date
    works: Mapping[str, str] = field(default_factory=dict)
    """The state of each piece of work, by its id."""
    marks: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """The episode and the place of the last news, by onboarding; by cause where others of its onboarding did not
    fit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestChanges:
    """What a digest shows, and what the next one has to know."""

    sections: Mapping[Section, tuple[DigestLine, ...]]
    unchanged: int
    """How many pieces of work and causes stand as before."""
    waiting: bool
    """Whether something stands of which no other message tells."""
    begins_week: bool
    """Whether it is the reader's first digest of the week."""
    left: int
    """How many lines did not fit; they are in the next digest."""
    works: Mapping[str, str]
    marks: Mapping[str, tuple[int, int]]

    @property
    def shown(self) -> tuple[DigestLine, ...]:
        """Return all lines, in order."""
        return tuple(line for lines in self.sections.values() for line in lines)

    @property
    def worth_sending(self) -> bool:
        """Return whether there is anything to read: something to tell, or once a week how much stands as before.

        A daily message without news is noise, which its readers mute.
        """
        return bool(self.shown) or (self.waiting and self.begins_week)


def changes(lines: Sequence[DigestLine], last: LastDigest | None, now: datetime, zone: str) -> DigestChanges:
    """Return the digest of these lines (the most urgent first) at ``now`` for a reader in ``zone``.

    Work that is due later than today comes on its day. Once a week what closed is looked back at. What rests is not
    told, and neither is it forgotten.
    """
    today, seen = now.astimezone(zone_of(zone)).date(), last or LastDigest(day=date.min)
    awake = [line for line in lines if not line.rests]
    works = [line for line in awake if not line.mark and not line.closed and _has_come(line, today, zone)]
    causes = _by_cause(line for line in awake if line.mark)
    mine = {line.id for line in works}
    told = [one for line in works if (one := _work(line, seen)) is not None]
    told += [one for news in causes.values() if news[0].same_as not in mine and (one := _cause(news, seen)) is not None]
    order = list(Section)
    told.sort(key=lambda one: (order.index(one[0]), ORDER.index(one[1].severity), one[1].account, one[1].text))
    week_begins = seen.day.isocalendar()[:2] != today.isocalendar()[:2]
    closed = [line for line in awake if line.closed and week_begins]
    most = MOST_LINES - bool(closed)
    shown, left = told[:most], [line for _, line in told[most:]]
    shown += [(Section.CLOSED, line) for line in _folded(closed, MOST_LINES - len(shown))]
    standing = {line.id for line in works if line.severity != DONE}
    standing |= {name for name, news in causes.items() if _stands(news) and news[0].same_as not in mine}
    return DigestChanges(
        sections={part: tuple(line for section, line in shown if section is part) for part in order},
        unchanged=len(standing - {line.id for _, line in told}),
        waiting=any(line.severity != DONE for line in works)
        or any(_stands(news) and not news[-1].climbed for news in causes.values()),
        begins_week=week_begins,
        left=len(left),
        works=_works([*works, *(line for line in lines if line.rests)], seen, left),
        marks=_marks(awake, seen, left),
    )


def _stands(news: Sequence[DigestLine]) -> bool:
    return news[-1].news is not NewsKind.GONE


def _folded(closed: Sequence[DigestLine], room: int) -> Sequence[DigestLine]:
    """Return the look back in so many lines; the last one names the customers for which there is no room."""
    if len(closed) <= room:
        return closed
    shown, rest = closed[: room - 1], closed[room - 1 :]
    said = sentence("digest.closed_at", customers=tuple(dict.fromkeys(line.account for line in rest)))
    return [*shown, replace(rest[0], account=sentence("digest.folded", count=len(rest)), text=said)]


def _works(works: Iterable[DigestLine], seen: LastDigest, left: Collection[DigestLine]) -> Mapping[str, str]:
    """Return the state of each piece of work as its reader has seen it by now: as it stood before, of what rests and of
    what did not fit."""
    found, later = {}, {line.id for line in left}
    for line in works:
        if not line.rests and line.id not in later:
            found[line.id] = _standing(line)
        elif line.id in seen.works:
            found[line.id] = seen.works[line.id]
    return found


def _marks(
    lines: Iterable[DigestLine], seen: LastDigest, left: Collection[DigestLine]
) -> Mapping[str, tuple[int, int]]:
    """Return the last news told of each onboarding, also of one that says nothing now (on hold). One of which some did
    not fit stays where it was, and each of its causes that did fit has a mark of its own."""
    found = {name: (mark[0], mark[1]) for name, mark in seen.marks.items()}
    causes, later = {line.id for line in left}, {line.onboarding for line in left if line.mark}
    for line in lines:
        if not line.mark or line.id in causes:
            continue
        name = line.id if line.onboarding in later else line.onboarding
        found[name] = max(line.mark, found.get(name, (0, 0)))
        if name == line.onboarding:
            found.pop(line.id, None)
    return found


def _has_come(line: DigestLine, today: date, zone: str) -> bool:
    return line.severity != "due" or line.due is None or line.due.astimezone(zone_of(zone)).date() <= today


def _work(line: DigestLine, seen: LastDigest) -> tuple[Section, DigestLine] | None:
    """Return the part of the digest for a piece of work; None where the reader has seen it as it is."""
    before = seen.works.get(line.id)
    if before in (_standing(line), line.severity):
        return None
    if line.severity == DONE:
        return (Section.BETTER, line) if before is not None else None
    if line.severity == "due":
        return Section.DUE, line
    return (Section.WORSE if before is not None else Section.WAITING), line


def _standing(line: DigestLine) -> str:
    """Return how a piece of work stands: another date of a milestone is news on its day. Older digests kept no date."""
    if line.work is None or line.due is None:
        return line.severity
    return f"{line.severity} {line.due.date().isoformat()}"


def _cause(news: Sequence[DigestLine], seen: LastDigest) -> tuple[Section, DigestLine] | None:
    """Return the part for one cause by what happened to it since, and one line; None where that is nothing."""
    mark = max(tuple(seen.marks.get(name, ())) for name in (news[0].onboarding, news[0].id))
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
