"""``/health``, ``/ready`` and ``/metrics`` from outside."""

import json
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from database import key_values
from database.channels import breakers, stops
from onboarding.model.vocabulary import Channel
from tasks.monitoring.tally import SweepEnd, count_run
from tasks.runtime.reports import DeliveryReport
from tests.conftest import BOTH_DATABASES

TOKEN = "m" * 40
WITH_TOKEN = {"Authorization": f"Bearer {TOKEN}"}
SWEEP = SweepEnd(flow="onboard-accounts", seconds=12.5, succeeded=True)


@pytest.fixture
def scraped(settings_of_the_face: None, served: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the running server, whose metrics a token opens."""
    monkeypatch.setenv("FIRST90_METRICS_TOKEN", TOKEN)
    return served()


def values(face: Any) -> dict[str, float]:
    """Return the values of a scrape, each by its name and labels in their order."""
    answered = face.get("/metrics", headers=WITH_TOKEN)
    assert answered.status_code == 200
    assert answered.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {
        f"{one.name}{{{','.join(f'{name}={one.labels[name]}' for name in sorted(one.labels))}}}": one.value
        for family in text_string_to_metric_families(answered.text)
        for one in family.samples
    }


def break_database(face: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every statement fail, as where the server is gone."""
    from sqlalchemy import event
    from sqlalchemy.exc import OperationalError

    def fail(*_: Any) -> None:
        raise OperationalError("SELECT", {}, Exception("connection refused to db.example"))

    event.listen(face.context.database.engine, "begin", fail)
    monkeypatch.setattr(face, "mend", lambda: event.remove(face.context.database.engine, "begin", fail), raising=False)


def test_the_metrics_are_not_there_without_a_token(face: Any) -> None:
    assert face.get("/metrics").status_code == 404


@pytest.mark.parametrize("given", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}])
def test_the_metrics_are_opened_by_their_token_alone(scraped: Any, given: dict[str, str]) -> None:
    assert scraped.get("/metrics", headers=given).status_code == 401


