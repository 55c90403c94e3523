"""The digest of change: nothing that happened is left out of it, and nothing is told twice."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onboarding.escalations import digest_changes
from onboarding.escalations.digest import DigestLine
from onboarding.escalations.digest_changes import DigestChanges, LastDigest, Section, changes
from onboarding.escalations.digest_news import news_lines
from onboarding.model.case import Case, Episode
from onboarding.model.review import Review
from onboarding.model.vocabulary import NewsKind
from onboarding.review_case import review_context
from tests.builders.ladder import MONDAY, STUCK, THIN, WORSE, build_ladder_case
from tests.builders.playbook import build_playbook
from tests.examples import examples

WORK = DigestLine(owner_id="005CSM", onboarding="1", account="Acme", text="“Plan” is due.", severity="due", id="1:plan")


def read(
    lines: tuple[DigestLine, ...], last: LastDigest | None = None, days: int = 0, zone: str = "UTC"
) -> DigestChanges:
    return changes(lines, last, MONDAY + timedelta(days=days), zone)


def after(found: DigestChanges, days: int = 0) -> LastDigest:
    return LastDigest(day=(MONDAY + timedelta(days=days)).date(), works=found.works, marks=found.marks)


def parts(found: DigestChanges) -> dict[str, list[str]]:
    return {section.value: [line.text for line in lines] for section, lines in found.sections.items() if lines}


def test_work_comes_on_its_day_then_as_overdue_then_is_counted_and_at_last_done() -> None:
    due = replace(WORK, due=MONDAY + timedelta(days=1))
    assert parts(read((due,))) == {}
    today = read((due,), after(read((due,))), days=1)
    assert parts(today) == {"Due today": ["“Plan” is due."]}
    late = replace(WORK, severity="overdue", text="“Plan” was due.")
    worse = read((late,), after(today, 1), days=2)
    assert parts(worse) == {"Worse": ["“Plan” was due."]}
    same = read((late,), after(worse, 2), days=3)
    assert (parts(same), same.unchanged, same.waiting) == ({}, 1, True)
    done = read((replace(WORK, severity="done", text="Done."),), after(worse, 2), days=3)
    assert (parts(done), done.unchanged, done.waiting) == ({"Better": ["Done."]}, 0, False)
    assert parts(read((replace(WORK, severity="done"),))) == {}, "what was never asked for is not told as done"


def test_another_date_of_the_same_work_is_news_on_its_day() -> None:
    due = replace(WORK, work=("plan", "Plan"), due=MONDAY)
    first = read((due,))
    moved = replace(due, due=MONDAY + timedelta(days=1))
    assert parts(read((moved,), after(first), days=1)) == {"Due today": ["“Plan” is due."]}
    assert parts(read((due,), after(first), days=0)) == {}
    older = LastDigest(day=MONDAY.date(), works={due.id: "due"})
    assert parts(read((due,), older)) == {}, "digests of earlier versions kept no date"


def test_without_news_a_digest_is_worth_sending_once_a_week_while_something_stands() -> None:
    late = replace(WORK, severity="overdue")
    seen = after(read((late,)))
    assert [read((late,), seen, days=day).worth_sending for day in (1, 2, 4, 7)] == [False, False, False, True]
    assert not read((replace(late, severity="done"),), None, days=7).worth_sending, "nothing stands"
    assert read((late, replace(late, id="1:other")), seen, days=1).worth_sending


def test_today_is_the_readers() -> None:
    evening = replace(WORK, due=MONDAY.replace(hour=20))  # Tuesday in Tokyo
    assert parts(read((evening,), zone="Asia/Tokyo")) == {}
    assert parts(read((evening,), zone="America/New_York")) == {"Due today": ["“Plan” is due."]}


def test_a_look_back_comes_once_a_week() -> None:
    closed = DigestLine(owner_id="1", onboarding="1", account="A", text="closed", severity="low", closed=True)
    assert parts(read((closed,))) == {Section.CLOSED.value: ["closed"]}
    monday = LastDigest(day=MONDAY.date())
    assert parts(read((closed,), monday, days=4)) == {}
    assert parts(read((closed,), monday, days=7)) == {Section.CLOSED.value: ["closed"]}


def test_news_that_do_not_fit_come_with_the_next_digest() -> None:
    lines = tuple(
        DigestLine(
            owner_id="1",
            onboarding=f"{number:02}",
            account=f"{number:02}",
            text="found",
            severity="warning",
            id=f"{number:02}:cause",
            news=NewsKind.FOUND,
            mark=(1, 1),
        )
        for number in range(50)
    )
    first = read(lines)
    second = read(lines, after(first), days=1)
    assert (len(first.shown), first.left, len(second.shown), second.left) == (40, 10, 10, 0)
    assert {line.id for line in (*first.shown, *second.shown)} == {line.id for line in lines}


def test_what_is_done_but_does_not_fit_comes_with_the_next_digest() -> None:
    lines = tuple(replace(WORK, onboarding=f"{number:02}", id=f"{number:02}:plan") for number in range(50))
    first = read(tuple(replace(line, severity="overdue") for line in lines))
    second = read(tuple(replace(line, severity="overdue") for line in lines), after(first), days=1)
    done = tuple(replace(line, severity="done") for line in lines)
    third = read(done, after(second, 1), days=2)
    fourth = read(done, after(third, 2), days=3)
    assert [(len(one.shown), one.left) for one in (first, second, third, fourth)] == [(40, 10), (10, 0)] * 2
    assert set(parts(third)) == set(parts(fourth)) == {"Better"}


def test_the_look_back_has_a_place_in_the_longest_digest_and_names_all_that_closed() -> None:
    closed = tuple(
        DigestLine(owner_id="1", onboarding=name, account=name, text="closed", severity="low", closed=True)
        for name in ("Acme", "Bolt", "Cargo")
    )
    works = tuple(replace(WORK, onboarding=f"{number:02}", id=f"{number:02}:plan") for number in range(39))
    (line,) = read((*works, *closed)).sections[Section.CLOSED]
    assert (line.account, line.text) == ("3 more", "closed at Acme, Bolt and Cargo.")
    assert [line.account for line in read((*works[1:], *closed)).sections[Section.CLOSED]] == ["Acme", "2 more"]
    assert [line.account for line in read(closed).sections[Section.CLOSED]] == ["Acme", "Bolt", "Cargo"]


WORK_DAYS = st.dictionaries(
    st.sampled_from(["1:a", "1:b", "2:a", "2:b", "3:a"]),
    st.tuples(st.sampled_from(["overdue", "done"]), st.booleans()),
)


@settings(max_examples=examples(200))
@given(days=st.lists(WORK_DAYS, min_size=1, max_size=8))
def test_each_change_of_a_piece_of_work_is_told_once_also_after_a_rest_and_where_it_does_not_fit(
    days: list[dict[str, tuple[str, bool]]],
) -> None:
    """Work stands as on the day before unless its day says otherwise; the second value is whether it rests."""
    state: dict[str, tuple[str, bool]] = {}
    told: dict[str, str] = {}
    last: LastDigest | None = None
    with patch.object(digest_changes, "MOST_LINES", 2):
        for number, changed in enumerate([*days, *[{}] * 9]):
            state |= changed
            if number >= len(days):
                state = {name: (severity, False) for name, (severity, _) in state.items()}
            lines = tuple(replace(WORK, id=name, severity=is_, rests=rests) for name, (is_, rests) in state.items())
            digest = read(lines, last, number)
            for line in digest.shown:
                assert told.get(line.id) != line.severity, "nothing is told as its reader knows it"
                assert not line.rests
                told[line.id] = line.severity
            last = after(digest, number)
    assert digest.left == 0, "what is left over is told some day"
    assert told == {name: severity for name, (severity, _) in state.items() if severity != "done" or name in told}


def review_of(case: Case, episodes: tuple[Episode, ...]) -> Review:
    context = review_context(case, build_playbook(), MONDAY)
    return Review(
        case_key=case.key,
        version=1,
        state=context.state,
        progress=context.progress,
        criteria=(),
        episodes=episodes,
    )


STALLS = st.lists(st.sampled_from((STUCK, WORSE, THIN)), unique=True).map(
    lambda found: tuple(sorted(found, key=lambda stall: ("critical", "warning", "low").index(stall.severity)))
)


@pytest.mark.slow
@settings(max_examples=examples(150))
@given(
    days=st.lists(st.tuples(st.lists(STALLS, max_size=3), st.booleans()), min_size=1, max_size=8),
    most=st.sampled_from([3, 5, 40]),
)
def test_every_cause_that_came_or_went_is_in_exactly_one_digest_however_many_days_lie_between(
    days: list[tuple[list[Any], bool]], most: int
) -> None:
    with patch.object(digest_changes, "MOST_LINES", most):
        follow_causes(days)


def follow_causes(days: list[tuple[list[Any], bool]]) -> None:
    one, last = build_ladder_case(), None
    told: Counter[tuple[str, NewsKind]] = Counter()
    found: set[str] = set()
    gone: set[str] = set()
    for number, (moments, writes) in enumerate([*days, *[([], True)] * 9]):
        now = MONDAY + timedelta(days=number)
        for hour, stalls in enumerate(moments):
            one.stalls = stalls
            one.review(now + timedelta(hours=hour))
        if not writes:
            continue
        lines = tuple(news_lines(one.case, review_of(one.case, one.case.episodes), now + timedelta(hours=4)))
        digest = changes(lines, last, now + timedelta(hours=4), "UTC")
        told.update((line.id, line.news) for line in digest.shown if line.news)
        last = after(digest, number)
        lines = tuple(line for line in lines if line.news)
        for line in lines:
            (gone if line.news is NewsKind.GONE else found).add(line.id)
        live = {line.id for line in lines} - {line.id for line in lines if line.news is NewsKind.GONE}
        if not digest.left:
            assert digest.unchanged == len(live - {line.id for line in digest.shown})
    assert digest.left == 0
    assert all(count == 1 for count in told.values()), "nothing twice"
    assert {name for name, kind in told if kind is NewsKind.GONE} == gone
    assert {name for name, _ in told} >= found, "what came and went between two digests is told too"
