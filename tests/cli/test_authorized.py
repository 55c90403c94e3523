"""The command line asks once, in one place, whether the person may: every command, every role."""

import getpass
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import typer
from typer.core import TyperGroup

from cli.authorized import BY_REQUEST, NEEDS, SERVICES, authorized, needed
from cli.main import PLACES, app
from cli.options import Unusable
from onboarding.permissions.table import MAY, AccessRole, Permission

First90 = Callable[..., Any]
PAGE = Path(__file__).parents[2] / "docs" / "permissions.md"
MARK = "<!-- commands -->"
PEOPLE = {role: f"{role}@example.com" for role in AccessRole}
ROLES = "access:\n" + "".join(f"  {role}: [{address}]\n" for role, address in PEOPLE.items())


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a team file with a person for each role."""
    path = tmp_path / "team.yaml"
    path.write_text(ROLES)
    monkeypatch.setenv("FIRST90_TEAM", str(path))
    return path


def leaves(command: Any, path: str = "") -> Iterator[str]:
    """Yield the path of each command that does something."""
    if not isinstance(command, TyperGroup):
        yield path
        return
    for name in command.list_commands(click.Context(command)):
        yield from leaves(command.get_command(click.Context(command), name), f"{path} {name}".strip())


def test_every_command_is_in_the_table_or_acts_for_nobody() -> None:
    found = set(leaves(typer.main.get_command(app)))
    assert found == NEEDS.keys() | SERVICES | BY_REQUEST, "say in cli/authorized.py what a new command needs"
    assert {name.partition(" ")[0] for name in found} == set(PLACES)


@pytest.mark.parametrize(("command", "role"), list(itertools.product(NEEDS, AccessRole)), ids=str)
def test_each_command_runs_for_those_who_may_and_for_nobody_else(command: str, role: AccessRole, team: Path) -> None:
    given: dict[str, Any] = {"by": PEOPLE[role], "fix": True}
    ran: list[str] = []
    run = authorized(command, lambda **more: ran.append(more["by"]))
    if role in MAY[NEEDS[command]]:
        run(**given)
    else:
        with pytest.raises(Unusable, match=f"{PEOPLE[role]} is {role} and may not"):
            run(**given)
    assert ran == ([PEOPLE[role]] if role in MAY[NEEDS[command]] else [])


@pytest.mark.parametrize("command", [name for name in NEEDS if NEEDS[name] is not Permission.LOOK])
def test_without_roles_every_command_runs_for_everybody(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    authorized(command, lambda **more: ran.append(more["by"]))(by="anybody", fix=True)
    assert ran == ["anybody"]


def test_arguments_that_change_nothing_need_nothing_and_a_waiver_overrides_a_gate() -> None:
    assert needed("run", {"dry_run": True}) is Permission.LOOK
    assert needed("forget", {"dry_run": True}) is Permission.LOOK
    assert needed("reconcile", {"fix": False}) is Permission.LOOK
    assert needed("reconcile", {"fix": True}) is Permission.OPERATE
    assert needed("record milestone", {"waived": None}) is Permission.RECORD
    assert needed("record milestone", {"waived": "not theirs"}) is Permission.OVERRIDE_GATE
    assert needed("a command without an entry", {}) is Permission.OPERATE


def test_a_refused_command_changes_nothing_and_says_whom_to_ask(
    home: Path, team: Path, first90: First90, moment: str
) -> None:
    key = next(one for one in first90("status", "--json").json if one["status"] == "active")["deal_id"]
    before = first90("show", key, "--json").json
    said = first90("skip-stage", key, "--reason", "pilot", "--by", PEOPLE[AccessRole.CSM])
    assert (said.code, said.out) == (2, "")
    assert "csm@example.com is csm and may not override a gate" in said.err
    assert "ask a manager: manager@example.com" in said.err
    assert first90("show", key, "--json").json["journal"] == before["journal"]

    assert first90("skip-stage", key, "--reason", "pilot", "--by", PEOPLE[AccessRole.MANAGER]).code == 0
    assert first90("hold", key, "--reason", "merger", "--by", PEOPLE[AccessRole.CSM]).code == 0
    assert first90("run", "--plain", "--by", PEOPLE[AccessRole.CSM]).code == 2
    assert first90("stop", "--reason", "wrong", "--by", PEOPLE[AccessRole.OPS]).code == 0


def test_system_users_of_the_team_file_are_who_they_are(home: Path, team: Path, first90: First90) -> None:
    team.write_text(f"{ROLES}  users: {{{getpass.getuser()}: csm@example.com}}\n")
    key = next(one for one in first90("status", "--json").json if one["status"] == "active")["deal_id"]
    claimed = first90("skip-stage", key, "--reason", "pilot", "--by", PEOPLE[AccessRole.MANAGER])
    assert claimed.code == 2
    assert "is csm@example.com (access: users:); leave --by away" in claimed.err
    assert first90("hold", key, "--reason", "merger").code == 0
    assert first90("show", key, "--json").json["journal"][-1]["by"] == "csm@example.com"


@pytest.mark.slow
def test_check_says_who_may_do_what(home: Path, team: Path, first90: First90, monkeypatch: pytest.MonkeyPatch) -> None:
    def roles() -> dict[str, Any]:
        return next(one for one in first90("check", "--json").json if one["what"] == "roles")

    found = roles()
    assert found["said"].startswith(f"viewer 1, csm 1, manager 1, ops 1, by {team}")
    assert found["warning"], "this system user may not run"
    assert "here `first90 run` is refused" in found["said"]
    team.write_text(f"access: {{ops: [{getpass.getuser()}]}}\n")
    assert "nobody may override a gate" in roles()["said"]
    monkeypatch.delenv("FIRST90_TEAM")
    assert "everybody may do everything" in roles()["said"]
    assert not roles()["warning"]


def printed() -> str:
    """Return the table of commands as the page prints it."""
    rows = [
        f"| `{permission}` | {', '.join(f'`{name}`' for name in NEEDS if NEEDS[name] is permission)} |"
        for permission in Permission
    ]
    nobody = f"| none | {', '.join(f'`{name}`' for name in sorted(SERVICES))} |"
    return "\n".join(["| permission | commands |", "|---|---|", *rows, nobody])


def test_the_page_prints_the_table_of_commands() -> None:
    found = PAGE.read_text(encoding="utf-8").split(MARK)[1].strip()
    assert found == printed(), f"put this between the two marks in {PAGE.name}:\n{printed()}"
