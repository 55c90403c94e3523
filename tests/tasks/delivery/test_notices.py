"""The cap of Slack messages a day through the ledger: nothing above it, and no news is lost by it."""

import json
import shutil
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config.settings.load import BUNDLED, load_settings
from integrations.ports import OutgoingMessage
from integrations.slack.file import ChatFile
from onboarding.effects.send_result import ResultState, SendResult
from tasks.commands.deliveries import retry_effects
from tasks.simulation.simulate import Simulation, simulate

CSM = "csm@vendor.example"
CUSTOMERS = range(1, 6)
SHORT_NOTE = """
  - name: look_at_the_deal
    title: Look at the deal
    due: {from: signature, source: ours}
    late: {send_for_hours: 1, then: skip, source: ours}
    handoff_first: false
    slack: {to: [csm], says: "Signed."}
"""


@pytest.fixture
def capped(office: Any, tmp_path: Any) -> Any:
    """Return the office with five customers whose kickoff is not booked; a person gets three messages a day."""
    shutil.copytree(BUNDLED / "playbooks", tmp_path / "playbooks")
    for path in (tmp_path / "playbooks").glob("*.yaml"):
        text = path.read_text("utf-8")
        path.write_text(text.replace("messages_a_day: 12", "messages_a_day: 3"), "utf-8")
    office.setenv("FIRST90_PLAYBOOKS", str(tmp_path / "playbooks"))
    for number in CUSTOMERS:
        office.customer(number)
    office.run()
    return office


def notified(office: Any, person: str = CSM) -> list[Any]:
    return [post for post in office.told(person) if post["method"] == "chat.postMessage"]


def opening(office: Any) -> set[str]:
    """Return the customers whose thread has its first message."""
    mine = [post["text"] for post in notified(office) if not post.get("thread_ts") and "kickoff" in post["text"]]
    return {f"Customer {number}" for number in CUSTOMERS if any(f"Customer {number}: kickoff" in text for text in mine)}


def refuse_gathered(
    monkeypatch: pytest.MonkeyPatch, times: int, state: ResultState = ResultState.TRANSIENT
) -> list[str]:
    """Let Slack refuse the messages with gathered news so often; return the keys of the refused."""
    refused: list[str] = []
    send = ChatFile.send

    def refusing(self: ChatFile, messages: Sequence[OutgoingMessage]) -> Sequence[SendResult]:
        found: list[SendResult] = []
        for one in messages:
            if "more changes" in json.dumps(one.payload) and len(refused) < times:
                refused.append(one.key)
                found.append(SendResult(state=state, error="503"))
            else:
                found += send(self, [one])
        return found

    monkeypatch.setattr(ChatFile, "send", refusing)
    return refused


def morning_after(office: Any) -> None:
    """Run until the morning on which the kickoffs of two customers turn critical; three more have no message yet."""
    office.run("2026-03-03T13:00")
    assert len(notified(office)) == 3, "the first messages of two customers, and the digest"
    office.run("2026-03-04T09:00")


@pytest.mark.slow
def test_a_day_of_many_alerts_stays_under_the_cap_and_no_news_is_lost(
    capped: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = refuse_gathered(monkeypatch, 1)
    morning_after(capped)
    assert len(refused) == 1, "the replies about both are gathered, and Slack refuses that"
    capped.done("kickoff_booked", on="2026-03-04T09:05")
    for hour in (10, 11, 12):
        capped.run(f"2026-03-04T{hour}:00")
    (gathered,) = [post for post in notified(capped) if "more changes" in post["text"]]
    assert "2 more changes in your onboardings today" in gathered["text"]
    for number in (1, 2):
        assert f"Customer {number}: now critical" in json.dumps(gathered)
    assert len(opening(capped)) == 3, "the last place but one of the day takes one more first message"
    for day in (5, 6, 9, 10):
        for hour in (9, 13):
            capped.run(f"2026-03-{day:02}T{hour:02}:00")
    assert opening(capped) == {f"Customer {number}" for number in CUSTOMERS}
    assert any("Customer 1: over" in post["text"] for post in notified(capped) if post.get("thread_ts"))
    days = Counter(datetime.fromtimestamp(float(post["ts"]), UTC).date() for post in notified(capped))
    assert max(days.values()) <= 3, days


@pytest.mark.slow
def test_gathered_news_that_slack_refuses_for_good_are_kept_and_leave_when_a_person_has_them_tried_again(
    capped: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = refuse_gathered(monkeypatch, 1, ResultState.PERMANENT)
    morning_after(capped)
    assert [line["key"] for line in capped.effects(kind="gathered", state="dead")] == refused
    capped.order(retry_effects, refused, on="2026-03-04T10:00")
    capped.run("2026-03-04T10:05")
    assert any("2 more changes" in post["text"] for post in notified(capped))


@pytest.mark.slow
def test_gathered_news_that_slack_refuses_until_the_evening_wait_for_the_next_morning(
    capped: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_gathered(monkeypatch, 1)
    morning_after(capped)
    capped.run("2026-03-04T22:00")
    assert not any("more changes" in post["text"] for post in notified(capped))
    capped.run("2026-03-05T09:00")
    assert any("2 more changes" in post["text"] for post in notified(capped))


@pytest.mark.slow
def test_notes_that_are_useful_for_an_hour_only_wait_for_a_day_with_room_and_none_is_lost(
    office: Any, tmp_path: Path
) -> None:
    playbooks = shutil.copytree(BUNDLED / "playbooks", tmp_path / "playbooks")
    for path in playbooks.glob("*.yaml"):
        text = path.read_text("utf-8").replace("messages_a_day: 12", "messages_a_day: 3")
        path.write_text(text.replace("\nsteps:\n", f"\nsteps:\n{SHORT_NOTE}"), "utf-8")
    office.setenv("FIRST90_PLAYBOOKS", str(playbooks))
    for number in CUSTOMERS:
        office.customer(number)
    for day in (2, 3, 4, 5, 6):
        for hour in (10, 14):
            office.run(f"2026-03-{day:02}T{hour}:00")
    told = [post["text"] for post in notified(office) if "Look at the deal" in post["text"]]
    assert len(told) == len(set(told)) == len(CUSTOMERS)
    days = Counter(datetime.fromtimestamp(float(post["ts"]), UTC).date() for post in notified(office))
    assert max(days.values()) <= 3, days


@pytest.mark.slow
def test_a_simulation_goes_on_with_the_messages_that_a_day_has_had(capped: Any, tmp_path: Path) -> None:
    """The simulated day begins where the live one ended: two of three messages were sent, and the digest too."""
    capped.run("2026-03-03T13:00")
    capped.done("kickoff_booked", on="2026-03-03T13:05")
    start = datetime(2026, 3, 3, 13, 10, tzinfo=UTC)
    plan = Simulation(start=start, days=1, out=tmp_path / "out")
    simulate(load_settings(env_file=None), plan, lambda _: None)
    posts = [json.loads(line) for line in (tmp_path / "out/slack.jsonl").read_text("utf-8").splitlines()]
    mine = [post for post in posts if post["channel"] == CSM and post["method"] == "chat.postMessage"]
    told = [datetime.fromtimestamp(float(post["ts"]), UTC) for post in mine]
    assert told, "what did not fit leaves the next morning"
    assert min(told).date() == start.date() + timedelta(days=1)
