"""What does not leave is always shown with its reason: stops above all else, then refusals and doubts."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from database.opening import open_database
from database.tables import EffectRow
from tests.integrations.slack.far_slack import BOT_TOKEN, MANAGERS, FarSlack, far_slack

First90 = Callable[..., Any]
LOOKS = (("status",), ("check",), ("run", "--plain"), ("run", "--dry-run"))
SAID = "by jo@example.com: the welcome names another customer."


def flat(out: str) -> str:
    return " ".join(out.split())


@pytest.mark.parametrize(
    ("channel", "headline", "mend"),
    [
        ((), "STOPPED: nothing leaves, on any channel", "first90 start lets"),
        pytest.param(
            *(("--channel", "mail"), "STOPPED: no mail leaves", "first90 start --channel mail lets"),
            marks=pytest.mark.slow,
        ),
        pytest.param(
            *(("--channel", "crm"), "STOPPED: nothing is written to the CRM", "first90 start --channel crm lets"),
            marks=pytest.mark.slow,
        ),
    ],
)
def test_a_stop_stands_above_all_else(
    home: Path, first90: First90, moment: str, channel: tuple[str, ...], headline: str, mend: str
) -> None:
    assert (
        first90("stop", *channel, "--reason", "the welcome names another customer", "--by", "jo@example.com").code == 0
    )
    for look in LOOKS:
        said = first90(*look, *(("--as-of", moment) if look[0] == "run" else ()))
        first, *rest = said.out.strip().splitlines()
        assert first == f"*** {headline} ***", look
        told = flat(" ".join(rest[:4]))
        assert told.startswith("Since "), look
        assert " UTC, " + SAID in told, look
        assert mend in told, look
        assert max(map(len, rest[:4])) <= 80, look
    for look in (("status", "--json"), ("check", "--json")):
        said = first90(*look)
        assert isinstance(said.json, list)
        assert f"{headline}. Since " in said.err
        assert SAID in said.err
    (stop,) = first90("run", "--plain", "--json", "--as-of", moment).json["stops"]
    assert stop["by"] == "jo@example.com"
    assert stop["reason"] == "the welcome names another customer"
    assert first90("start", "--by", "jo@example.com").code == 0
    for look in LOOKS:
        assert "STOPPED" not in first90(*look, *(("--as-of", moment) if look[0] == "run" else ())).out


@pytest.fixture
def slack(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FarSlack]:
    """Return a workspace without any of our people, to whose channel the app was not invited."""
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    with far_slack() as there:
        given = {"CHAT": "slack", "SLACK_TOKEN": BOT_TOKEN, "SLACK_CHANNEL": MANAGERS, "SLACK_API_URL": there.api_url}
        for name, value in given.items():
            monkeypatch.setenv(f"FIRST90_{name}", value)
        there.joined.discard(MANAGERS)
        yield there


def later(moment: str, days: float) -> str:
    return (datetime.fromisoformat(moment) + timedelta(days=days)).isoformat()


@pytest.mark.slow
def test_what_slack_refuses_is_told_by_the_run_that_met_it_and_by_status(
    slack: FarSlack, first90: First90, moment: str
) -> None:
    run = first90("run", "--plain", "--as-of", later(moment, 1))
    told = flat(run.out)
    assert run.code == 1
    assert "Does not leave now" in told
    for said in (told, flat(first90("status").out)):
        assert "Slack refused chat.postMessage: not_in_channel" in said
        assert "invite the app to the channel of FIRST90_SLACK_CHANNEL (/invite)" in said
    again = flat(first90("run", "--plain", "--as-of", later(moment, 1.0001)).out)
    assert "Nothing new" not in again
    assert "invite the app" in again
    slack.joined.add(MANAGERS)


@pytest.mark.slow
def test_a_doubt_that_cannot_be_asked_about_is_told(home: Path, slack: FarSlack, first90: First90, moment: str) -> None:
    slack.mood = lambda method, number: "page 503"
    database = open_database(f"sqlite:///{home / 'first90.db'}", create=False)
    long_ago = datetime.now(UTC) - timedelta(minutes=5)
    with database.writing() as conn:
        posts = update(EffectRow).where(EffectRow.channel == "slack", EffectRow.state == "sent")
        given = {"state": "sending", "lease_token": "dead", "lease_until": long_ago, "sent_at": None}
        count = conn.execute(posts.values(provider_id=None, error=None, **given)).rowcount
    database.close()
    assert count
    run = first90("run", "--plain", "--json", "--as-of", moment)
    assert run.code == 1
    assert run.json["effects"]["slack"]["unknown"] == count
    (doubt,) = run.json["held_up"]
    assert (doubt["channel"], doubt["count"], doubt["in_doubt"]) == ("slack", count, True)
    assert "cannot be asked now" in doubt["error"]
    told = [flat(first90(*look).out) for look in (("run", "--plain", "--as-of", moment), ("status",), ("effects",))]
    for said in told:
        assert "it cannot be asked now: Slack cannot tell whether it arrived: Slack refused" in said
        assert "Nothing new" not in said
    for said in told[:2]:
        assert f"{count} Slack messages wait, in doubt whether" in said
