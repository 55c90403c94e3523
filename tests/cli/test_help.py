import importlib
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.main import PLACES

SUBCOMMANDS = [
    *(
        ["record", "KEY", name]
        for name in ("milestone", "goal", "goal-value", "handoff", "stakeholder", "signal", "survey")
    ),
    *(["record", "KEY", name] for name in ("promise", "ticket", "reply", "conflict", "advocate", "lesson", "renewal")),
    *(["record", "KEY", name] for name in ("profile", "buy-in", "aim", "bounce", "note")),
    *(["effects", name] for name in ("list", "retry", "cancel", "sent")),
    *(["playbook", name] for name in ("check", "schema", "show", "diff", "plan", "adopt", "rollback", "policy")),
    ["db", "upgrade"],
]
SINGLE = [[name] for name in PLACES]
HEAVY = ("prefect", "sqlalchemy", "sqlmodel", "pydantic", "holidays", "jinja2", "yaml")
SLOW = {
    "prefect",
    "jinja2",
    "alembic",
    "integrations",
    "babel",
    "holidays",
    "yaml",
    "psycopg",
    "email_validator",
    "rich",
    "scipy",
    "matplotlib",
}
"""None of these can be imported within the time that commands which only read may take."""
ROOMS = {"cli", "config", "database", "onboarding", "tasks"}
STANDARD_VALUE = re.compile(
    r"^from dataclasses import [^\n]*\bdataclass\b.*^@dataclass\(frozen=True, slots=True", re.M | re.S
)


def modules_loaded_by(*arguments: str, home: Path) -> set[str]:
    """Return every module that a command imports, in a process of its own."""
    told = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "from cli.main import main; main()", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={"FIRST90_HOME": str(home), "PATH": "/usr/bin:/bin", "HOME": str(home), "COLUMNS": "80"},
    )
    assert told.returncode == 0, told.stderr[-2000:]
    lines = [line for line in told.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip() for line in lines}


def packages(loaded: set[str]) -> set[str]:
    """Return the packages of these modules."""
    return {name.partition(".")[0] for name in loaded}


def slow_values(loaded: set[str]) -> set[str]:
    """Return our modules among these whose frozen dataclasses the standard library compiles."""
    ours = {name for name in loaded if name.partition(".")[0] in ROOMS}
    texts = {name: (importlib.import_module(name).__file__ or "") for name in sorted(ours)}
    return {name for name, file in texts.items() if STANDARD_VALUE.search(Path(file).read_text(encoding="utf-8"))}


@pytest.mark.parametrize("command", SINGLE + SUBCOMMANDS, ids=" ".join)
def test_every_command_explains_itself_with_an_example(command: list[str], first90: Callable[..., Any]) -> None:
    said = first90(*command, "--help")
    assert said.code == 0
    assert "Example:" in said.out
    assert said.widest <= 80


def test_the_table_of_contents_shows_every_command(first90: Callable[..., Any]) -> None:
    said = first90("--help")
    assert all(f" {name} " in said.out for name in PLACES)
    assert said.widest <= 80


def test_help_reads_neither_prefect_nor_the_database_nor_a_rule(tmp_path: Path) -> None:
    loaded = modules_loaded_by("--help", home=tmp_path)
    assert not {name.partition(".")[0] for name in loaded} & set(HEAVY)
    rules = {name for name in loaded if name.startswith("onboarding.") and name.count(".") > 1}
    assert rules <= {"onboarding.dates.limits", "onboarding.model.vocabulary", "onboarding.permissions.table"}


@pytest.mark.slow
@pytest.mark.parametrize("command", [["status"], ["show", "Kampong Glam Books Pte. Ltd."]], ids=lambda words: words[0])
def test_looking_never_reads_prefect_nor_the_templates(command: list[str], home: Path) -> None:
    loaded = modules_loaded_by(*command, home=home)
    assert not packages(loaded) & SLOW
    assert not slow_values(loaded)


@pytest.mark.slow
def test_explaining_never_reads_prefect_nor_the_templates(home: Path) -> None:
    loaded = modules_loaded_by("explain", "Kampong Glam Books Pte. Ltd.", home=home)
    assert not packages(loaded) & SLOW
    assert not slow_values(loaded), "take `dataclass` from onboarding.values: these are loaded to look"


@pytest.mark.slow
def test_a_plain_run_starts_nothing_of_a_prefect_server(home: Path) -> None:
    loaded = modules_loaded_by("run", "--plain", home=home)
    assert "prefect.tasks" in loaded
    assert not {name for name in loaded if name.startswith(("prefect.server.api.server", "prefect.server.database"))}


def test_a_misspelt_command_is_answered_with_the_nearest_one(first90: Callable[..., Any]) -> None:
    said = first90("statsu")
    assert said.code == 2
    assert "status" in said.err
    assert said.out == ""
