"""``first90 metrics``, and what is built on it: alert rules, the dashboard, the runbook."""

import json
import re
import shutil
import stat
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from database import key_values
from database.engine import connect

ROOT = Path(__file__).parents[3]
MONITORING = ROOT / "deploy" / "monitoring"
RULES = yaml.safe_load((MONITORING / "first90.rules.yml").read_text(encoding="utf-8"))["groups"][0]["rules"]
DASHBOARD = json.loads((MONITORING / "grafana-dashboard.json").read_text(encoding="utf-8"))


def values(said: str) -> dict[tuple[str, tuple[str, ...]], float]:
    """Return the values by name and the labels' values in the order of the labels' names."""
    return {
        (one.name, tuple(one.labels[name] for name in sorted(one.labels))): one.value
        for family in text_string_to_metric_families(said)
        for one in family.samples
    }


def test_the_metrics_agree_with_what_people_see(home: Path, first90: Callable[..., Any]) -> None:
    found = values(first90("metrics").out)
    stalled = first90("status", "--stalled", "--json").json
    planned = [one for one in first90("effects", "--state", "planned", "--json").json if one["channel"] == "mail"]
    active = [one for one in first90("status", "--json").json if (one["status"], one["stage"]) == ("active", "kickoff")]
    pressing = found["first90_onboardings_stalled", ("critical",)] + found["first90_onboardings_stalled", ("warning",)]
    assert pressing == len(stalled) > 0
    assert found["first90_effects", ("mail", "planned")] == len(planned) > 0
    assert found["first90_onboardings", ("kickoff", "active")] == len(active) > 0
    assert found["first90_sends_total", ("mail", "sent")] > 0
    assert found["first90_set_aside", ("Opportunity.csv",)] == 1
    for flow in ("onboard-accounts", "send-check-ins", "escalate-stalled", "deliver", "sync-crm"):
        assert found["first90_sweep_duration_seconds_count", (flow,)] == 1
        assert found["first90_sweep_last_success_timestamp_seconds", (flow,)] > 0


@pytest.mark.slow
def test_a_rehearsal_and_a_run_of_one_account_count_as_no_sweep(home: Path, first90: Callable[..., Any]) -> None:
    before = values(first90("metrics").out)
    one = first90("status", "--json").json[0]["account_id"]
    moment = ("--as-of", "2026-03-05T12:00Z")
    assert first90("run", "--dry-run", *moment).code == 0
    assert first90("run", "--plain", "--account", one, *moment).code == 0
    after = values(first90("metrics").out)
    counted = ("first90_sweep_duration_seconds_count", ("onboard-accounts",))
    assert after[counted] == before[counted] == 1


def test_a_file_for_the_textfile_collector_is_replaced_whole_and_may_be_read(
    home: Path, first90: Callable[..., Any], tmp_path: Path
) -> None:
    folder = tmp_path / "collector"
    folder.mkdir()
    file = folder / "first90.prom"
    for _ in range(2):
        assert first90("metrics", "--out", str(file)).code == 0
        assert values(file.read_text())["first90_database_up", ()] == 1
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert list(folder.iterdir()) == [file]
    refused = first90("metrics", "--out", str(folder / "missing" / "first90.prom"))
    assert refused.code == 2
    assert "No such file or directory" in refused.err


def test_a_database_that_does_not_answer_is_told_in_the_file_too(
    first90: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "first90.prom"
    file.write_text("first90_database_up 1.0\n")
    monkeypatch.setenv("FIRST90_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/first90?connect_timeout=1")
    assert first90("metrics", "--out", str(file)).code != 0
    found = values(file.read_text())
    assert found["first90_database_up", ()] == 0
    assert {name for name, _ in found} == {"first90_database_up", "first90_build_info"}


def expressions() -> Iterator[tuple[str, str]]:
    yield from ((rule["alert"], rule["expr"]) for rule in RULES)
    for panel in DASHBOARD["panels"]:
        yield from ((panel["title"], target["expr"]) for target in panel["targets"])


@pytest.fixture
def exported(home: Path, first90: Callable[..., Any]) -> dict[str, set[str]]:
    """Return the labels of each metric of a real home, beside which a CRM has told its allowance."""
    database = connect(f"sqlite:///{home / 'first90.db'}")
    with database.writing() as conn:
        kept = {"used": 1, "limit": 2, "floor": 3, "low": False, "left": 50}
        key_values.write(conn, key_values.ALLOWANCE, json.dumps(kept), datetime.now(UTC))
    database.close()
    families = text_string_to_metric_families(first90("metrics").out)
    return {one.name: set(one.labels) for family in families for one in family.samples}


def test_rules_and_dashboard_ask_for_metrics_and_labels_that_there_are(exported: dict[str, set[str]]) -> None:
    for where, expression in expressions():
        asked = re.findall(r"(first90_\w+)(?:\{([^}]*)\})?", expression)
        assert asked, where
        for name, selected in asked:
            assert name in exported, f"{where} asks for {name}"
            assert set(re.findall(r"(\w+)\s*(?:=~|!=|=)", selected)) <= exported[name], f"{where}: {selected}"


def test_every_metric_is_explained_on_the_page_and_nothing_else_is(exported: dict[str, set[str]]) -> None:
    page = (ROOT / "docs" / "monitoring.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"^\| `(first90_\w+)", page, re.MULTILINE))
    assert explained == {re.sub("_(count|sum)$", "", name) for name in exported}


def test_every_alert_has_an_entry_in_the_runbook_and_leads_to_it() -> None:
    entries = re.findall(r"^## (First90\w+)$", (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert entries == [rule["alert"] for rule in RULES]
    for rule in RULES:
        assert rule["annotations"]["runbook"] == f"docs/runbook.md#{rule['alert'].lower()}"


def test_every_alert_has_a_case_in_which_it_fires_and_one_in_which_it_does_not() -> None:
    tests = yaml.safe_load((MONITORING / "first90.tests.yml").read_text(encoding="utf-8"))["tests"]
    cases = [case for test in tests for case in test["alert_rule_test"]]
    alerts = {rule["alert"] for rule in RULES}
    assert {case["alertname"] for case in cases if case.get("exp_alerts")} == alerts
    assert {case["alertname"] for case in cases if not case.get("exp_alerts")} == alerts


@pytest.mark.slow
@pytest.mark.parametrize("what", [("check", "rules", "first90.rules.yml"), ("test", "rules", "first90.tests.yml")])
def test_prometheus_s_own_tool_finds_the_rules_right(what: tuple[str, ...]) -> None:
    """Names and cases are tested above without it."""
    tool = shutil.which("promtool")
    if tool is None:
        pytest.skip("no promtool on this machine: Debian has it in the package prometheus")
    ran = subprocess.run([tool, *what], cwd=MONITORING, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
