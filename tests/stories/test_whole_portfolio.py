"""The sample as a whole: what a second cycle does, and that every story ends the same on whatever day it is made."""

from datetime import UTC, datetime
from typing import Any

import pytest

from config.sample_portfolio.stories import stories


def test_every_won_and_readable_deal_is_onboarded(seen: Any) -> None:
    intake = seen.cycles[0].flows[0].intake
    outside = {"deal_reopened", "unreadable_row", "still_open"}
    assert intake.seen == sum(len(told.deals) for told in stories() if told.story not in outside)
    assert intake.opened + intake.adopted == len(seen.lines) == len(stories()) - len(outside)
    assert intake.extended == sum(len(told.deals) - 1 for told in stories() if told.story not in outside) == 2
    assert {line["tier"] for line in seen.lines} == {"high", "mid", "tech"}
    assert {line["stage"] for line in seen.lines} == {"handoff", "kickoff", "setup", "training", "first_value", "done"}


def test_nothing_fails_and_nothing_is_in_doubt(seen: Any) -> None:
    assert seen.cycles[0].failures == ()
    assert {one["state"] for one in seen.effects} <= {"sent", "planned", "withheld"}


def test_no_mail_leaves_outside_of_its_readers_working_hours(seen: Any) -> None:
    sent = [one for one in seen.effects if one["channel"] == "mail" and one["state"] == "sent"]
    assert len(sent) == len(seen.mails) > 10
    awake = {told.account.domain for told in stories() if 7 <= _local_hour(seen.as_of, told.account.zone) < 18}
    assert {one["recipient"].partition("@")[2].lower() for one in sent} <= awake


@pytest.mark.slow
def test_a_second_cycle_opens_plans_and_sends_nothing(begun: Any) -> None:
    home = begun(datetime(2026, 3, 8, 21, 0, tzinfo=UTC))
    before, effects = home.files(), home.effects
    report = home.run()
    assert report.failures == ()
    assert (report.flows[0].intake.opened, report.flows[0].intake.adopted) == (0, 0)
    assert sum(part.sent for flow in report.flows for part in flow.deliveries) == 0
    assert home.effects == effects
    assert home.files() == before


@pytest.mark.slow
@pytest.mark.parametrize(
    "today",
    [datetime(2026, 8, 2, 8, 0, tzinfo=UTC), datetime(2027, 1, 3, 3, 0, tzinfo=UTC)],
    ids=["summer", "new-year"],
)
def test_every_story_ends_the_same_whatever_the_day(seen: Any, begun: Any, today: datetime) -> None:
    other = begun(today)
    assert _endings(other) == _endings(seen)


def _endings(found: Any) -> dict[str, Any]:
    endings = {}
    for told in stories():
        line = found.line(told.story)
        if line is not None:
            steps = {one["kind"] for channel in ("mail", "slack") for one in found.owed(told.story, channel)}
            endings[told.story] = (line["status"], line["stage"], line["tier"], line["stall_severity"], sorted(steps))
    return endings


def _local_hour(at: datetime, zone: str) -> int:
    from zoneinfo import ZoneInfo

    return at.astimezone(ZoneInfo(zone)).hour
