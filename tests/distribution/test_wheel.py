"""The wheel works where there is no source tree: commands, sample, playbooks, pages, and the files for deploying."""

import json
from pathlib import Path

import pytest

from tests.distribution.conftest import ROOT, Installed

pytestmark = pytest.mark.slow
PLACES = """
import cli, config
from config.settings.locations import BUNDLED, PROJECT, TIMETABLE, brought_along
print(cli.__path__[0], BUNDLED, PROJECT, *map(brought_along, (TIMETABLE, "deploy", "salesforce")), sep=chr(10))
"""


def test_nothing_of_the_source_tree_is_used(installed: Installed) -> None:
    said = installed.execute("python", "-c", PLACES)
    assert said.returncode == 0, said.stderr
    package, bundled, own, *brought = map(Path, said.stdout.splitlines())
    assert package.is_relative_to(installed.prefix)
    assert bundled.is_relative_to(installed.prefix)
    assert own == installed.work.parent / "home" / ".local" / "share" / "first90"
    assert not own.is_relative_to(ROOT)
    for path in brought:
        assert path.exists()
        assert path.is_relative_to(installed.prefix)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("playbook", "check"),
        ("playbook", "schema"),
        ("up", "--help"),
        ("sandbox", "--help"),
        ("simulate", "--days", "1", "--out", "lived"),
    ],
    ids=" ".join,
)
def test_a_command_that_needs_no_data(installed: Installed, arguments: tuple[str, ...]) -> None:
    said = installed.run(*arguments)
    assert said.returncode == 0, said.stderr


def test_the_first_five_minutes(installed: Installed, tmp_path: Path) -> None:
    """What the README shows: the sample, one cycle, a look around. It writes into the user's own folder alone."""
    at = installed.run("sample").stdout.strip()
    done = installed.run("run", "--plain", "--as-of", at, "--json")
    assert done.returncode == 0, done.stderr
    counted = json.loads(done.stdout)
    assert counted["intake"]["opened"] > 10
    assert counted["effects"]["mail"]["sent"] > 5

    own = installed.work.parent / "home" / ".local" / "share" / "first90" / "var"
    assert {"crm", "mail", "chat.jsonl", "first90.db"} <= {path.name for path in own.iterdir()}
    rows = json.loads(installed.run("status", "--json").stdout)
    assert len(rows) == counted["intake"]["opened"]
    for arguments in (
        ("check",),
        ("show", rows[0]["account_id"]),
        ("explain", rows[0]["account_id"]),
        ("report", "--out", str(tmp_path / "report.html")),
        ("board", "--out", str(tmp_path / "board")),
        ("export", str(tmp_path / "all.gz")),
    ):
        said = installed.run(*arguments)
        assert said.returncode == 0, (arguments, said.stdout, said.stderr)
    assert (tmp_path / "report.html").stat().st_size > 10_000
    assert (tmp_path / "board" / "index.html").exists()
    again = json.loads(installed.run("run", "--plain", "--as-of", at, "--json").stdout)
    assert (again["intake"]["opened"], again["effects"]["mail"]["sent"]) == (0, 0)


def test_the_salesforce_package_is_read_by_the_sandbox(installed: Installed) -> None:
    said = installed.execute(
        "python", "-c", "from sandbox.schema.fields import load_schema; print('Onboarding__c' in load_schema().objects)"
    )
    assert said.stdout.strip() == "True", said.stderr


def test_a_settings_file_is_read_from_the_users_folder(installed: Installed) -> None:
    own = installed.work.parent / "elsewhere" / "first90"
    own.mkdir(parents=True)
    (own / ".env").write_text("FIRST90_CRM=csv:exports\n", encoding="utf-8")
    said = installed.run("sample", XDG_DATA_HOME=str(own.parent))
    assert said.returncode == 2
    assert f"FIRST90_CRM: there is no folder {own / 'exports'}" in said.stderr


def test_a_timetable_is_there_to_be_deployed(installed: Installed) -> None:
    said = installed.run("deploy", "--dry-run", home="nobody")
    assert said.returncode == 2
    assert "no Prefect server is configured" in said.stderr
