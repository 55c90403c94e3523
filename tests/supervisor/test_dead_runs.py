"""A flow run whose process is gone is marked as crashed by an automation on the server; one that lives is not."""

import json
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from prefect import flow
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import FlowRun
from prefect.events import Event
from prefect.flow_engine import FlowRunEngine
from prefect.states import Completed, Running

from supervisor.deployments.automations import DEAD_RUN, Told, as_automation, automations
from tests.flows.ops import whole_server

LIVES = "prefect.flow-run.heartbeat"
TAG = {"prefect.resource.id": "prefect.tag.first90", "prefect.resource.role": "tag"}


def dead_run() -> Told:
    (told,) = [one for one in automations(uuid4(), [uuid4()], lambda _: uuid4()) if one.name == DEAD_RUN]
    return told


@flow
def sweep() -> None:
    """Do nothing; it is begun by hand."""


@pytest.mark.prefect
def test_a_run_without_a_sign_of_life_is_marked_as_crashed_and_others_are_left_alone(tmp_path: Path) -> None:
    told = dead_run()
    sooner = replace(told, trigger=told.trigger.model_copy(update={"within": timedelta(seconds=10)}))
    with whole_server(tmp_path) as api, SyncPrefectClient(api) as client:
        client.create_automation(as_automation(sooner, []))
        time.sleep(1)  # the server reads new automations when it is told of them, which has no answer

        def begins(*tags: str) -> FlowRun:
            run = client.create_flow_run(sweep, tags=tags)
            client.set_flow_run_state(run.id, Running(), force=True)
            return run

        dead, alive, done, another = begins("first90"), begins("first90"), begins("first90"), begins()
        client.set_flow_run_state(done.id, Completed(), force=True)
        end = time.monotonic() + 60
        while state(client, dead) != "Crashed" and time.monotonic() < end:
            emit(api, {"prefect.resource.id": f"prefect.flow-run.{alive.id}"})
            time.sleep(1)
        assert state(client, dead) == "Crashed"
        found = client.read_flow_run(dead.id).state
        assert found is not None
        assert "No sign of life for 10 minutes" in str(found.message)
        assert [state(client, one) for one in (alive, done, another)] == ["Running", "Completed", "Running"]


def state(client: SyncPrefectClient, run: FlowRun) -> str:
    found = client.read_flow_run(run.id).state
    return str(found and found.name)


def emit(api: str, resource: Mapping[str, str]) -> None:
    event: Any = Event.model_validate({"event": LIVES, "resource": resource, "related": [TAG]})
    body = json.dumps([event.model_dump(mode="json")]).encode()
    asked = urllib.request.Request(f"{api}/events", body, {"Content-Type": "application/json"})
    urllib.request.urlopen(asked, timeout=10).close()


def test_the_signs_of_life_of_prefects_engine_are_those_that_the_automation_waits_for() -> None:
    engine = FlowRunEngine(flow=sweep)
    engine.flow_run = FlowRun(flow_id=uuid4(), tags=["first90"])
    resource, related = engine._build_heartbeat_event_template()
    trigger = dead_run().trigger
    assert resource["prefect.resource.id"] == f"prefect.flow-run.{engine.flow_run.id}"
    assert TAG in [dict(one) for one in related]
    assert LIVES in trigger.after & trigger.expect
    assert trigger.within > timedelta(seconds=3 * (engine.heartbeat_seconds or 0))
