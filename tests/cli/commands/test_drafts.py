"""``first90 drafts`` from outside: from the first run to the mail that left, once."""

import shutil
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from config.playbook_library.library import BUNDLED
from config.sample_portfolio.sample import make_sample
from tests.cli.conftest import DAY

First90 = Callable[..., Any]


@pytest.fixture
def drafted(empty_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first90: First90) -> str:
    """A home in which the welcomes are drafts, after one cycle; return its moment."""
    folder = tmp_path / "playbooks"
    shutil.copytree(BUNDLED, folder)
    for path in folder.glob("*.yaml"):
        said = path.read_text("utf-8").replace("  - name: welcome\n", "  - name: welcome\n    mode: draft\n")
        path.write_text(said, "utf-8")
    monkeypatch.setenv("FIRST90_PLAYBOOKS", str(folder))
    at = make_sample(empty_home / "crm", DAY).isoformat()
    assert first90("run", "--plain", "--as-of", at, "--json").code == 0
    return at


def welcomes(home: Path, key: str) -> list[Any]:
    mails = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in home.rglob("mail/*/*")]
    return [mail for mail in mails if mail["X-First90-Effect"] == key]


@pytest.mark.slow
def test_a_draft_is_shown_edited_approved_and_leaves_once(empty_home: Path, first90: First90, drafted: str) -> None:
    found = first90("drafts", "--json").json
    assert found
    assert {"id", "account_id", "account_name", "deal_id", "step", "to", "owner", "useful_until", "then"} <= set(
        found[0]
    )
    assert {one["step"] for one in found} == {"welcome"}
    waiting = {one["key"] for one in first90("effects", "--state", "withheld", "--json").json}
    assert {one["id"] for one in found} <= waiting
    assert first90("drafts").widest <= 80
    key, other = found[0]["id"], found[1]["id"]
    shown = first90("drafts", "show", key)
    assert f"Subject: {found[0]['subject']}" in shown.out
    assert not welcomes(empty_home, key)

    said = first90(
        "drafts", "edit", key, "--subject", "Hello *you*", "--text", "My <b> words\nand yours", "--by", "jo@x.example"
    )
    assert said.code == 0
    assert first90("drafts", "show", key, "--json").json["edited_by"] == "jo@x.example"
    first90("run", "--plain", "--as-of", drafted, "--json")
    assert not welcomes(empty_home, key), "edited is not approved"
    assert first90("drafts", "approve", key, "--by", "jo@x.example").code == 0
    assert first90("drafts", "discard", other, "--by", "jo@x.example", "--reason", "we spoke").code == 0
    again = first90("drafts", "approve", key, "--by", "jo@x.example")
    assert (again.code, "approved already" in again.err) == (2, True)
    later = (DAY + timedelta(days=1)).isoformat()
    for _ in range(2):
        assert first90("run", "--plain", "--as-of", later, "--json").code == 0
    (mail,) = welcomes(empty_home, key)
    assert mail["Subject"] == "Hello *you*"
    text = mail.get_body(("plain",)).get_content()
    assert text.startswith("My <b> words\nand yours\n\n--\n")
    assert "My &lt;b&gt; words<br" in mail.get_body(("html",)).get_content()
    assert not welcomes(empty_home, other)
    gone = next(one for one in first90("effects", "--json").json if one["key"] == other)
    assert (gone["state"], gone["because"]) == ("cancelled", "the draft was discarded by jo@x.example: we spoke")
    journal = first90("show", found[0]["deal_id"], "--json").json["journal"]
    assert [line["because"] for line in journal if line["kind"] == "draft"] == ["edited", "approved"]
    assert {line["by"] for line in journal if line["kind"] == "draft"} == {"jo@x.example"}


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (("approve", "nonsense"), "there is no mail nonsense; `first90 drafts` lists the ids"),
        (("edit", "nonsense"), "there is no mail nonsense"),
        (("edit", "nonsense", "--text", "a", "--file", "b"), "give the text or a file, not both"),
        (("edit", "nonsense", "--file", "/nowhere"), "/nowhere cannot be read"),
    ],
)
def test_what_cannot_be_is_refused(home: Path, first90: First90, asked: tuple[str, ...], told: str) -> None:
    said = first90("drafts", *asked, "--by", "jo@x.example")
    assert said.code == 2
    assert told in said.err


def test_a_mail_that_is_no_draft_is_refused_with_its_state(home: Path, first90: First90) -> None:
    mail = next(one for one in first90("effects", "--state", "sent", "--channel", "mail", "--json").json)
    said = first90("drafts", "show", mail["key"])
    assert said.code == 2
    assert "waits for nobody any more: it is sent" in said.err
    assert first90("drafts", "--json").json == []
