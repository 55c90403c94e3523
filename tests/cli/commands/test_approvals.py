"""Four eyes at the command line: the first asks, the second confirms, both are in the journal, it is done once."""

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from config.settings.load import load_settings
from database import approvals as stored
from onboarding.permissions.identity import Identity, KnownBy
from onboarding.permissions.second_person import VALID
from tasks.approvals import deciding
from tasks.commands import onboardings
from tasks.runtime.clock import present
from tasks.runtime.context import open_run_context
from tasks.runtime.refusals import Refused
from tests.cli.four_eyes import CLEO, DANA, JO, First90, journal, line, waiting


def test_the_first_asks_and_the_second_confirms_and_both_are_in_the_journal(first90: First90, key: str) -> None:
    stage = line(first90, key)["stage"]
    asked = first90("skip-stage", key, "--reason", "went live in the pilot", "--by", JO)
    assert asked.code == 0
    assert "Nothing was changed yet: a second person has to confirm it" in " ".join(asked.out.split())
    assert f"ask a manager: {DANA}" in " ".join(asked.out.split()), "and not who has asked"
    assert line(first90, key)["stage"] == stage

    (request,) = waiting(first90)
    own = first90("approvals", "confirm", request["id"], "--by", JO)
    assert (own.code, own.out) == (2, "")
    assert "a second person has to confirm it" in own.err
    less = first90("approvals", "confirm", request["id"], "--by", CLEO)
    assert less.code == 2
    assert "cleo@example.com is csm and may not override a gate" in less.err
    assert line(first90, key)["stage"] == stage

    done = first90("approvals", "confirm", request["id"], "--by", DANA)
    assert done.code == 0, done.err
    assert "Skipped" in done.out
    assert line(first90, key)["stage"] != stage
    assert waiting(first90) == []
    found = journal(first90, key, "approval_asked", "approval_confirmed", "skip_stage")
    assert [(one["kind"], one["by"]) for one in found] == [
        ("approval_asked", JO),
        ("approval_confirmed", DANA),
        ("skip_stage", JO),
    ]
    assert all(one["known"].startswith("command line, system user ") for one in found)
    assert found[1]["about"] == request["id"]

    again = first90("approvals", "confirm", request["id"], "--by", DANA)
    assert again.code == 2
    assert f"was done already by {DANA}" in again.err
    assert len(journal(first90, key, "skip_stage")) == 1


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (("close", "KEY", "--as", "cancelled", "--reason", "no budget"), "close"),
        (("record", "KEY", "milestone", "kickoff_held", "--not-applicable", "no call wanted"), "milestone_waived"),
    ],
    ids=["close", "waive"],
)
def test_acts_on_one_onboarding_wait(words: tuple[str, ...], kind: str, first90: First90, key: str) -> None:
    said = first90(*[key if one == "KEY" else one for one in words], "--by", JO)
    assert said.code == 0, said.err
    assert journal(first90, key, kind) == []
    (request,) = waiting(first90)
    assert first90("approvals", "confirm", request["id"], "--by", DANA).code == 0
    assert [one["by"] for one in journal(first90, key, kind)] == [JO]


def test_stopping_and_starting_wait(first90: First90, gated: Path) -> None:
    def stops() -> list[Any]:
        with open_run_context(load_settings(env_file=None), create=False) as context:
            from database.channels.stops import stops

            with context.database.reading() as conn:
                return [(one.channel, one.by) for one in stops(conn)]

    for words in (("stop", "--channel", "mail", "--reason", "wrong template"), ("start", "--channel", "mail")):
        before = stops()
        assert first90(*words, "--by", JO).code == 0
        assert stops() == before
        (request,) = waiting(first90)
        assert first90("approvals", "confirm", request["id"], "--by", DANA).code == 0
        assert stops() == ([("mail", JO)] if words[0] == "stop" else [])


@pytest.mark.slow
def test_an_erasure_waits_and_leaves_no_trace_in_the_request(first90: First90, key: str) -> None:
    person = first90("show", key, "--json").json["people"][0]["email"]
    asked = first90("forget", person, "--reason", "her request", "--by", JO)
    assert asked.code == 0
    (request,) = waiting(first90)
    assert person in request["said"]
    done = first90("approvals", "confirm", request["id"], "--by", DANA)
    assert done.code == 0, done.err
    assert "0 traces left" in " ".join(done.out.split())
    with open_run_context(load_settings(env_file=None), create=False) as context, context.database.reading() as conn:
        assert person not in str(stored.find(conn, request["id"]))


