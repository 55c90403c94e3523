"""A fall of the health score and an imbalance open an episode with cause and next step: once, and not while they
waver."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding.health.quadrant import Imbalance, Quadrant
from onboarding.health.score import health
from onboarding.health.trend import last_fall
from onboarding.model.case import Case, Hold
from onboarding.model.usage import Usage
from onboarding.model.vocabulary import Concern, Stage, Status
from onboarding.review_case import Reviewed, review
from onboarding.simulation.apply import decided
from tests.builders.case import CASE, DEAL, SIGNED
from tests.builders.facts import build_done, build_fact, build_use
from tests.builders.playbook import playbook_with_stalls

RULES = {
    "health_falling": {"severity": "warning", "next_step": "Call {champion}.", "source": "HS-3"},
    "value_not_shown": {
        "after": {"days": 7},
        "severity": "warning",
        "next_step": "Agree the figures with {sponsor}.",
        "source": "FM-18",
    },
    "few_users": {"after": {"days": 7}, "severity": "warning", "next_step": "Train them.", "source": "FM-19"},
}
PLAYBOOK = playbook_with_stalls("mid", RULES)


def day(number: float) -> datetime:
    return SIGNED + timedelta(days=number)


def iso(number: int) -> str:
    return day(number).date().isoformat()


def known_case(now: datetime, **progress: Any) -> Case:
    """A case with some known inputs at ``now``."""
    used = Usage(known=True, read_at=now, signals=(build_use("login", (now - timedelta(hours=5), "ana")),))
    eased = build_fact("survey", "ces", SIGNED, value={"score": 4, "low": 1, "high": 7})
    asked = build_fact("ticket", "T-1", now - timedelta(days=1), value={"topic": "import", "sentiment": -0.5})
    return replace(CASE, usage=used, facts=(eased, asked), progress=replace(CASE.progress, **progress))


def fallen(now: datetime, by: int = 20) -> tuple[Case, int]:
    """Return a case whose history says that the score fell by so many points today, and the score."""
    score = review(known_case(now), PLAYBOOK, now).summary.health
    assert score is not None
    return known_case(now, health_history=((iso(1), score + by), (now.date().isoformat(), score))), score


def applied(found: Reviewed) -> Case:
    """Return the case as the database would give it after this review was saved."""
    return decided(found.case, found.review)


def test_a_fall_opens_one_episode_that_tells_cause_and_next_step_and_reaches_the_owner() -> None:
    case, score = fallen(day(20))
    found = review(case, PLAYBOOK, day(20))
    (episode,) = found.review.episodes
    assert (episode.kind, episode.severity, episode.since.date()) == ("health_falling", "warning", day(20).date())
    assert f"fell from {score + 20} to {score} by" in episode.cause
    assert "weak now: " in episode.cause
    assert episode.next_step == "Call Hanna Weber."
    assert [one.recipient for one in found.review.effects if one.kind == "stall"] == ["cleo@vendor.test"]
    assert [task for task in found.review.tasks if "Health fell" in task.text] == [], "one way to tell it, not two"


def test_the_same_fall_is_told_once_however_the_score_moves_below() -> None:
    case, score = fallen(day(20))
    case = applied(review(case, PLAYBOOK, day(20)))
    later = day(20.3)
    for now in (score + 3, score - 4, score + 8):
        history = (*case.progress.health_history, (iso(21), now))
        again = review(replace(case, progress=replace(case.progress, health_history=history)), PLAYBOOK, later)
        assert (again.review.episodes, again.review.decisions) == ((), ())
        assert [one for one in again.review.effects if one.kind == "stall"] == []


def test_it_ends_when_the_score_has_regained_half_or_two_weeks_have_passed() -> None:
    history = ((iso(1), 80), (iso(20), 60), (iso(22), 72), (iso(23), 73))
    assert last_fall(history, day(20)) == last_fall(history, day(22))
    assert last_fall(history, day(23)) is None
    low = ((iso(1), 80), (iso(20), 60))
    assert last_fall(low, day(33)) is not None
    assert last_fall(low, day(34)) is None
    case, _ = fallen(day(20))
    opened = applied(review(case, PLAYBOOK, day(20)))
    ended = review(replace(opened, usage=known_case(day(35)).usage), PLAYBOOK, day(35)).review
    assert [one.closed_at for one in ended.episodes] == [day(35)]


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 100)), max_size=20, unique_by=lambda one: one[0]))
def test_what_came_later_changes_no_fall_of_before(scores: list[tuple[int, int]]) -> None:
    history = tuple((iso(number), score) for number, score in sorted(scores))
    for number in range(0, 60, 7):
        cut = tuple(entry for entry in history if entry[0] <= iso(number))
        assert last_fall(history, day(number)) == last_fall(cut, day(number))


def test_one_that_a_person_declared_resolved_is_not_opened_again() -> None:
    case, _ = fallen(day(20))
    opened = applied(review(case, PLAYBOOK, day(20)))
    settled = replace(opened, episodes=(replace(opened.episodes[0], resolved_reason="a holiday"),))
    closed = applied(review(settled, PLAYBOOK, day(21)))
    assert closed.episodes[0].closed_at == day(21)
    assert review(closed, PLAYBOOK, day(22)).review.episodes == ()


def test_nothing_is_opened_on_hold_or_without_a_rule() -> None:
    case, _ = fallen(day(20))
    held = replace(case, holds=(Hold(since=day(19), reason="they asked", by="jo@vendor.test"),))
    assert review(held, PLAYBOOK, day(20)).review.episodes == ()
    bare = review(case, playbook_with_stalls("mid", {}), day(20)).review
    assert bare.episodes == ()
    assert any("Health fell by 20 points" in task.text for task in bare.tasks), "older playbooks tell it in the digest"


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.CHURNED, Status.CANCELLED])
def test_one_that_is_over_is_not_looked_at_again_for_its_score(status: Status) -> None:
    now = day(20)
    stage = Stage.DONE if status is Status.COMPLETED else Stage.SETUP
    case = known_case(now, status=status, stage=stage, closed_reason="it is over", health_history=((iso(1), 1),))
    found = review(case, PLAYBOOK, now)
    assert (found.review.progress.status, found.review.progress.health_history) == (status, ((iso(1), 1),))
    assert found.summary.health not in (None, 1)
    assert found.review.next_at[Concern.ESCALATIONS] is None


def test_what_the_score_opens_never_counts_in_the_score() -> None:
    rules = {**RULES, "health_falling": RULES["health_falling"] | {"severity": "critical"}}
    case, score = fallen(day(20))
    found = review(case, playbook_with_stalls("mid", rules), day(20))
    assert found.review.stalls[0].severity == "critical"
    assert found.summary.health == score
    soon = day(0.1)
    eased = build_fact("survey", "ces", SIGNED, value={"score": 7, "low": 1, "high": 7})
    asked = build_fact("ticket", "T-1", SIGNED, value={"topic": "import", "sentiment": 1})
    well = replace(known_case(soon), facts=(eased, asked))
    state = review(well, PLAYBOOK, soon).review.state
    opened, other = found.review.stalls[0], replace(found.review.stalls[0], kind="no_activity")
    assert health(well, state, (opened,), soon).score == health(well, state, (), soon).score
    assert health(well, state, (opened, other), soon).score == 74, "the control: another critical stall caps it"


def one_sided(now: datetime, **progress: Any) -> Case:
    """A case that many people use, whose only goal has come nowhere, and whose sponsor never answered."""
    users = tuple((now - timedelta(hours=number % 20), f"user{number}") for number in range(90))
    used = Usage(known=True, read_at=now, signals=(build_use("login", *users), build_use("quote", *users)))
    value = build_fact("goal_value", "Quote turnaround", SIGNED + timedelta(days=1), value={"value": 48})
    reply = build_fact("reply", "", SIGNED + timedelta(days=1), value={"person": "003CHAMPION"})
    live = build_done("go_live", at=SIGNED + timedelta(hours=2))
    deal = replace(DEAL, seats=90)
    return replace(
        CASE, usage=used, deals=(deal,), facts=(value, reply, *live), progress=replace(CASE.progress, **progress)
    )


def test_an_imbalance_that_lasts_a_week_opens_an_episode_and_one_that_ends_closes_it() -> None:
    first = review(one_sided(day(20)), PLAYBOOK, day(20))
    assert first.review.episodes == ()
    assert first.review.progress.unbalanced_at == day(20)
    kept = replace(one_sided(day(26)), progress=first.review.progress)
    assert review(kept, PLAYBOOK, day(26)).review.episodes == ()
    later = review(replace(one_sided(day(27)), progress=first.review.progress), PLAYBOOK, day(27))
    (episode,) = later.review.episodes
    assert (episode.kind, episode.since) == ("value_not_shown", day(20))
    assert episode.cause == "The users work with it, and nobody can show what it brings."
    assert episode.next_step == "Agree the figures with Erik Brandt."
    reached = build_fact("goal_value", "Quote turnaround", day(28), value={"value": 4})
    case = applied(later)
    replied = build_fact("reply", "", day(28), value={"person": "003EXECUTIVE_SPONSOR"})
    over = review(replace(case, facts=(*case.facts, reached, replied)), PLAYBOOK, day(28)).review
    assert over.progress.unbalanced_at is None
    assert [one.closed_at for one in over.episodes] == [day(28)]


@pytest.mark.parametrize(
    ("users", "customer", "before", "side"),
    [
        (75, 49, False, Imbalance.VALUE_NOT_SHOWN),
        (74, 49, False, None),
        (75, 50, False, None),
        (65, 59, True, Imbalance.VALUE_NOT_SHOWN),
        (64, 59, True, None),
        (65, 60, True, None),
        (49, 75, False, Imbalance.FEW_USERS),
        (59, 65, True, Imbalance.FEW_USERS),
        (60, 65, True, None),
        (None, 90, True, None),
    ],
)
def test_an_imbalance_begins_at_one_limit_and_ends_at_another(
    users: int | None, customer: int, before: bool, side: Imbalance | None
) -> None:
    assert Quadrant(users=users, customer=customer).imbalance(already=before) is side


def test_an_onboarding_that_is_over_is_not_looked_at_daily_for_a_history_that_has_ended() -> None:
    now = day(20)
    case = known_case(now, health_history=((iso(1), 99), (now.date().isoformat(), 98)))
    looks = review(case, PLAYBOOK, now).review.next_at[Concern.ESCALATIONS]
    assert looks == datetime.combine(now.date() + timedelta(days=1), time(), UTC), "tomorrow has an entry of its own"
    over = replace(case, progress=replace(case.progress, status=Status.COMPLETED, stage=Stage.DONE))
    found = review(over, PLAYBOOK, now).review
    assert found.next_at[Concern.ESCALATIONS] is None, found.tasks
