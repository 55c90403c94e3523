"""After yesterday's backup came back, the run's summary says in few lines what is held, and the one command that
settles it."""

import shlex
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.four_eyes import First90


@pytest.mark.slow
def test_the_run_after_a_restore_tells_the_one_command_and_it_settles_all(
    home: Path, moment: str, first90: First90, tmp_path: Path
) -> None:
    later = datetime.fromisoformat(moment) + timedelta(days=7)
    shutil.copyfile(home / "first90.db", tmp_path / "yesterday.db")
    assert first90("run", "--plain", "--as-of", f"{later:%Y-%m-%dT%H:%MZ}").code == 0
    for name in ("first90.db-wal", "first90.db-shm"):
        (home / name).unlink(missing_ok=True)
    shutil.copyfile(tmp_path / "yesterday.db", home / "first90.db")
    after = f"{later + timedelta(minutes=10):%Y-%m-%dT%H:%MZ}"
    said = first90("run", "--plain", "--as-of", after)
    held = first90("effects", "--state", "unknown", "--json").json
    assert len(held) > 10
    _, _, rest = said.out.partition("Not done")
    told, _, following = rest.partition("Where to look next")
    assert f"{len(held)}, the first " in told
    assert told.count("left before the database was restored") == 1, "one row, however many"
    (command,) = [line for line in following.splitlines() if "database was restored" in line and "--yes" in line]
    words = shlex.split(command.replace("REASON", "logged"))[1:]
    assert "marked as sent" in first90(*words).out
    assert first90("effects", "--state", "unknown", "--json").json == []
    again = first90("run", "--plain", "--as-of", after)
    assert "database was restored" not in again.out
