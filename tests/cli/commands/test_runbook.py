"""docs/runbook.md can be followed: its commands and settings exist, and print what the entries say they print."""

import itertools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
import pytest
import typer
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text, update
from typer.core import TyperGroup

from cli.logs import TRACEBACK
from cli.main import app
from config.settings.variables import known_variables
from database.opening import open_database
from database.tables import EffectRow
from tests.cli.four_eyes import CLEO, DANA, JO, First90

PAGE = (Path(__file__).parents[3] / "docs" / "runbook.md").read_text(encoding="utf-8")
SPANS = [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", PAGE)]
NAMED = [span for span in SPANS if span.startswith(("first90 ", "effects ", "approvals "))]
COMMANDS = sorted({span.removeprefix("first90 ") for span in NAMED})


def metric(first90: First90, name: str, **labels: str) -> float:
    """Return the sum of a metric over the labels that are not given."""
    families = text_string_to_metric_families(first90("metrics").out)
    found = [one for family in families for one in family.samples if one.name == f"first90_{name}"]
    return sum(one.value for one in found if labels.items() <= one.labels.items())


@contextmanager
def rows(home: Path) -> Iterator[Any]:
    database = open_database(f"sqlite:///{home / 'first90.db'}", create=False)
    with database.writing() as conn:
        yield conn
    database.close()


def quoted(phrase: str) -> str:
    """Return the phrase, which the runbook quotes."""
    assert phrase in words(PAGE)
    return phrase


def words(said: str) -> str:
    return " ".join(said.split())


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_that_the_runbook_names_exists_with_its_options(line: str) -> None:
    command: Any = typer.main.get_command(app)
    for word in itertools.takewhile(re.compile("[a-z][a-z-]*$").match, line.split()):
        command = command.get_command(click.Context(command), word)
        assert command, f"there is no {word}"
    if isinstance(command, TyperGroup):
        command = command.get_command(click.Context(command), "list")
    known = {option for one in command.params for option in one.opts}
    assert set(re.findall(r"(?<!\S)--[a-z-]+", line)) <= known


def test_every_setting_that_the_runbook_names_exists() -> None:
    named = set(re.findall(r"FIRST90_[A-Z_]+", PAGE))
    assert named
    assert named <= known_variables() | {TRACEBACK}


def test_the_head_says_of_every_entry_how_it_was_walked() -> None:
    rows_of_it = re.findall(r"^\| ([A-Z]\w+(?:, [A-Z]\w+)*|second person) \|", PAGE, re.MULTILINE)
    walked = [name for row in rows_of_it for name in row.split(", ")]
    entries = [name.removeprefix("First90") for name in re.findall(r"^## (.+)$", PAGE, re.MULTILINE)]
    assert sorted(walked) == sorted([*entries[:-1], "second person"])


def test_unseen_web_names_the_setting_that_is_missing(first90: First90, home: Path) -> None:
    said = first90("web", "--port", "0")
    assert said.code == 2
    assert "FIRST90_PUBLIC_URL" in said.err


@pytest.mark.slow
def test_database_down_check_names_the_database(first90: First90, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRST90_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/first90?connect_timeout=1")
    said = first90("check")
    (line,) = [one for one in said.out.splitlines() if one.startswith("fail database")]
    assert (said.code, "127.0.0.1" in line) == (1, True)


@pytest.mark.slow
def test_no_sweep_run_and_check_say_that_the_folder_is_gone(
    first90: First90, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRST90_CRM", f"csv:{home / 'gone'}")
    for asked in (("run", "--plain"), ("check",)):
        said = first90(*asked)
        assert said.code != 0
        assert quoted("there is no folder") in words(said.out + said.err)


@pytest.mark.slow
def test_sweeps_fail_a_run_that_raises_shows_why_and_counts_until_one_ends_well(first90: First90, home: Path) -> None:
    moments = ("last_end", "last_success")
    with rows(home) as conn:
        conn.execute(text("ALTER TABLE suppression RENAME TO suppression_elsewhere"))
    said = first90("run", "--plain")
    assert said.code == 1
    assert "OperationalError" in said.out.partition(quoted("Not done"))[2]
    assert metric(first90, "sweeps_failed_total", flow="onboard-accounts") == 1
    end, success = (metric(first90, f"sweep_{one}_timestamp_seconds", flow="onboard-accounts") for one in moments)
    assert end > success
    with rows(home) as conn:
        conn.execute(text("ALTER TABLE suppression_elsewhere RENAME TO suppression"))
    assert first90("run", "--plain").code == 0
    end, success = (metric(first90, f"sweep_{one}_timestamp_seconds", flow="onboard-accounts") for one in moments)
    assert end == success


@pytest.mark.slow
def test_effects_overdue_what_is_owed_is_listed_and_a_run_sends_it(first90: First90, home: Path, moment: str) -> None:
    later = (datetime.fromisoformat(moment) + timedelta(days=1)).isoformat()
    assert first90("stop", "--channel", "mail", "--reason", "so that mail waits", "--by", JO).code == 0
    assert first90("run", "--plain", "--as-of", later).code == 0
    assert first90("start", "--channel", "mail", "--by", JO).code == 0
    assert metric(first90, "oldest_due_effect_age_seconds", channel="mail") > 1800
    listed = first90("effects", "--state", "planned", "--channel", "mail", "--json").json
    due = [one["due_at"] for one in listed]
    assert due == sorted(due)
    overdue = {one["key"] for one in listed if datetime.fromisoformat(one["due_at"]) < datetime.fromisoformat(later)}
    assert first90("run", "--plain", "--as-of", later).code == 0
    assert metric(first90, "oldest_due_effect_age_seconds", channel="mail") == 0
    after = {one["key"]: one for one in first90("effects", "--channel", "mail", "--json").json}
    assert overdue
    assert all(after[key]["state"] != "planned" or after[key]["due_at"] > later for key in overdue)


def test_channel_stopped_status_says_who_and_why_and_start_ends_it(first90: First90, home: Path) -> None:
    assert first90("stop", "--channel", "mail", "--reason", "wrong template", "--by", JO).code == 0
    assert f"by {JO}: wrong template" in words(first90("status").out)
    assert metric(first90, "channel_stopped", channel="mail") == 1
    assert first90("start", "--channel", "mail", "--by", JO).code == 0
    assert metric(first90, "channel_stopped") == 0


@pytest.mark.parametrize("state", ["dead", "unknown"])
def test_waits_for_person_is_listed_with_its_reason_and_settled(state: str, first90: First90, home: Path) -> None:
    with rows(home) as conn:
        conn.execute(update(EffectRow).where(EffectRow.kind == "welcome").values(state=state, error="550 no mailbox"))
    count = int(metric(first90, "effects", state=state))
    listed = first90("effects", "--state", state)
    keys = [one["key"] for one in first90("effects", "--state", state, "--json").json]
    assert listed.out.count("550 no mailbox") == len(keys) == count > 1
    why = ("--reason", "looked", "--by", JO)
    assert first90("effects", "retry", keys[0], *why).code == 0
    assert first90("effects", "sent" if state == "unknown" else "cancel", keys[1], *why).code == 0
    assert metric(first90, "effects", state=state) == count - 2
    after = {one["key"]: one["state"] for one in first90("effects", "--json").json}
    assert (after[keys[0]], after[keys[1]]) == ("planned", "sent" if state == "unknown" else "cancelled")


@pytest.mark.slow
def test_records_set_aside_a_dry_run_ends_with_them(first90: First90, home: Path) -> None:
    said = first90("run", "--dry-run")
    assert said.code == 0
    assert "Opportunity.csv" in said.out.partition(quoted("Set aside until corrected"))[2]


@pytest.mark.slow
def test_second_person_check_has_the_roles_and_approvals_what_waits(first90: First90, key: str) -> None:
    (line,) = [one for one in first90("check").out.splitlines() if re.match(r"\w+ +roles", one)]
    assert "manager 2" in line
    assert "here `first90 run` is refused" in line
    refused = first90("skip-stage", key, "--reason", "went live", "--by", CLEO)
    assert re.search(r"may not .*; ask a manager: ", words(refused.err))
    said = first90("skip-stage", key, "--reason", "went live", "--by", JO)
    assert quoted("Nothing was changed yet: a second person has to confirm it") in words(said.out)
    waits = words(first90("approvals").out)
    assert f"asked by {JO}" in waits
    assert "until " in waits
    (request,) = first90("approvals", "--json").json
    assert first90("approvals", "confirm", request["id"], "--by", DANA).code == 0
