"""First90 did not run for three days: operators get one summary, and the readers no burst."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from database.onboardings import overview
from flows.cycle import Cycle, run_cycle
from onboarding.effects.down_time import DOWN_TIME
from tests.reliability.house import House
from tests.reliability.small_portfolio import AS_OF

pytestmark = pytest.mark.slow
DAYS = timedelta(days=3)


def test_ops_get_one_summary_of_three_days_without_a_sweep(make_house: Callable[..., House]) -> None:
    house = make_house()
    house.context = replace(house.context, team=replace(house.context.team, ops_mail=("ops@vendor.example",)))

    def cycle(later: timedelta) -> None:
        run_cycle(house.fresh(later), Cycle(as_of=AS_OF + later, plain=True), lambda _: None)

    cycle(timedelta())
    cycle(timedelta(hours=1))
    assert told(house) == [], "an hour is no down time"
    for later in (DAYS, DAYS + timedelta(minutes=10), DAYS + timedelta(minutes=20)):
        cycle(later)
    found = told(house)
    assert sorted(line["channel"] for line in found) == ["mail", "slack"]
    assert {line["state"] for line in found} == {"sent"}
    chat = (house.home / "chat.jsonl").read_text("utf-8")
    assert "sweeps run again: none from" in chat
    (mail,) = [one for one in (house.home / "mail" / "new").iterdir() if b"ops@vendor.example" in one.read_bytes()]
    assert "Steps left out because they come too late" in mail.read_text("utf-8").replace("=\n", "")


def test_once_a_day_by_hand_is_a_rhythm_and_three_days_without_are_told_once(make_house: Callable[..., House]) -> None:
    house = make_house()

    def cycle(later: timedelta) -> None:
        run_cycle(house.fresh(later), Cycle(as_of=AS_OF + later, plain=True), lambda _: None)

    days = [number * timedelta(days=1) + number % 3 * timedelta(hours=2) for number in range(5)]
    for later in (*days, days[-1] + timedelta(minutes=5)):
        cycle(later)
    assert told(house) == []
    for later in (days[-1] + DAYS, days[-1] + DAYS + timedelta(days=1)):
        cycle(later)
    assert len(told(house)) == 1


def told(house: House) -> list[dict[str, object]]:
    with house.context.database.reading() as conn:
        return [dict(line) for line in overview.effect_lines(conn) if line["kind"] == DOWN_TIME]
