"""Logs on standard error: short lines for people, or a JSON object a line."""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from cli.logs import JsonLines, Short
from database.engine import connect


def record(message: str, *args: object, **more: Any) -> logging.LogRecord:
    made = logging.makeLogRecord({"msg": message, "args": args, "name": "tasks.delivery", "levelno": 30, **more})
    made.levelname = "WARNING"
    return made


def test_a_record_is_one_json_object_with_what_was_given_beside_the_message() -> None:
    said = JsonLines().format(record("%d mails\nwait", 3, created=1772445600.25, channel="mail"))
    assert "\n" not in said
    found = json.loads(said)
    assert found.pop("process") == os.getpid()
    assert found == {
        "at": "2026-03-02T10:00:00.250Z",
        "level": "warning",
        "logger": "tasks.delivery",
        "message": "3 mails\nwait",
        "channel": "mail",
    }


def test_an_error_has_its_type_and_a_traceback_only_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        raise ValueError("smtp://u:hush@mail.example is down")
    except ValueError:
        made = record("it failed", exc_info=sys.exc_info())
    found = json.loads(JsonLines().format(made))
    assert found["error"] == {"type": "ValueError", "message": "smtp://***@mail.example is down"}
    assert "traceback" not in found
    monkeypatch.setenv("FIRST90_TRACEBACK", "1")
    said = JsonLines().format(made)
    assert "test_logs.py" in json.loads(said)["traceback"]
    assert "hush" not in said


@pytest.mark.parametrize("formatter", [JsonLines(), Short()])
def test_the_error_of_a_statement_names_no_value_of_a_row(formatter: logging.Formatter, tmp_path: Path) -> None:
    database = connect(f"sqlite:///{tmp_path / 'first90.db'}")
    try:
        with database.writing() as conn:
            conn.execute(text("INSERT INTO nowhere VALUES (:address)"), {"address": "ana@acme.example"})
    except DBAPIError as error:
        error.orig = Exception(f"{error.orig}\nDETAIL: Key (mail)=(ana@acme.example)")
        said = formatter.format(record("it failed", exc_info=sys.exc_info()))
    finally:
        database.close()
    assert "no such table" in said
    assert "acme" not in said


@pytest.mark.slow
def test_a_run_that_was_asked_for_json_writes_nothing_else(home: Path, moment: str) -> None:
    given = {**os.environ, "FIRST90_LOG": "json", "FIRST90_HOME": str(home)}
    command = [sys.executable, "-m", "cli", "run", "--plain", "--json", "--as-of", moment]
    ran = subprocess.run(command, env=given, capture_output=True, text=True, check=False)
    lines = [json.loads(line) for line in ran.stderr.splitlines()]
    assert {"info"} <= {line["level"] for line in lines}
    assert "onboard-accounts ..." in [line["message"] for line in lines]
    assert json.loads(ran.stdout)["dry_run"] is False
    refused = subprocess.run([*command, "--account", "nobody"], env=given, capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert json.loads(refused.stderr.splitlines()[-1])["level"] == "error"


def test_another_format_is_refused_with_the_two_there_are(
    home: Path, first90: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRST90_LOG", "xml")
    refused = first90("status")
    assert refused.code == 2
    assert "FIRST90_LOG: 'xml' is neither text nor json" in refused.err
