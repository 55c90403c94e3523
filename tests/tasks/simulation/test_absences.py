"""A simulation lives an absence as a live run does: the same sender, the same notes, each once."""

import json
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from config.settings.load import load_settings
from tasks.simulation.simulate import Simulation, simulate

TEAM = """
members:
  - {email: csm@vendor.example, roles: [csm], backup: bea@vendor.example, away: [{from: 2026-03-02, until: 2026-03-06}]}
  - {email: bea@vendor.example, roles: [csm]}
"""


@pytest.mark.slow
def test_a_simulation_moves_work_to_the_backup_and_tells_both_once_of_start_and_return(office, tmp_path: Path) -> None:
    office.user(5, Name="Bea Backup", Email="bea@vendor.example", TimeZoneSidKey="Europe/London", CountryCode="GB")
    office.customer()
    office.change("001-0001", First90_CSM__c="005-0002")
    office.write()
    (tmp_path / "team.yaml").write_text(TEAM, "utf-8")
    office.setenv("FIRST90_TEAM", str(tmp_path / "team.yaml"))
    out = tmp_path / "out"
    start = datetime(2026, 3, 2, 10, tzinfo=UTC)
    simulate(load_settings(env_file=None), Simulation(start=start, days=8, out=out), lambda _: None)
    chat = out / "slack.jsonl"
    posts = [json.loads(line) for line in chat.read_text("utf-8").splitlines()]
    told = [(post["channel"], post["text"].splitlines()[0]) for post in posts if "absence:" in json.dumps(post)]
    assert told == [
        ("csm@vendor.example", "Bea Backup covers for you until 6 March 2026"),
        ("bea@vendor.example", "You cover for Cleo Csm until 6 March 2026: 1 customer"),
        ("csm@vendor.example", "Welcome back: what happened since 2 March 2026"),
        ("bea@vendor.example", "Cleo Csm is back, and you no longer cover"),
    ]
    mails = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in out.rglob("*.eml")]
    senders = {mail["Reply-To"].addresses[0].addr_spec for mail in mails if mail["Date"].datetime.day < 6}
    assert senders == {"bea@vendor.example"}
