"""What the answers of services say of this machine's clock, without a request for it."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from integrations import far_clocks
from integrations.far_clocks import hear, heard

HOUR = timedelta(hours=1)


def date(ahead: timedelta = timedelta()) -> str:
    return format_datetime(datetime.now(UTC) + ahead, usegmt=True)


def test_an_answer_says_how_far_ahead_this_machine_is() -> None:
    hear("Slack", {"date": date(-3 * HOUR)})
    hear("Salesforce", {"Date": date(HOUR)})
    assert abs(heard()["Slack"].ahead - 3 * HOUR) < timedelta(seconds=5)
    assert abs(heard()["Salesforce"].ahead + HOUR) < timedelta(seconds=5)
    hear("Slack", {"DATE": date()})
    assert abs(heard()["Slack"].ahead) < timedelta(seconds=5), "the last one counts"


@pytest.mark.parametrize(
    "headers", [{}, {"Date": "soon"}, {"Date": date(-HOUR), "Age": "3600"}, {"Date": "Mon, 30 Nov 2026 10:00:00 -0000"}]
)
def test_one_without_a_moment_of_its_own_says_nothing(headers: dict[str, str]) -> None:
    hear("Slack", headers)
    assert heard() == {}


def test_what_was_heard_is_forgotten_once_the_clock_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    hear("Slack", {"date": date(-3 * HOUR)})
    monkeypatch.setattr(far_clocks, "machine_now", lambda: datetime.now(UTC) - 3 * HOUR)
    assert heard() == {}