@pytest.mark.slow
def test_an_erasure_that_left_traces_fails_and_says_where(
    first90: First90, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = first90("show", key, "--json").json["people"][0]["email"]
    first90("forget", person, "--reason", "her request", "--by", JO)
    (request,) = waiting(first90)
    monkeypatch.setattr("database.privacy.personal_data.count", lambda *args: {"journal.because": 2})
    done = first90("approvals", "confirm", request["id"], "--by", DANA)
    assert done.code == 1
    assert "still named 2 times in journal.because" in " ".join(done.out.split())


def test_a_completed_customer_is_closed_by_two_people_too(first90: First90, key: str) -> None:
    (done, *_) = [one for one in first90("status", "--json").json if one["status"] == "completed"]
    first90("close", done["deal_id"], "--as", "churned", "--reason", "gone", "--by", JO)
    (request,) = waiting(first90)
    assert first90("approvals", "confirm", request["id"], "--by", DANA).code == 0
    assert line(first90, done["deal_id"])["status"] == "churned"


def test_without_four_eyes_nothing_waits(first90: First90, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FIRST90_PLAYBOOKS")
    assert "Skipped" in first90("skip-stage", key, "--reason", "pilot", "--by", JO).out
    assert waiting(first90) == []


def test_the_same_asked_again_is_one_request_and_can_be_taken_back_or_refused(first90: First90, key: str) -> None:
    ask = ("close", key, "--as", "churned", "--reason", "gone", "--by")
    first90(*ask, JO)
    assert "This was asked for already" in " ".join(first90(*ask, DANA).out.split())
    (request,) = waiting(first90)
    assert "Taken back" in first90("approvals", "refuse", request["id"], "--by", JO).out
    assert first90("approvals", "confirm", request["id"], "--by", DANA).code == 2
    first90(*ask, JO)
    (request,) = waiting(first90)
    assert first90("approvals", "refuse", request["id"], "--by", CLEO).code == 2
    assert "Refused" in first90("approvals", "refuse", request["id"], "--by", DANA).out
    assert first90("approvals", "refuse", request["id"], "--by", DANA).code == 2
    assert [one["by"] for one in journal(first90, key, "approval_refused")] == [JO, DANA]
    assert line(first90, key)["status"] == "active"


def test_a_request_about_a_stage_that_was_left_or_that_expired_does_nothing(first90: First90, key: str) -> None:
    first90("skip-stage", key, "--reason", "pilot", "--by", JO)
    (request,) = waiting(first90)
    dana = Identity(name=DANA, known_by=KnownBy.SLACK, detail="U2")
    with open_run_context(load_settings(env_file=None), create=False) as context:
        late = present(context) + VALID + timedelta(minutes=1)
        with pytest.raises(Refused, match="expired"):
            deciding.confirm(context, dana, request["id"], late)
        from onboarding.orders import Order

        onboardings.skip_stage(context, Order(by=DANA, now=present(context), reason="by another way"), key)
    said = first90("approvals", "confirm", request["id"], "--by", DANA)
    assert said.code == 2
    assert "not where it was when this was asked for" in said.err
    assert len(journal(first90, key, "skip_stage")) == 1
    assert len(waiting(first90)) == 1


def test_a_crash_inside_leaves_the_request_open_and_the_act_undone(
    first90: First90, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first90("close", key, "--as", "churned", "--reason", "gone", "--by", JO)
    (request,) = waiting(first90)
    with monkeypatch.context() as patch:
        patch.setattr("database.onboardings.orders.close", lambda *args: 1 / 0)
        assert first90("approvals", "confirm", request["id"], "--by", DANA).code == 1
    assert line(first90, key)["status"] == "active"
    assert [one["id"] for one in waiting(first90)] == [request["id"]]
    assert first90("approvals", "confirm", request["id"], "--by", DANA).code == 0
    assert line(first90, key)["status"] == "churned"


def test_twenty_confirmations_at_once_do_it_once(first90: First90, key: str) -> None:
    first90("skip-stage", key, "--reason", "pilot", "--by", JO)
    (request,) = waiting(first90)
    told: list[str] = []
    with open_run_context(load_settings(env_file=None), create=False) as context:
        now, identity = present(context), Identity(name=DANA, known_by=KnownBy.SLACK)

        def confirm() -> None:
            try:
                told.append(deciding.confirm(context, identity, request["id"], now).said)
            except Refused as refused:
                told.append(f"no: {refused}")

        threads = [threading.Thread(target=confirm) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(told) == 20
    assert sum(not one.startswith("no: ") for one in told) == 1
    assert len(journal(first90, key, "skip_stage")) == 1
    assert [one["known"] for one in journal(first90, key, "approval_confirmed")] == ["Slack"]
