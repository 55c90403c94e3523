"""The same limits for dates and counts from every source."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from onboarding.dates.limits import YEARS, bounded, in_years
from onboarding.stages.kickoff import instant

ZONES = st.sampled_from([UTC, timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))])


@given(at=st.datetimes(timezones=ZONES))
def test_a_stored_moment_can_be_reckoned_with_whatever_it_was(at: datetime) -> None:
    kept = bounded(at)
    assert YEARS[0] <= kept.astimezone(UTC).year <= YEARS[-1]
    if at.year not in (1, 9999) and in_years(at.astimezone(UTC)):
        assert kept == at
    for zone in (ZoneInfo("Pacific/Kiritimati"), ZoneInfo("Etc/GMT+12")):
        kept.astimezone(zone)
    assert kept + timedelta(days=3650) > kept - timedelta(days=3650)


def test_a_fact_of_the_last_day_of_the_calendar_does_not_overflow() -> None:
    found = instant("9999-12-31T23:59:59-12:00")
    assert found is not None
    assert found.year == YEARS[-1]
    assert instant("0001-01-01T00:00:00+14:00") == datetime(YEARS[0], 1, 1, tzinfo=UTC)