@BOTH_DATABASES
def test_sends_and_sweeps_of_all_processes_add_up(scraped: Any) -> None:
    sent = DeliveryReport(channel=Channel.MAIL, sent=3, failed=1)
    threads = [threading.Thread(target=count_run, args=(scraped.context, SWEEP, [sent])) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    count_run(scraped.context, None, [sent])  # of named accounts: no sweep
    found = values(scraped)
    assert found["first90_sends_total{channel=mail,result=sent}"] == 15
    assert found["first90_sends_total{channel=mail,result=failed}"] == 5
    assert found["first90_sends_total{channel=slack,result=sent}"] == 0
    assert found["first90_sweep_duration_seconds_count{flow=onboard-accounts}"] == 4
    assert found["first90_sweep_duration_seconds_sum{flow=onboard-accounts}"] == 50
    assert time.time() - found["first90_sweep_last_success_timestamp_seconds{flow=onboard-accounts}"] < 60


def test_a_sweep_that_failed_is_no_success(scraped: Any) -> None:
    count_run(scraped.context, SweepEnd(flow="onboard-accounts", seconds=1, succeeded=False), [])
    found = values(scraped)
    assert found["first90_sweep_last_success_timestamp_seconds{flow=onboard-accounts}"] == 0
    assert found["first90_sweep_last_end_timestamp_seconds{flow=onboard-accounts}"] > 0
    assert found["first90_sweeps_failed_total{flow=onboard-accounts}"] == 1


def test_channels_allowance_and_what_is_due_are_told(scraped: Any) -> None:
    now = scraped.context.wall_clock()
    with scraped.context.database.writing() as conn:
        breakers.failed(conn, "mail", 1, now, "no such host", needs_person=True)
        stops.stop(conn, Channel.SLACK, reason="r", by="jo@vendor.example", at=now)
        key_values.write(
            conn, key_values.ALLOWANCE, '{"used": 900, "limit": 1000, "floor": 20, "low": true, "left": 10}', now
        )
    found = values(scraped)
    assert found["first90_channel_down{channel=mail}"] == 1
    assert found["first90_channel_down{channel=crm}"] == 0
    assert found["first90_channel_stopped{channel=slack}"] == 1
    assert found["first90_channel_stopped{channel=mail}"] == 0
    assert found["first90_crm_api_calls_used{}"] == 900
    assert found["first90_crm_api_calls_limit{}"] == 1000
    assert found["first90_onboardings{stage=handoff,status=active}"] == 1


def test_the_metrics_hold_no_name_address_or_key(scraped: Any) -> None:
    with scraped.context.database.writing() as conn:
        breakers.failed(conn, "mail", 9, scraped.context.wall_clock(), "Person1@acme.example is refused")
    said = scraped.get("/metrics", headers=WITH_TOKEN).text
    assert not [word for word in ("Acme", "@", "006A", "001A", "Person", "Cleo") if word in said]


@BOTH_DATABASES
def test_a_scrape_waits_for_no_writer_and_keeps_none_waiting(scraped: Any) -> None:
    values(scraped)
    with scraped.context.database.writing() as conn:
        conn.execute(text("UPDATE onboarding SET stage = 'setup'"))
        conn.execute(text("DELETE FROM key_value WHERE name = 'nothing'"))
        began = time.monotonic()
        assert values(scraped)["first90_onboardings{stage=handoff,status=active}"] == 1
        assert scraped.get("/ready").status_code == 503
        assert time.monotonic() - began < 2
    assert values(scraped)["first90_onboardings{stage=setup,status=active}"] == 1


def test_a_database_that_is_gone_is_told_and_nothing_else(scraped: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    break_database(scraped, monkeypatch)
    found = values(scraped)
    ready, health = scraped.get("/ready"), scraped.get("/health")
    scraped.mend()
    assert found["first90_database_up{}"] == 0
    assert not any(name.startswith("first90_effects") for name in found)
    assert ready.status_code == 503
    assert set(ready.json()["checks"]) == {"database", "schema", "channels", "sweep"}
    assert ready.json()["checks"]["database"] == {"ok": False, "why": "the database does not answer"}
    assert "db.example" not in ready.text
    assert (health.status_code, health.text) == (200, "ok\n")


def test_ready_says_each_reason(face: Any) -> None:
    fresh = face.get("/ready")
    assert fresh.status_code == 503
    assert fresh.json()["checks"]["sweep"] == {
        "ok": False,
        "why": "no sweep (onboard-accounts) has ended well yet",
    }
    count_run(face.context, SWEEP, [])
    well = face.get("/ready")
    assert well.status_code == 200
    assert well.json() == {"ready": True, "checks": {name: {"ok": True} for name in well.json()["checks"]}}
    with face.context.database.writing() as conn:
        breakers.failed(conn, "crm", 1, face.context.wall_clock(), "secret words", needs_person=True)
        old = json.loads(key_values.read(conn, key_values.MONITORED).value)
        old["sweeps"]["onboard-accounts"]["succeeded_at"] -= 3700
        key_values.write(conn, key_values.MONITORED, json.dumps(old), face.context.wall_clock())
    told = face.get("/ready")
    assert told.status_code == 503
    assert told.json()["checks"]["channels"]["why"] == "down: crm; `first90 status` says why"
    assert told.json()["checks"]["sweep"]["why"] == "the last sweep (onboard-accounts) ended well 1 hour ago"
    assert "secret" not in told.text
    assert face.get("/ready?exclude=channels&exclude=sweep").status_code == 200


def test_ready_names_a_schema_that_is_not_the_programs(face: Any) -> None:
    count_run(face.context, SWEEP, [])
    with face.context.database.writing() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    told = face.get("/ready")
    assert told.status_code == 503
    assert told.json()["checks"]["database"] == {"ok": True}
    assert "first90 db upgrade" in told.json()["checks"]["schema"]["why"]
    with face.context.database.writing() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert "install the first90 that made it" in face.get("/ready").json()["checks"]["schema"]["why"]


def test_health_needs_neither_database_nor_a_free_thread(face: Any) -> None:
    with httpx.Client() as client, face.context.database.writing():
        assert client.get(f"{face.url}/health", timeout=5).text == "ok\n"
