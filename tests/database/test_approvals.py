"""Requests for a second person are decided once, on both databases."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from database import approvals
from database.acting import acting, how_known
from database.engine import Database
from database.onboardings.overview import journal_lines
from onboarding.acts import Act
from onboarding.permissions.second_person import VALID, Approval, ApprovalState

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
REQUEST = Approval(
    id="3fa291bc",
    act=Act.STOP,
    onboarding_key=None,
    words={"channel": "mail"},
    said="stop mail",
    reason="wrong template",
    asked_by="jo@example.com",
    asked_known="Slack U1",
    asked_at=NOW,
    expires_at=NOW + VALID,
)


def test_a_request_is_kept_as_it_was_asked_and_waits_until_it_expires(database: Database) -> None:
    with database.writing() as conn:
        approvals.add(conn, REQUEST)
        approvals.add(conn, replace(REQUEST, id="00000001", asked_at=NOW - timedelta(hours=1)))
    with database.reading() as conn:
        assert approvals.find(conn, REQUEST.id) == REQUEST
        assert approvals.find(conn, "unknown") is None
        assert [one.id for one in approvals.waiting(conn, NOW)] == ["00000001", REQUEST.id]
        assert approvals.waiting(conn, NOW + VALID) == ()
        found = approvals.same(conn, Act.STOP, None, {"channel": "mail"}, NOW)
        assert found is not None
        assert found.id == "00000001"
        assert approvals.same(conn, Act.STOP, None, {"channel": "slack"}, NOW) is None
        assert approvals.same(conn, Act.START, None, {"channel": "mail"}, NOW) is None


def test_of_many_decisions_at_once_one_counts(database: Database) -> None:
    with database.writing() as conn:
        approvals.add(conn, REQUEST)
    made: list[bool] = []

    def decide(name: str) -> None:
        with database.writing() as conn:
            made.append(approvals.decide(conn, REQUEST, ApprovalState.DONE, name, NOW))

    threads = [threading.Thread(target=decide, args=(f"m{number}@example.com",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [False] * 7 + [True]
    with database.reading() as conn:
        lines = [one for one in journal_lines(conn) if one["kind"] == "approval_confirmed"]
        found = approvals.find(conn, REQUEST.id)
    assert len(lines) == 1
    assert found is not None
    assert (found.state, found.decided_by) == (ApprovalState.DONE, lines[0]["by"])


def test_a_decision_that_is_rolled_back_was_not_made(database: Database) -> None:
    with database.writing() as conn:
        approvals.add(conn, REQUEST)
    try:
        with database.writing() as conn:
            assert approvals.decide(conn, REQUEST, ApprovalState.DONE, "dana@example.com", NOW)
            raise RuntimeError("killed")
    except RuntimeError:
        pass
    with database.reading() as conn:
        assert approvals.find(conn, REQUEST.id) == REQUEST


def test_the_journal_says_how_whoever_acts_is_known_and_nobody_else(database: Database) -> None:
    with acting({"jo@example.com": "Slack U1"}), database.writing() as conn:
        approvals.add(conn, REQUEST)
        approvals.decide(conn, REQUEST, ApprovalState.REFUSED, "dana@example.com", NOW)
    assert how_known("jo@example.com") == "", "it ends with the block"
    with database.reading() as conn:
        assert [(one["by"], one["known"]) for one in journal_lines(conn)] == [
            ("jo@example.com", "Slack U1"),
            ("dana@example.com", ""),
        ]
