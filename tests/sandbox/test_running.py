"""The sandbox of a person: filled from a folder, saved between two starts, reached by settings, used by a command."""

import csv
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from config.sample_portfolio.sample import make_sample, sample_as_of
from sandbox.certificate import certificates, signing_key
from sandbox.org.keeping import restore, save, saved_clock
from sandbox.org.loading import load_folder
from sandbox.org.org import new_org
from sandbox.rest.app import build
from sandbox.running import stand
from sandbox.server import listen
from tests.sandbox.others import Others

AT = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
FIRST90 = (sys.executable, "-c", "from cli.main import main; main()")
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample") / "crm"
    make_sample(folder, AT)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """Return a CRM folder with these files."""

    def make(**files: str) -> Path:
        for name, text in files.items():
            (tmp_path / f"{name}.csv").write_text(text, "utf-8")
        return tmp_path

    return make


def test_the_sample_comes_in_as_the_crm_exported_it(sample: Path) -> None:
    org = new_org()
    loaded = load_folder(org, sample)
    lines = {name: len((sample / f"{name}.csv").read_text("utf-8").splitlines()) - 1 for name in ("User", "Account")}
    assert {name: loaded.counts[name] for name in lines} == lines
    # one deal of the sample has a close date that is no date
    (left_out,) = loaded.left_out
    assert left_out.startswith("Opportunity.csv:")
    assert left_out.endswith("CloseDate is no date: 31/02/26")
    account = Others(org).rows("Account")[0]
    assert account["SystemModstamp"] == sample_as_of(sample) - timedelta(hours=1)
    assert account["IsDeleted"] is False


def test_what_no_salesforce_could_hold_is_left_out_and_named(folder: Callable[..., Path]) -> None:
    crm = folder(
        Account="Id,Name,Colour\n0015fQw00000001,Good,red\n006-1,Bad id,\n0015fQw00000002,,\n0065fQw00000003,Deal?,\n",
        Contact=f"Id,LastName,Email\n0035fQw00000001,Good,\n0035fQw00000002,{'x' * 81},\n0035fQw00000003,Y,nobody\n",
    )
    org = new_org()
    loaded = load_folder(org, crm)
    assert loaded.counts == {"Account": 1, "Contact": 1}
    assert [line.partition(" ")[0] for line in loaded.left_out] == [
        "Account.csv:3:",
        "Account.csv:4:",
        "Account.csv:5:",
        "Contact.csv:3:",
        "Contact.csv:4:",
    ]


def test_details_find_their_master_by_our_key(folder: Callable[..., Path]) -> None:
    crm = folder(
        Onboarding__c="First90_Key__c\n0065fQw00000010ABA\n",
        Onboarding_Milestone__c="First90_Key__c,Onboarding__c\n0065fQw00000010ABA:a,0065fQw00000010ABA\nx:a,x\n",
    )
    org = new_org()
    load_folder(org, crm)
    (master,) = Others(org).rows("Onboarding__c")
    assert [row["Onboarding__c"] for row in Others(org).rows("Onboarding_Milestone__c")] == [master["Id"], None]


def test_what_is_saved_comes_back_as_it_was(sample: Path, tmp_path: Path) -> None:
    one = new_org(clock=lambda: AT)
    load_folder(one, sample)
    Others(one).delete("Account", Others(one).rows("Account")[0]["Id"])
    one.used = 7
    save(one, tmp_path / "org.json")
    other = new_org()
    restore(other, tmp_path / "org.json")
    assert other.used == 7
    assert saved_clock(tmp_path / "org.json") == AT
    for name in one.schema.objects:
        held = {row.id: row.values for row in one.records.all(name)}
        assert {row.id: row.values for row in other.records.all(name)} == held
    # milestones in the sample have no ids, so theirs were made by the first org
    fresh = Others(other).create("Onboarding_Milestone__c", {"First90_Key__c": "new"})
    assert fresh not in {row.id for row in one.records.all("Onboarding_Milestone__c")}


def test_a_file_of_another_kind_is_refused_with_the_mend(tmp_path: Path) -> None:
    (tmp_path / "org.json").write_text("{}", "utf-8")
    with pytest.raises(ValueError, match="remove it to begin anew"):
        saved_clock(tmp_path / "org.json")


