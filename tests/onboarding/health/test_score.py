"""Health: a score with its parts, and unknown rather than healthy."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onboarding.facts.fold import fold_facts
from onboarding.health.score import Health, health
from onboarding.model.case import Case, Stall
from onboarding.model.parties import Deal
from onboarding.model.state import Milestone
from onboarding.model.usage import Usage
from onboarding.model.vocabulary import Side, Stage
from tests.builders.case import CASE
from tests.builders.facts import build_use
from tests.builders.playbook import build_playbook
from tests.examples import examples

Make = Callable[..., Any]
SIGNED = datetime(2026, 3, 2, 9, tzinfo=UTC)
NOW = SIGNED + timedelta(days=60)
GONE = Stall(
    kind="champion_left",
    severity="critical",
    cause="The champion left.",
    waiting_on="customer",
    since=SIGNED,
    next_step="Ask",
)


def _milestone(name: str, side: Side, due: int, done: int | None) -> Milestone:
    return Milestone(
        name=name,
        title=name,
        stage=Stage.SETUP,
        side=side,
        owner_role="csm",
        exit=True,
        status="open" if done is None else "done",
        due_at=SIGNED + timedelta(days=due),
        done_at=None if done is None else SIGNED + timedelta(days=done),
    )


def _health(
    case: Case,
    playbook: Any,
    *milestones: Milestone,
    stalls: tuple[Stall, ...] = (),
    effort: float | None = None,
    live: bool = True,
    now: datetime = NOW,
) -> Health:
    state = replace(
        fold_facts(case, playbook, now),
        milestones={one.name: one for one in milestones},
        effort_score=effort,
        go_live_at=SIGNED + timedelta(days=30) if live else None,
    )
    return health(case, state, stalls, now)


@pytest.fixture
def used() -> Callable[..., Case]:
    """A case of ten seats whose users were seen so many days before NOW."""

    def make(*days: int, seats: int | None = 10) -> Case:
        events = tuple((NOW - timedelta(days=day), f"user{number}") for number, day in enumerate(days))
        usage = Usage(known=True, read_at=NOW, signals=(build_use("login", *events),) if events else ())
        deal: Deal = CASE.deals[0]
        return replace(CASE, usage=usage, deals=(replace(deal, seats=seats),))  # type: ignore[no-any-return]

    return make


def test_a_new_customer_is_unknown_and_not_red() -> None:
    found = _health(CASE, build_playbook(), live=False, now=SIGNED + timedelta(days=2))
    assert (found.score, found.band) == (None, "unknown")
    assert all(part.score is None and part.points == 0 for part in found.parts)


def test_all_on_time_all_in_use_and_easy_is_green(used: Make) -> None:
    done = (_milestone("a", Side.VENDOR, 10, 9), _milestone("b", Side.CUSTOMER, 10, 10))
    found = _health(used(*([1] * 10)), build_playbook(), *done, effort=10)
    assert (found.score, found.band) == (100, "green")
    assert [part.points for part in found.parts if part.score is not None] == [20] * 5


def test_late_work_counts_half_and_open_work_nothing(used: Make) -> None:
    work = (_milestone("a", Side.VENDOR, 10, 12), _milestone("b", Side.CUSTOMER, 10, None))
    parts = {part.name: part for part in _health(used(1), build_playbook(), *work).parts}
    assert (parts["milestones"].score, parts["responsiveness"].score) == (25, 0)
    assert parts["milestones"].why == "1 of 2 due are open"


@pytest.mark.parametrize(("quiet", "score"), [(0, 100), (7, 100), (30, 0), (45, 0)])
def test_use_fades_from_a_week_to_a_month(used: Make, quiet: int, score: int) -> None:
    parts = {part.name: part for part in _health(used(quiet), build_playbook()).parts}
    assert parts["use"].score == score


def test_usage_that_is_not_read_or_not_connected_is_unknown(used: Make) -> None:
    case = used(1)
    for usage in (replace(case.usage, known=False), replace(case.usage, read_at=NOW - timedelta(days=8))):
        parts = {part.name: part for part in _health(replace(case, usage=usage), build_playbook()).parts}
        assert parts["use"].score is None


def test_never_used_counts_nothing_only_once_it_is_live(used: Make) -> None:
    for live, score in ((True, 0), (False, None)):
        parts = {part.name: part for part in _health(used(), build_playbook(), live=live).parts}
        assert parts["use"].score == score


def test_seats_without_users_lower_it_and_unknown_seats_do_not(used: Make) -> None:
    for seats, score in ((10, 20), (1, 100), (None, None)):
        parts = {part.name: part for part in _health(used(1, 2, seats=seats), build_playbook()).parts}
        assert parts["breadth"].score == score


def test_a_champion_who_left_halves_what_the_customer_answers(used: Make) -> None:
    done = _milestone("b", Side.CUSTOMER, 10, 10)
    found = _health(used(1), build_playbook(), done, stalls=(GONE,))
    part = {part.name: part for part in found.parts}["responsiveness"]
    assert (part.score, part.why) == (50, "0 of 1 of the customer's due are open; champion left")


@settings(max_examples=examples(150))
@given(
    effort=st.one_of(st.none(), st.floats(0, 10)),
    done=st.lists(st.tuples(st.sampled_from(Side), st.integers(1, 59), st.one_of(st.none(), st.integers(1, 59)))),
    days=st.lists(st.integers(0, 50), max_size=6),
    seats=st.one_of(st.none(), st.integers(1, 20)),
)
def test_the_points_of_the_parts_are_the_score(
    effort: float | None,
    done: list[Any],
    days: list[int],
    seats: int | None,
) -> None:
    events = tuple((NOW - timedelta(days=day), f"user{number}") for number, day in enumerate(days))
    usage = Usage(known=True, read_at=NOW, signals=(build_use("login", *events),) if events else ())
    case = replace(CASE, usage=usage, deals=(replace(CASE.deals[0], seats=seats),))
    work = (_milestone(f"m{number}", *row) for number, row in enumerate(done))
    found = _health(case, build_playbook(), *work, effort=effort)
    known = [part for part in found.parts if part.score is not None]
    if found.score is None:
        assert len(known) < 3
        assert found.band == "unknown"
    else:
        assert sum(part.points for part in found.parts) == found.score
        assert 0 <= found.score <= 100
        assert sum(part.weight for part in found.parts) == pytest.approx(1)
        band = "green" if found.score >= 75 else "yellow" if found.score >= 50 else "red"
        assert found.band == band
