"""Whether usage still arrives: the last accounts heard of, in any order, and when their silence is the source's."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from onboarding.usage.arrival import IN_USE, QUIET, UNREAD, heard_at, stopped, with_event
from tests.examples import examples

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
MOMENT = st.integers(0, 40).map(lambda days: NOW - timedelta(days=days))


@settings(max_examples=examples(100), derandomize=True)
@given(data=st.data(), last=st.lists(MOMENT, max_size=6))
def test_order_changes_nothing(data: st.DataObject, last: list[datetime]) -> None:
    assert heard_at(data.draw(st.permutations(last))) == heard_at(last)
    assert heard_at(last) in (None, max(last, default=None))


def test_only_several_accounts_in_use_tell_a_dead_source_from_silent_customers() -> None:
    two = [NOW, NOW - timedelta(days=1)]
    assert heard_at(two) is None
    assert heard_at([*two, NOW - IN_USE]) is None
    assert heard_at([*two, NOW - IN_USE + timedelta(hours=1)]) == NOW


def test_it_is_told_after_a_long_weekend_and_in_the_same_words_ever_after() -> None:
    assert stopped(NOW, NOW - QUIET, NOW) is None
    later = NOW + timedelta(days=30)
    first = stopped(NOW, NOW - QUIET - timedelta(seconds=1), NOW)
    assert first == "No product usage of any account has arrived since 30 April 2026."
    assert stopped(later, NOW - QUIET - timedelta(seconds=1), later) == first
    assert stopped(NOW, None, NOW + UNREAD) is None
    assert stopped(NOW, NOW, NOW + UNREAD + timedelta(seconds=1)) == (
        "The source of product usage was last read on 4 May 2026."
    )
    assert stopped(None, None, NOW) is None


@settings(max_examples=examples(60), derandomize=True)
@given(data=st.data(), events=st.lists(st.tuples(st.sampled_from("abcde"), MOMENT), max_size=12))
def test_the_accounts_heard_of_last_are_the_same_in_any_order(
    data: st.DataObject, events: list[tuple[str, datetime]]
) -> None:
    def after(some: list[tuple[str, datetime]]) -> Mapping[str, datetime]:
        last: Mapping[str, datetime] = {}
        for account, at in some:
            last = with_event(last, account, at)
        return last

    assert after(data.draw(st.permutations([*events, *events[:3]]))) == after(events)
