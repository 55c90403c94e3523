"""The Maildir: one file for each mail, and one mail for each effect, whatever fails in between."""

import mailbox
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from integrations.mail.maildir import Maildir
from integrations.ports import OutgoingMessage

PAYLOAD: dict[str, Any] = {
    "to": "ann.lee@acme.example",
    "sender": "onboarding@northbeam.example",
    "subject": "Welcome, Ann",
    "text": "Hello Ann",
    "html": "<p>Hello Ann</p>",
    "date": "2026-03-02T09:00:00+00:00",
}
SENDER = """
import sys
from pathlib import Path
from integrations.mail.maildir import Maildir
from integrations.ports import OutgoingMessage
payload = {"to": "a@b.example", "sender": "c@d.example", "subject": "s", "text": "t"}
payload["date"] = "2026-03-02T09:00:00Z"
for number in range(40):
    outcome, = Maildir(Path(sys.argv[1])).send([OutgoingMessage(key=f"effect-{number}", payload=payload)])
    assert outcome.state == "sent", outcome
"""


def outgoing(key: str = "welcome", **changes: Any) -> OutgoingMessage:
    return OutgoingMessage(key=key, payload=PAYLOAD | changes)


def files(folder: Path) -> list[str]:
    return sorted(path.name for part in ("new", "cur", "tmp") for path in (folder / part).iterdir())


def test_mail_programs_read_it(tmp_path: Path) -> None:
    Maildir(tmp_path).send([outgoing("one"), outgoing("two", subject="Hello again")])
    box = mailbox.Maildir(tmp_path)
    assert sorted(message["Subject"] for message in box) == ["Hello again", "Welcome, Ann"]
    assert all(b"\r" not in path.read_bytes() for path in (tmp_path / "new").iterdir())


def test_a_repeat_adds_nothing_even_after_the_mail_was_read(tmp_path: Path) -> None:
    first = Maildir(tmp_path).send([outgoing(), outgoing()])
    name = first[0].provider_id
    assert name
    assert files(tmp_path) == [name]
    (tmp_path / "new" / name).rename(tmp_path / "cur" / f"{name}:2,RS")
    again = Maildir(tmp_path).send([outgoing(date="2026-03-05T09:00:00+00:00")])
    assert [outcome.provider_id for outcome in [*first, *again]] == [name] * 3
    assert files(tmp_path) == [f"{name}:2,RS"]
    assert Maildir(tmp_path).find("welcome") == name
    assert Maildir(tmp_path).find("kickoff") is None


def test_names_and_contents_are_the_same_each_time(tmp_path: Path) -> None:
    for place in ("a", "b"):
        Maildir(tmp_path / place).send([outgoing("one"), outgoing("two")])
    assert files(tmp_path / "a") == files(tmp_path / "b")
    for name in files(tmp_path / "a"):
        assert (tmp_path / "a/new" / name).read_bytes() == (tmp_path / "b/new" / name).read_bytes()


def test_what_a_crash_left_in_tmp_is_delivered_by_the_next_try(tmp_path: Path) -> None:
    name = Maildir(tmp_path).send([outgoing()])[0].provider_id
    assert name
    (tmp_path / "new" / name).rename(tmp_path / "tmp" / name)
    (tmp_path / "tmp" / name).write_bytes(b"half a")
    assert Maildir(tmp_path).find("welcome") is None
    assert Maildir(tmp_path).send([outgoing()])[0].provider_id == name
    assert files(tmp_path) == [name]
    assert (tmp_path / "new" / name).read_bytes().startswith(b"Subject: Welcome, Ann\n")


def test_one_bad_mail_does_not_stop_the_others_and_its_error_has_no_name(tmp_path: Path) -> None:
    outcomes = Maildir(tmp_path).send([outgoing("one"), outgoing("two", to="ann.lee at acme"), outgoing("three")])
    assert [outcome.state for outcome in outcomes] == ["sent", "permanent", "sent"]
    assert outcomes[1].error == "the mail cannot be built: to: is not one mail address"
    assert len(files(tmp_path)) == 2


def test_a_maildir_that_cannot_be_written_is_tried_again_later(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    outcome = Maildir(tmp_path / "file" / "mail").send([outgoing()])[0]
    assert (outcome.state, outcome.error) == ("transient", "Maildir cannot be written: Not a directory")


@pytest.mark.slow
@pytest.mark.parametrize("processes", [3])
def test_processes_at_once_deliver_each_mail_once(processes: int, tmp_path: Path) -> None:
    running = [subprocess.Popen([sys.executable, "-c", SENDER, str(tmp_path)]) for _ in range(processes)]
    assert [process.wait() for process in running] == [0] * processes
    assert len(files(tmp_path)) == 40


def test_each_mail_is_on_the_disk_before_it_has_its_name_and_the_name_before_the_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a power failure leaves is what was synchronised before it."""
    steps: list[tuple[str, str]] = []
    fsync, rename = os.fsync, os.rename

    def synced(handle: int) -> None:
        steps.append(("sync", Path(os.readlink(f"/proc/self/fd/{handle}")).name))
        fsync(handle)

    def renamed(source: Path, target: Path) -> None:
        steps.append(("rename", source.name))
        rename(source, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "rename", renamed)
    assert {answer.state for answer in Maildir(tmp_path).send([outgoing("a"), outgoing("b")])} == {"sent"}
    mails = [path.name for path in (tmp_path / "new").iterdir()]
    assert len(mails) == 2
    assert all(steps.index(("sync", name)) < steps.index(("rename", name)) for name in mails)
    assert steps[-1] == ("sync", "new")
