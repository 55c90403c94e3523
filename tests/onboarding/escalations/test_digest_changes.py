"""The digest of change: nothing that happened is left out of it, and nothing is told twice."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

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


@settings(max_examples=examples(150), deadline=None)
@given(days=st.lists(st.tuples(st.lists(STALLS, max_size=3), st.booleans()), min_size=1, max_size=8))
def test_every_cause_that_came_or_went_is_in_exactly_one_digest_however_many_days_lie_between(
    days: list[tuple[list[Any], bool]],
) -> None:
    one, last = build_ladder_case(), None
    told: Counter[tuple[str, NewsKind]] = Counter()
    found: set[str] = set()
    gone: set[str] = set()
    for number, (moments, writes) in enumerate([*days, ([], True)]):
        now = MONDAY + timedelta(days=number)
        for hour, stalls in enumerate(moments):
            one.stalls = stalls
            one.review(now + timedelta(hours=hour))
        if not writes:
            continue
        lines = tuple(news_lines(one.case, review_of(one.case, one.case.episodes), now + timedelta(hours=4)))
        digest = changes(lines, last, now + timedelta(hours=4), "UTC")
        told.update((line.id, line.news) for line in digest.shown if line.news)
        assert digest.left == 0
        last = LastDigest(day=date(2026, 1, 1), works=digest.works, marks=digest.marks)
        lines = tuple(line for line in lines if line.news)
        for line in lines:
            (gone if line.news is NewsKind.GONE else found).add(line.id)
        live = {line.id for line in lines} - {line.id for line in lines if line.news is NewsKind.GONE}
        assert digest.unchanged == len(live - {line.id for line in digest.shown})
    assert all(count == 1 for count in told.values()), "nothing twice"
    assert {name for name, kind in told if kind is NewsKind.GONE} == gone
    assert {name for name, _ in told} >= found, "what came and went between two digests is told too"
