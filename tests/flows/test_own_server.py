"""``first90 run`` where no Prefect server is configured: one of its own, which ends with it."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import pytest

pytestmark = [pytest.mark.prefect, pytest.mark.slow, pytest.mark.xdist_group("prefect")]

HOLDING_A_SERVER = """
import sys, time
from pathlib import Path
from supervisor.server import prefect_server
with prefect_server(Path(sys.argv[1]), lambda text: None):
    import os
    print(os.environ["PREFECT_API_URL"], flush=True)
    time.sleep(300)
"""


def clean_environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "FIRST90_"))}
    return kept | {"FIRST90_HOME": str(home), "HOME": str(home.parent), "COLUMNS": "80"}


def first90(home: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from cli.main import main; main()", *words],
        env=clean_environment(home) | settings,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_a_cycle_is_five_flow_runs_on_a_server_of_its_own(home: Path, sample_moment: datetime) -> None:
    done = first90(home, "run", "--as-of", sample_moment.isoformat())
    assert done.returncode == 0, done.stderr
    assert "starting a Prefect server" in done.stderr
    assert "Who is where" in done.stdout
    assert "Traceback" not in done.stderr
    with sqlite3.connect(home / "prefect" / "prefect.db") as records:
        runs = records.execute(
            "SELECT flow.name, flow_run.state_type FROM flow_run JOIN flow ON flow.id = flow_run.flow_id"
        ).fetchall()
    records.close()
    names = ("onboard-accounts", "send-check-ins", "escalate-stalled", "deliver", "sync-crm")
    assert sorted(runs) == sorted((name, "COMPLETED") for name in names)
    assert not (home.parent / ".prefect").exists(), "nothing is written outside the home"


def test_plain_gives_the_same_result_as_prefect(tmp_path: Path, home: Path, sample_moment: datetime) -> None:
    import json
    import shutil

    other = tmp_path / "other"
    shutil.copytree(home, other)
    engine = json.loads(first90(home, "run", "--as-of", sample_moment.isoformat(), "--json").stdout)
    plain = json.loads(first90(other, "run", "--as-of", sample_moment.isoformat(), "--json", "--plain").stdout)
    assert engine == plain
    assert not (other / "prefect").exists()


def test_a_killed_run_takes_its_server_with_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDING_A_SERVER, str(home)],
        env=clean_environment(home),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    port = int(holder.stdout.readline().rpartition(":")[2].partition("/")[0])
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    holder.stdout.close()
    for _ in range(600):
        if not listens(port):
            return
        time.sleep(0.1)
    raise AssertionError("the server outlived the process that started it")


def listens(port: int) -> bool:
    import socket

    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_settings_of_prefect_in_the_environment_do_not_part_server_and_flows(
    home: Path, sample_moment: datetime
) -> None:
    done = first90(
        home,
        "run",
        "--as-of",
        sample_moment.isoformat(),
        PREFECT_SERVER_API_AUTH_STRING="admin:pass-word",
        PREFECT_SERVER_API_BASE_PATH="/v2/api",
        PREFECT_SERVER_API_HOST="0.0.0.0",
        PREFECT_SERVER_CSRF_PROTECTION_ENABLED="true",
        HTTP_PROXY="http://127.0.0.1:1",
    )
    assert done.returncode == 0, done.stderr
    told = next(line for line in done.stderr.splitlines() if "not for first90's own Prefect server" in line)
    assert "PREFECT_SERVER_API_BASE_PATH, PREFECT_SERVER_API_HOST" in told
    assert "pass-word" not in done.stderr + done.stdout


@pytest.mark.parametrize(
    "setting",
    [
        {"PREFECT_SERVER_DATABASE_CONNECTION_URL": "postgresql+asyncpg://u:pass-word@127.0.0.1:1/x"},
        {"PREFECT_SERVER_DATABASE_DRIVER": "postgresql+asyncpg"},
        {"PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "pass-word"},
    ],
)
def test_settings_with_which_no_server_starts_are_named(home: Path, setting: dict[str, str]) -> None:
    done = first90(home, "run", **setting)
    assert done.returncode == 2, done.stderr
    assert f"the environment sets {next(iter(setting))} for Prefect: correct or unset" in done.stderr
    assert "onboard-accounts" not in done.stderr
    assert "pass-word" not in done.stderr + done.stdout
