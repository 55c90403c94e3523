"""A second person confirms an adoption: what was asked for moves, once, and nothing else."""

from pathlib import Path
from typing import Any

import pytest

from config.settings.load import load_settings
from onboarding.orders import Order
from tasks.approvals import adopting
from tasks.commands import onboardings
from tasks.runtime.clock import present
from tasks.runtime.context import open_run_context
from tests.cli.four_eyes import CLEO, DANA, JO, First90, journal, line, waiting


def ask(first90: First90, *words: str) -> str:
    said = first90("playbook", *words, "--by", JO)
    assert said.code == 0, said.err
    (request,) = waiting(first90)
    return str(request["id"])


def confirm(first90: First90, request: str, by: str = DANA) -> Any:
    return first90("approvals", "confirm", request, "--by", by)


def others(first90: First90, key: str) -> list[str]:
    return [
        one["deal_id"]
        for one in first90("status", "--json").json
        if one["status"] == "active" and one["deal_id"] != key
    ]


def close(key: str) -> None:
    """End an onboarding without a second person."""
    with open_run_context(load_settings(env_file=None), create=False) as context:
        order = Order(by=DANA, now=present(context), reason="insolvent")
        onboardings.close(context, order, key, "churned")


def change_playbooks(tmp_path: Path) -> None:
    for path in (tmp_path / "playbooks").glob("*.yaml"):
        if path.stem in ("high", "mid", "tech"):
            text = path.read_text("utf-8")
            path.write_text(text.replace("stop, start, forget]", "stop, start]"), "utf-8")


def test_a_playbook_is_adopted_as_it_was_asked_for(first90: First90, key: str) -> None:
    before = line(first90, key)["playbook"]
    request = ask(first90, "adopt", key)
    assert line(first90, key)["playbook"] == before
    done = confirm(first90, request)
    assert done.code == 0, done.err
    assert "1 moved" in done.out
    assert line(first90, key)["playbook"] != before


@pytest.mark.slow
def test_what_becomes_of_other_customers_does_not_matter(first90: First90, key: str) -> None:
    before = line(first90, key)["playbook"]
    request = ask(first90, "adopt", key)
    close(others(first90, key)[0])
    assert confirm(first90, request).code == 0
    assert line(first90, key)["playbook"] != before
    assert all(journal(first90, one, "playbook") == [] for one in others(first90, key)[:3])


@pytest.mark.slow
def test_a_part_that_cannot_be_done_is_told_and_the_request_ends(first90: First90, key: str, tmp_path: Path) -> None:
    before = line(first90, key)["playbook"]
    request = ask(first90, "adopt", "--all")
    gone = others(first90, key)[0]
    close(gone)
    done = confirm(first90, request)
    assert done.code == 1
    assert f"{gone} stays as it is: it is not in flight any more" in " ".join(done.out.split())
    now = line(first90, key)["playbook"]
    assert now != before
    change_playbooks(tmp_path)
    again = confirm(first90, request)
    assert again.code == 2
    assert f"was done already by {DANA}" in again.err
    assert line(first90, key)["playbook"] == now


def test_playbooks_changed_since_are_not_adopted(first90: First90, key: str, tmp_path: Path) -> None:
    before = line(first90, key)["playbook"]
    request = ask(first90, "adopt", key)
    change_playbooks(tmp_path)
    said = confirm(first90, request)
    assert said.code == 2
    assert "its newest playbook is not the one that was asked for" in " ".join(said.err.split())
    assert line(first90, key)["playbook"] == before
    assert [one["id"] for one in waiting(first90)] == [request]


def test_an_adoption_that_was_interrupted_goes_on_for_who_confirmed_it(
    first90: First90, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = line(first90, key)["playbook"]
    request = ask(first90, "adopt", key)
    with monkeypatch.context() as patch:
        patch.setattr(adopting, "adopt", lambda *args, **more: 1 / 0)
        assert confirm(first90, request).code == 1
    assert line(first90, key)["playbook"] == before
    assert confirm(first90, request, CLEO).code == 2
    assert confirm(first90, request).code == 0
    assert line(first90, key)["playbook"] != before
    assert len(journal(first90, key, "playbook")) == 1
    assert confirm(first90, request).code == 2


@pytest.mark.slow
def test_an_adoption_that_was_interrupted_does_not_go_on_to_later_playbooks(
    first90: First90, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = line(first90, key)["playbook"]
    request = ask(first90, "adopt", "--all")
    with monkeypatch.context() as patch:
        patch.setattr(adopting, "adopt", lambda *args, **more: 1 / 0)
        assert confirm(first90, request).code == 1
    change_playbooks(tmp_path)
    said = confirm(first90, request)
    assert said.code == 1
    assert "0 moved" in said.out
    assert line(first90, key)["playbook"] == before
    assert confirm(first90, request).code == 2


def test_following_new_versions_is_asked_about_and_pinning_is_not(first90: First90, key: str) -> None:
    assert first90("playbook", "policy", key, "pin", "--by", JO).code == 0
    assert waiting(first90) == []
    request = ask(first90, "policy", key, "follow", "--reason", "a pilot")
    assert [one["because"] for one in journal(first90, key, "playbook_policy")] == [""]
    assert confirm(first90, request).code == 0
    assert [(one["about"], one["by"]) for one in journal(first90, key, "playbook_policy")][1:] == [("follow", JO)]
    assert confirm(first90, request).code == 2


@pytest.mark.parametrize("everything", [False, True], ids=["one", "all"])
def test_taking_an_adoption_back_is_asked_about(first90: First90, key: str, *, everything: bool) -> None:
    before = line(first90, key)["playbook"]
    confirm(first90, ask(first90, "adopt", key))
    adopted = line(first90, key)["playbook"]
    request = ask(first90, "rollback", "--all" if everything else key, "--reason", "too early")
    assert line(first90, key)["playbook"] == adopted
    done = confirm(first90, request)
    assert (done.code, "1 taken back" in done.out) == (0, True)
    assert line(first90, key)["playbook"] == before
    assert confirm(first90, request).code == 2


@pytest.mark.slow
def test_another_adoption_than_was_asked_about_is_not_taken_back(first90: First90, key: str, tmp_path: Path) -> None:
    confirm(first90, ask(first90, "adopt", key))
    request = ask(first90, "rollback", key, "--reason", "too early")
    change_playbooks(tmp_path)
    assert first90("playbook", "adopt", key, "--by", JO).code == 0
    later = next(one["id"] for one in waiting(first90) if one["id"] != request)
    assert confirm(first90, later).code == 0
    now = line(first90, key)["playbook"]
    said = confirm(first90, request)
    assert said.code == 1
    assert "its last adoption is not the one that was to be taken back" in " ".join(said.out.split())
    assert line(first90, key)["playbook"] == now


def test_another_tier_is_asked_about_wherever_the_playbook_that_is_left_asks_for_anything(
    first90: First90, key: str, tmp_path: Path
) -> None:
    for path in (tmp_path / "playbooks").glob("*.yaml"):
        text = path.read_text("utf-8")
        start = text.find("four_eyes:")
        path.write_text(text[:start] + "four_eyes: [close]\n" if start >= 0 else text, "utf-8")
    tier = line(first90, key)["tier"]
    to = next(one for one in ("high", "mid", "tech") if one != tier)
    said = first90("retier", key, "--to", to, "--reason", "a small deal", "--by", JO)
    assert said.code == 0, said.err
    assert line(first90, key)["tier"] == tier
    (request,) = waiting(first90)
    assert confirm(first90, request["id"]).code == 0
    assert line(first90, key)["tier"] == to
    assert confirm(first90, request["id"]).code == 2