def test_it_stands_goes_on_and_its_clock_stands_still_meanwhile(sample: Path, tmp_path: Path) -> None:
    with stand(tmp_path, sample, port=0, as_of=AT) as first:
        assert first.loaded is not None
        made = Others(first.org).create("Account", {"Name": "new"})
        answer = requests.get(f"{first.url}/services/data", verify=str(tmp_path / "ca.pem"), timeout=10)
        assert answer.status_code == 200
    with stand(tmp_path, sample, port=0, as_of=AT + timedelta(days=9)) as again:
        assert again.loaded is None
        assert Others(again.org).row("Account", made).values["Name"] == "new"
        assert AT <= again.org.clock() < AT + timedelta(hours=1)
        exported = (tmp_path / "env").read_text("utf-8").splitlines()
        assert f"export FIRST90_SALESFORCE_LOGIN_URL={shlex.quote(again.url)}" in exported
        assert f"export FIRST90_SIGNALS={shlex.quote(f'csv:{sample}/signals.csv')}" in exported


def test_certificate_and_key_are_kept_and_the_key_is_private(tmp_path: Path) -> None:
    ca_file, server_file = certificates(tmp_path)
    before = ca_file.read_bytes(), server_file.read_bytes()
    certificates(tmp_path)
    assert (ca_file.read_bytes(), server_file.read_bytes()) == before
    key_file, public = signing_key(tmp_path)
    assert signing_key(tmp_path) == (key_file, public)
    for file in (server_file, key_file):
        assert file.stat().st_mode & 0o077 == 0


def test_every_route_is_reached(running_sandbox: Any) -> None:
    """The first matching route is used, so none may follow one that matches everything."""
    app = build(new_org(running_sandbox.schema))
    routes = app.app.routes  # type: ignore[attr-defined]
    for place, route in enumerate(routes):
        path = re.sub(r"{\w+(:path)?}", "x", route.path)
        first = next(one for one in routes if one.path_regex.match(path))
        assert first is route or first.path == route.path, f"{route.path} (route {place}) is behind {first.path}"


@pytest.mark.slow
def test_a_port_that_is_taken_is_one_clear_message(tmp_path: Path) -> None:
    with listen() as taken:
        port = str(taken.getsockname()[1])
        found = _first90(tmp_path, "sandbox", "--port", port, "--", "true")
    assert found.returncode == 2
    assert "the sandbox cannot stand" in found.stderr


@pytest.mark.slow
def test_a_folder_that_is_not_there_is_one_clear_message(tmp_path: Path) -> None:
    found = _first90(tmp_path, "sandbox", "--crm", str(tmp_path / "nowhere"), "--", "true")
    assert found.returncode == 2
    assert "there is no folder" in found.stderr


@pytest.mark.slow
def test_it_serves_until_it_is_told_to_stop_and_keeps_its_records(sample: Path, tmp_path: Path) -> None:
    arguments = ("sandbox", "--crm", str(sample), "--home", str(tmp_path))
    with subprocess.Popen([*FIRST90, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told: dict[str, str] = {}
        while "FIRST90_SIGNALS" not in told:
            name, _, value = process.stdout.readline().removeprefix("export ").rstrip().partition("=")
            told[name] = value
        url, ca_file = told["FIRST90_SALESFORCE_LOGIN_URL"], told["REQUESTS_CA_BUNDLE"]
        assert requests.get(f"{url}/services/data", verify=ca_file, timeout=10).ok
        process.terminate()
        assert process.wait(30) == 0
    assert saved_clock(tmp_path / "org.json")


@pytest.mark.slow
def test_one_whole_cycle_against_it_and_nothing_new_in_the_next(sample: Path, tmp_path: Path) -> None:
    with (sample / "Opportunity.csv").open(encoding="utf-8") as file:
        pilot = ",".join(row["AccountId"] for row in list(csv.DictReader(file))[:4])
    cycle = ("sandbox", "--", *FIRST90, "run", "--plain", "--json", "--as-of", "{as_of}")
    first, second = (_first90(tmp_path, *cycle, FIRST90_ACCOUNTS=pilot) for _ in range(2))
    assert first.returncode == second.returncode == 0, first.stderr + second.stderr
    told, again = json.loads(first.stdout), json.loads(second.stdout)
    assert told["intake"]["opened"] > 0
    assert told["effects"]["crm"]["sent"] > 40
    assert told["effects"]["crm"]["failed"] == told["effects"]["mail"]["failed"] == 0
    assert [numbers["sent"] for numbers in again["effects"].values()] == [0, 0, 0]
    assert again["intake"]["opened"] == 0


def _first90(home: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FIRST90_")}
    return subprocess.run(
        [*FIRST90, *arguments],
        env=environment | variables | {"FIRST90_HOME": str(home)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
