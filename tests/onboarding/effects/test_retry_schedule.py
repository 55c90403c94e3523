"""The retry schedule: never sooner than requested, never beyond three days, and deterministic."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from onboarding.effects.retry_schedule import JITTER, LONGEST, MOST_ATTEMPTS, WAITS, next_try
from tests.examples import examples

FIRST = datetime(2026, 3, 4, 10, tzinfo=UTC)

tries = st.integers(0, 40)
ages = st.timedeltas(timedelta(), timedelta(days=5))
asked = st.none() | st.floats(-1e9, 1e12)
keys = st.text(min_size=1, max_size=20)


@settings(max_examples=examples(300))
@given(tries, ages, asked, keys)
def test_the_next_try_is_later_soon_enough_and_the_same_when_asked_again(attempts, age, retry_after, key):
    now = FIRST + age
    at = next_try(attempts, FIRST, now, retry_after, key)
    assert at == next_try(attempts, FIRST, now, retry_after, key)
    if at is None:
        return
    assert attempts < MOST_ATTEMPTS
    assert at - FIRST <= LONGEST
    plain = WAITS[min(max(attempts, 1), len(WAITS)) - 1]
    assert at - now >= plain * (1 - JITTER)
    if retry_after is None or retry_after <= 0:
        assert at - now <= plain * (1 + JITTER)
    else:
        assert at - now >= timedelta(seconds=retry_after)


def test_it_is_given_up_after_three_days_or_when_asked_to_wait_longer():
    assert next_try(3, FIRST, FIRST + timedelta(hours=72), None, "k") is None
    assert next_try(1, FIRST, FIRST, 73 * 3600, "k") is None
    assert next_try(MOST_ATTEMPTS, FIRST, FIRST, None, "k") is None


def test_the_waits_are_those_of_the_requirement():
    waits = [next_try(n, FIRST, FIRST, None, "k") - FIRST for n in range(1, 9)]
    minutes = [0.5, 2, 10, 30, 120, 120, 240, 360]
    assert all(0.8 <= wait / timedelta(minutes=m) <= 1.2 for wait, m in zip(waits, minutes, strict=True))


def test_effects_that_failed_together_do_not_come_back_together():
    assert len({next_try(1, FIRST, FIRST, None, f"k{n}") for n in range(50)}) > 40
