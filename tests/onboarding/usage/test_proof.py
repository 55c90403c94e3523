"""When usage reached what a detection takes: several signals, users and counts, within a window, for a segment."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onboarding.model.playbook import MilestonePlan
from onboarding.model.usage import Detection, Event, Need, SegmentDetection, SignalUse
from onboarding.usage.proof import detection_for, reached
from tests.builders.case import ACCOUNT, CASE, DEAL
from tests.builders.playbook import build_playbook
from tests.examples import examples

DAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
NOW = DAY + timedelta(days=90)


def after(days: float) -> datetime:
    return DAY + timedelta(days=days)


def uses(**events: list[tuple[float, str]]) -> dict[str, SignalUse]:
    """Return the usage of some signals, each event a day and a user."""
    found = {}
    for name, some in events.items():
        of: tuple[Event, ...] = tuple((after(day), user, 1) for day, user in some)
        times = [at for at, _, _ in of]
        found[name] = SignalUse(
            name=name, total=len(of), users=len({user for _, user, _ in of}), first_at=min(times), last_at=max(times),
            events=of,
        )  # fmt: skip
    return found


SHARED = Detection(signal="shared", users=2, count=3, within_days=7, source="ours")


@pytest.mark.parametrize(
    ("events", "at"),
    [
        ([(0, "ann"), (1, "bo"), (6, "ann")], 6),
        ([(0, "ann"), (3, "bo"), (7, "ann")], None),
        ([(0, "ann"), (3, "bo"), (7, "ann"), (9, "ann")], 9),
        ([(0, "ann"), (1, "ann"), (2, "ann")], None),
        ([(6, "ann"), (1, "bo"), (0, "ann")], 6),
    ],
)
def test_users_and_events_must_come_within_the_window(events: list[tuple[float, str]], at: float | None) -> None:
    assert reached(SHARED, uses(shared=events), None, NOW) == (None if at is None else after(at))


def test_all_signals_are_needed_and_the_last_one_dates_it() -> None:
    both = Detection(signal="shared", also=(Need(signal="viewed", count=2),), within_days=10, source="ours")
    assert reached(both, uses(shared=[(0, "ann")]), None, NOW) is None
    assert reached(both, uses(shared=[(0, "ann")], viewed=[(1, "bo"), (9, "bo")]), None, NOW) == after(9)
    assert reached(both, uses(shared=[(0, "ann")], viewed=[(1, "bo"), (10, "bo")]), None, NOW) is None
    late = uses(shared=[(0, "ann")], viewed=[(1, "bo"), (80, "bo")])
    assert reached(replace(both, within_days=None), late, None, NOW) == after(80)


def test_what_came_before_a_correction_or_comes_later_does_not_count() -> None:
    used = uses(shared=[(0, "ann"), (1, "bo"), (2, "ann"), (20, "ann"), (21, "bo"), (22, "bo")])
    assert reached(SHARED, used, after(2), NOW) == after(22)
    assert reached(SHARED, used, None, after(1)) is None


def by_hand(detection: Detection, events: dict[str, list[tuple[float, str]]]) -> datetime | None:
    for day in sorted({day for some in events.values() for day, _ in some}):
        within = [
            [(at, user) for at, user in events.get(need.signal, []) if day - (detection.within_days or 999) < at <= day]
            for need in detection.needs
        ]
        if all(
            len({user for _, user in some}) >= need.users and len(some) >= need.count
            for some, need in zip(within, detection.needs, strict=True)
        ):
            return after(day)
    return None


EVENTS = st.lists(st.tuples(st.integers(0, 20), st.sampled_from(["ann", "bo", "eva"])), min_size=1, max_size=12)


@settings(max_examples=examples(150), derandomize=True)
@given(data=st.data(), shared=EVENTS, viewed=EVENTS, within=st.sampled_from([None, 1, 3, 8]))
def test_it_is_dated_as_by_hand_in_any_order(
    data: st.DataObject, shared: list[tuple[float, str]], viewed: list[tuple[float, str]], within: int | None
) -> None:
    detection = Detection(
        signal="shared", users=2, count=2, also=(Need(signal="viewed", count=2),), within_days=within, source="ours"
    )
    mixed = uses(shared=data.draw(st.permutations(shared)), viewed=data.draw(st.permutations(viewed)))
    assert reached(detection, mixed, None, NOW) == by_hand(detection, {"shared": shared, "viewed": viewed})


def test_a_product_or_an_industry_has_an_activation_of_its_own() -> None:
    plan = next(one for one in build_playbook().milestones() if one.name == "activation")
    bank = SegmentDetection(industries=("Banking",), signal=Detection(signal="audit_passed", source="ours"))
    sold = SegmentDetection(
        products=("Analytics",), industries=("banking", "Energy"), signal=Detection(signal="insight", source="ours")
    )
    both: MilestonePlan = replace(plan, signal_for=(sold, bank))
    case = replace(CASE, account=replace(ACCOUNT, industry="banking"))
    assert detection_for(both, CASE) is plan.signal
    assert detection_for(both, case) is bank.signal
    assert detection_for(both, replace(case, deals=(replace(DEAL, product="ANALYTICS"),))) is sold.signal
    assert detection_for(both, replace(case, deals=(replace(DEAL, product="Analytics", won=False),))) is bank.signal
    assert both.signals == ("content_shared", "insight", "audit_passed")
    with pytest.raises(ValueError, match="must say whose"):
        SegmentDetection(signal=Detection(signal="x", source="ours"))
