"""The timetable in prefect.yaml: what is promised to ops holds for every deployment."""

import importlib
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect import Flow

ROOT = Path(__file__).resolve().parent.parent
TIMETABLE: dict[str, Any] = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))
DEPLOYMENTS: list[dict[str, Any]] = TIMETABLE["deployments"]
SWEEPS = [deployment for deployment in DEPLOYMENTS if deployment.get("schedules")]
BY_HAND = [deployment for deployment in DEPLOYMENTS if not deployment.get("schedules")]
FLOWS = {
    "onboard-accounts": ["*/10 * * * *"],
    "onboard-account": [None],
    "send-check-ins": ["5 * * * *"],
    "sync-crm": ["*/15 * * * *"],
    "escalate-stalled": ["20 * * * *"],
    "deliver": ["*/5 * * * *"],
    "report-metrics": ["35 6 * * 1", "50 6 1 * *"],
}


def flow_of(deployment: dict[str, Any]) -> Flow[Any, Any]:
    module, _, name = deployment["entrypoint"].rpartition(".")
    found = getattr(importlib.import_module(module), name)
    assert isinstance(found, Flow), f"{deployment['entrypoint']} is no flow"
    return found


def label(deployment: dict[str, Any]) -> str:
    return str(deployment["entrypoint"]).rpartition(".")[2]


every = pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=label)
every_sweep = pytest.mark.parametrize("deployment", SWEEPS, ids=label)


def test_every_flow_of_the_design_is_deployed_at_its_times() -> None:
    found: dict[str, list[str | None]] = {}
    for deployment in DEPLOYMENTS:
        crons = found.setdefault(flow_of(deployment).name, [])
        crons.append(next((schedule["cron"] for schedule in deployment.get("schedules", [])), None))
    assert found == FLOWS


def test_a_deployment_with_other_options_gives_only_those_that_its_form_has() -> None:
    given = [(one, one["parameters"]["options"]) for one in DEPLOYMENTS if one.get("parameters")]
    assert [one["name"] for one, _ in given] == ["monthly"]
    for deployment, options in given:
        (form,) = forms(flow_of(deployment))
        assert options.keys() <= form["properties"].keys()


def forms(flow: Flow[Any, Any]) -> list[dict[str, Any]]:
    schema = flow.parameters.model_dump()
    return [found for found in schema["definitions"].values() if "properties" in found]


@every
def test_a_deployment_says_when_it_runs_and_what_it_does(deployment: dict[str, Any]) -> None:
    flow = flow_of(deployment)
    assert deployment["name"] != flow.name
    assert deployment["name"] not in ("prod", "default")
    assert len(deployment["description"]) > 40, "say what it does, for people who run it"
    assert flow.description
    assert "Safe to run twice" in " ".join(flow.description.split()), "say what makes a second run harmless"


@every
def test_a_deployment_finds_its_code_and_its_database_wherever_the_worker_is(
    deployment: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert TIMETABLE["pull"] == [], "without it the deployer's own folder is stored"
    assert deployment["work_pool"]["name"] == "first90"
    env = deployment["work_pool"]["job_variables"]["env"]
    assert env["FIRST90_HOME"] == "{{ home.path }}"
    (step,) = TIMETABLE["build"]
    ((function, arguments),) = step.items()
    assert arguments == {"id": "home"}
    module, _, name = function.rpartition(".")
    monkeypatch.setenv("FIRST90_HOME", "somewhere")
    assert getattr(importlib.import_module(module), name)() == {"path": str(Path.cwd() / "somewhere")}


@every
def test_a_deployment_asks_nothing_of_the_internet(deployment: dict[str, Any]) -> None:
    env = deployment["work_pool"]["job_variables"]["env"]
    assert env["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
    assert env["DO_NOT_TRACK"] == "1"
    assert env["PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY"] == "false"


@every_sweep
def test_a_sweep_ticks_in_utc_under_a_name_that_survives_a_new_deployment(deployment: dict[str, Any]) -> None:
    for schedule in deployment["schedules"]:
        assert schedule["timezone"] == "UTC"
        assert schedule["slug"] == deployment["name"]


@every_sweep
def test_a_sweep_that_overlaps_is_cancelled(deployment: dict[str, Any]) -> None:
    assert deployment["concurrency_limit"] == {"limit": 1, "collision_strategy": "CANCEL_NEW"}


@pytest.mark.parametrize("deployment", BY_HAND, ids=label)
def test_what_a_person_starts_waits_its_turn(deployment: dict[str, Any]) -> None:
    assert deployment["concurrency_limit"] == {"limit": 1, "collision_strategy": "ENQUEUE"}


@every
def test_the_form_in_prefect_explains_each_field_and_refuses_unknown_ones(deployment: dict[str, Any]) -> None:
    (form,) = forms(flow_of(deployment))
    assert form["additionalProperties"] is False
    for name, field in form["properties"].items():
        assert field["description"], f"{name} has no explanation"
    assert {"as_of", "accounts", "dry_run", "reason", "actor"} <= set(form["properties"])


def test_a_run_for_named_accounts_needs_accounts_a_reason_and_a_name() -> None:
    (deployment,) = BY_HAND
    schema = flow_of(deployment).parameters.model_dump()
    form = schema["definitions"]["NamedAccounts"]
    assert set(form["required"]) == {"accounts", "reason", "actor"}
    assert form["properties"]["accounts"]["minItems"] == 1
    assert form["properties"]["reason"]["minLength"] == 3
