"""``first90 up`` before anything is started: what it refuses, and how it prints the timetable."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.services.summary import in_words, timetable
from supervisor.deployments.timetable import Deployed, as_text, from_text
from supervisor.lock import only_one

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def taken() -> Iterator[int]:
    """Return a port that is in use."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def up(home: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run it in a process of its own: which server Prefect uses depends on what this process has imported."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "FIRST90_"))}
    env = {**kept, "PYTHONPATH": str(ROOT), "HOME": str(home.parent), "FIRST90_HOME": str(home), **settings}
    command = [sys.executable, "-m", "cli", "up", *words]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)


def left_in(home: Path) -> list[str]:
    return sorted(path.name for path in home.rglob("*"))


def test_a_taken_port_is_refused_in_one_line_with_the_mend(tmp_path: Path, taken: int) -> None:
    said = up(tmp_path / "home", "--port", str(taken))
    assert said.returncode == 2
    (line,) = said.stderr.splitlines()
    assert f"port {taken} is taken" in line
    assert "--port (0: any)" in line
    assert f"PREFECT_API_URL=http://127.0.0.1:{taken}/api" in line
    assert left_in(tmp_path / "home") == ["up.lock"]


def test_a_port_is_refused_where_a_server_is_named_and_its_password_is_not_told(tmp_path: Path) -> None:
    api = "https://ops:secret@prefect.vendor.example/api"
    said = up(tmp_path / "home", "--port", "4300", PREFECT_API_URL=api)
    assert said.returncode == 2
    assert "Prefect is set to use https://prefect.vendor.example;" in said.stderr
    assert "secret" not in said.stderr


def test_a_second_one_on_the_same_home_is_refused_and_told_of_the_first(tmp_path: Path, taken: int) -> None:
    with only_one(tmp_path / "home") as turn:
        turn.leave_note("process 12, http://127.0.0.1:4200")
        said = up(tmp_path / "home", "--port", str(taken))
    assert said.returncode == 2
    (line,) = said.stderr.splitlines()
    assert "is running on" in line
    assert "already (process 12, http://127.0.0.1:4200)" in line
    with only_one(tmp_path / "home"):
        pass


def test_a_wrong_setting_is_told_before_anything_is_made(tmp_path: Path) -> None:
    said = up(tmp_path / "home", FIRST90_MAIL="carrier pigeon")
    assert said.returncode == 2
    assert "FIRST90_MAIL:" in said.stderr
    assert not (tmp_path / "home").exists()


@pytest.mark.postgres
def test_an_empty_postgresql_is_sent_to_the_migrations(tmp_path: Path, postgres_url: str) -> None:
    said = up(tmp_path / "home", "--port", "0", FIRST90_DATABASE_URL=postgres_url)
    assert said.returncode == 2
    assert "Run `first90 db upgrade`" in said.stderr
    assert not (tmp_path / "home" / "prefect").exists()


@pytest.mark.parametrize(
    ("cron", "words"),
    [
        ("*/5 * * * *", "every 5 minutes"),
        ("5 * * * *", "every hour at :05"),
        ("20 * * * *", "every hour at :20"),
        ("0 7 * * 1", "0 7 * * 1"),
    ],
)
def test_a_schedule_is_told_in_words_where_there_are_some(cron: str, words: str) -> None:
    assert in_words(cron) == words


def test_what_ops_paused_is_shown_as_paused_and_nothing_is_wider_than_a_terminal() -> None:
    deployed = [
        Deployed("onboard-accounts/every-10-minutes", ("*/10 * * * *",), paused=True),
        Deployed("deliver/every-5-minutes", ("*/5 * * * *",), paused=False),
        Deployed("onboard-account/by-hand", (), paused=False),
    ]
    lines = list(timetable(from_text(as_text(deployed))))
    assert lines[1] == "2 deployments run by themselves (UTC):"
    assert [line.split()[0] for line in lines[2:]] == [
        "deliver/every-5-minutes",
        "onboard-accounts/every-10-minutes",
        "onboard-account/by-hand",
    ]
    assert lines[3].endswith("every 10 minutes; paused")
    assert max(map(len, lines)) <= 80
