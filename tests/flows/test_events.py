"""Events reach the real Prefect server, name ids only, and a second run sends none."""

import shutil
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prefect import get_client
from prefect.events.filters import EventFilter, EventNameFilter, EventOccurredFilter

from config.settings.load import BUNDLED
from flows.deliver import deliver
from flows.escalate_stalled import escalate_stalled
from flows.onboard_accounts import onboard_accounts
from flows.options import DeliveryOptions, FlowOptions

pytestmark = [pytest.mark.prefect, pytest.mark.usefixtures("prefect_api"), pytest.mark.xdist_group("prefect")]


def heard(since: datetime, at_least: int = 0) -> list[dict[str, Any]]:
    """Return our events on the server since then; they arrive a little after they are sent."""
    asked = EventFilter(event=EventNameFilter(prefix=["first90."]), occurred=EventOccurredFilter(since=since))
    found: list[dict[str, Any]] = []
    with get_client(sync_client=True) as client:
        for _ in range(600):
            answer = client.request(
                "POST", "/events/filter", json={"filter": asked.model_dump(mode="json"), "limit": 50}
            )
            page = answer.json()
            found, more = page["events"], page.get("next_page")
            while more:
                page = client.request("GET", more.partition("/api")[2]).json()
                found, more = found + page["events"], page.get("next_page")
            if len(found) >= at_least:
                break
            time.sleep(0.1)
    return found


def test_what_happened_rings_once_and_names_ids_only(
    home: Path, sample_moment: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    templates = tmp_path / "templates"
    shutil.copytree(BUNDLED / "templates", templates)
    welcome = templates / "mail" / "welcome.md"
    welcome.write_text(welcome.read_text(encoding="utf-8") + "\n{{ 1 // 0 }}\n", encoding="utf-8")
    monkeypatch.setenv("FIRST90_TEMPLATES", str(templates))
    began = datetime.now(UTC)
    for moment in (sample_moment, sample_moment + timedelta(days=1)):
        onboard_accounts(FlowOptions(as_of=moment))
        escalate_stalled(FlowOptions(as_of=moment))
    first = heard(began, at_least=6)
    names = Counter(event["event"] for event in first)
    assert {"first90.effect.dead", "first90.account.stalled", "first90.stage.entered"} <= set(names)
    assert "@" not in str([(event["resource"], event["payload"]) for event in first])
    dead = next(event for event in first if event["event"] == "first90.effect.dead")
    assert dead["resource"]["prefect.resource.id"] == f"first90.effect.{dead['payload']['effect']}"
    assert dead["payload"]["channel"] == "mail"
    assert dead["related"], "Prefect adds the flow run that it came from"
    time.sleep(1)
    first = heard(began, at_least=len(first))
    said = Counter((event["event"], event["resource"]["prefect.resource.id"], str(event["payload"])) for event in first)
    assert set(said.values()) == {1}
    again = datetime.now(UTC)
    for flow in (onboard_accounts, escalate_stalled):
        flow(FlowOptions(as_of=sample_moment + timedelta(days=1)))
    deliver(DeliveryOptions(as_of=sample_moment + timedelta(days=1)))
    time.sleep(1)
    assert heard(again) == []
