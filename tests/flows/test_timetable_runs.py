"""The timetable applied to a real Prefect server, and a worker that runs from it by name."""

import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.flows.ops import Deployed, prefect

pytestmark = [pytest.mark.prefect, pytest.mark.slow, pytest.mark.xdist_group("prefect")]


def state_of(client: Any, flow_run_id: Any) -> Any:
    return client.read_flow_run(flow_run_id).state


def test_each_schedule_makes_runs_ahead(deployed: Deployed, client: Any) -> None:
    """With incompatible versions of its dependencies Prefect deploys without an error and never schedules anything."""
    wanted = {"onboard-accounts", "send-check-ins", "sync-crm", "escalate-stalled", "deliver", "report-metrics"}
    scheduled: set[str] = set()
    for _ in range(600):
        runs = client.read_flow_runs(limit=200)
        flows = {flow.id: flow.name for flow in client.read_flows()}
        scheduled = {flows[run.flow_id] for run in runs if run.state is not None and run.state.is_scheduled()}
        if scheduled >= wanted:
            break
        time.sleep(0.2)
    assert scheduled == wanted


def test_a_worker_runs_a_sweep_by_name_on_the_home_that_was_deployed(
    deployed: Deployed, client: Any, tmp_path: Path
) -> None:
    from config.sample_portfolio.sample import make_sample
    from database.engine import connect
    from database.upgrades import upgrade

    """From a queue of its own: a tick that is due stays in the common one, even where its schedule is paused, and a
    worker takes the oldest run first."""
    folder, settings = deployed
    only = ("--pool", "first90", "--work-queue", "by-name", "--run-once", "--limit", "1")
    found = client.read_deployment_by_name("onboard-accounts/every-10-minutes")
    assert found.job_variables["env"]["FIRST90_HOME"] == str(folder / "home")
    refused = client.create_flow_run_from_deployment(found.id, work_queue_name="by-name")
    elsewhere = {**settings, "FIRST90_HOME": str(tmp_path / "not-this-one")}
    prefect("worker", "start", *only, cwd=tmp_path, **elsewhere)
    state = state_of(client, refused.id)
    assert state.is_failed(), state
    assert "there is no database at" in state.message
    assert not (folder / "home").exists()

    make_sample(folder / "home" / "crm", datetime.fromisoformat("2026-03-04T12:00Z"))
    database = connect(f"sqlite:///{folder / 'home' / 'first90.db'}")
    upgrade(database)
    database.close()
    options = {"as_of": "2026-03-03T09:30Z"}
    accepted = client.create_flow_run_from_deployment(
        found.id, parameters={"options": options}, work_queue_name="by-name"
    )
    prefect("worker", "start", *only, cwd=tmp_path, **elsewhere)
    run = client.read_flow_run(accepted.id)
    assert run.state.is_completed(), run.state
    assert run.state.name == "Completed, 1 set aside"
    assert run.name == "onboard-accounts 2026-03-03 09:30Z"
    assert any((folder / "home" / "mail").rglob("*"))
    assert not (tmp_path / "not-this-one").exists()


def test_prefect_refuses_a_form_that_lacks_a_reason(deployed: Deployed, client: Any) -> None:
    found = client.read_deployment_by_name("onboard-account/by-hand")
    with pytest.raises(Exception, match="reason"):
        client.create_flow_run_from_deployment(found.id, parameters={"options": {"accounts": ["Acme"], "actor": "jo"}})
