"""P6: what a sync with Salesforce costs, counted by the org."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config.settings.load import load_settings
from database.crm import written_rows
from database.onboardings import overview
from onboarding.model.vocabulary import Channel
from sandbox.org.org import USER_ID
from tasks.delivery.deliver_all import deliver
from tasks.intake.sources import take_back_milestones, take_in_deals
from tasks.review.batches import review_named
from tasks.review.escalations import write_digests
from tasks.runtime.context import RunContext, open_run_context
from tasks.runtime.scope import ALL_ACCOUNTS
from tests.salesforce_fixtures import Sandbox
from tests.tasks.conftest import cycle

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
CUSTOMERS = 30


@pytest.fixture
def context(office: Any, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunContext]:
    """Return a run context with an org that has won deals and all their rows."""
    sandbox.at(MONDAY)
    others = sandbox.others
    others.edit("User", USER_ID)  # who was made before the clock was set
    owner = others.create("User", {"LastName": "Csm", "Name": "Cleo Csm", "Email": "csm@v.example", "IsActive": True})
    for number in range(CUSTOMERS):
        account = others.create("Account", {"Name": f"Customer {number}", "OwnerId": owner})
        person = others.create(
            "Contact", {"LastName": "P", "Name": "P", "AccountId": account, "Email": f"p{number}@c.example"}
        )
        deal = {"Name": "D", "AccountId": account, "OwnerId": owner, "CloseDate": date(2026, 3, 2), "Amount": 20000.0}
        won = others.create("Opportunity", deal | {"StageName": "Closed Won", "IsWon": True, "IsClosed": True})
        others.create("OpportunityContactRole", {"OpportunityId": won, "ContactId": person, "Role": "Champion"})
    for name, value in sandbox.environment(office.home).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("FIRST90_CRM_SINCE", "2026-01-01")
    with open_run_context(load_settings(env_file=None)) as opened:
        for _ in range(2):
            assert cycle(opened, MONDAY, ALL_ACCOUNTS).failures == []
        with opened.database.reading() as conn:
            keys = overview.all_keys(conn)
        review_named(opened, keys, MONDAY, "a test")  # so that the rows of the first writes are written once more
        deliver(opened, MONDAY, Channel.CRM, ALL_ACCOUNTS)
        sandbox.later(timedelta(minutes=30))
        take_in_deals(opened, MONDAY, ALL_ACCOUNTS)  # our own rows come back
        sandbox.calls.clear()
        yield opened


def sync(context: RunContext, at: datetime) -> int:
    """Run the tasks of the flow of the same name; return how many rows were written."""
    take_back_milestones(context, at, ALL_ACCOUNTS)
    return deliver(context, at, Channel.CRM, ALL_ACCOUNTS).sent


def owe_milestones(context: RunContext, many: int, at: datetime) -> None:
    """Plan so many milestone rows to be written."""
    with context.database.reading() as conn:
        keys = overview.all_keys(conn)
        rows = sorted(key for key in written_rows.rows_of(conn, keys) if ":" in key)[:many]
    assert len(rows) == many
    owed: dict[str, set[str]] = {}
    for row in rows:
        owed.setdefault(row.partition(":")[0], set()).add(row)
    with context.database.writing() as conn:
        written_rows.plan_writes(conn, owed, because="a test", by="a test", at=at)
    review_named(context, keys, at, "a test")


@pytest.mark.slow
def test_a_thousand_changed_milestones_cost_seven_calls_and_nothing_costs_the_poll(
    context: RunContext, sandbox: Sandbox, proof: Callable[[str], None]
) -> None:
    at = MONDAY
    owe_milestones(context, 1000, at)
    assert sync(context, at) == 1000
    cost = sandbox.calls.count()
    sandbox.calls.clear()
    sandbox.later(timedelta(minutes=15))
    assert sync(context, at) == 0
    sandbox.calls.clear()
    sandbox.later(timedelta(minutes=15))
    assert sync(context, at) == 0
    idle = sandbox.calls.count()
    proof(f"CALLS milestones=1000 calls={cost} idle={idle}")
    assert cost <= 7
    assert idle == 1


@pytest.mark.slow
def test_no_row_is_written_that_did_not_change(context: RunContext, sandbox: Sandbox) -> None:
    again = cycle(context, MONDAY, ALL_ACCOUNTS)
    assert again.sent == 0
    assert {call.method for call in sandbox.calls.of() if call.kind != "login"} == {"GET"}


@pytest.mark.slow
def test_a_low_allowance_slows_the_looks_and_not_the_writes(context: RunContext, sandbox: Sandbox) -> None:
    at = MONDAY
    sandbox.org.used = int(sandbox.org.allowance * 0.81)
    take_in_deals(context, at, ALL_ACCOUNTS)
    sandbox.calls.clear()
    owe_milestones(context, 10, at)
    assert sync(context, at + timedelta(minutes=15)) == 10
    assert [call.kind for call in sandbox.calls.calls if call.kind.startswith("query")] == []
    take_in_deals(context, at + timedelta(minutes=59), ALL_ACCOUNTS)
    assert sandbox.calls.count("query") == 0
    take_in_deals(context, at + timedelta(minutes=61), ALL_ACCOUNTS)
    assert sandbox.calls.count("query") > 0


@pytest.mark.slow
def test_ops_are_told_of_a_low_allowance_once_a_day(context: RunContext, sandbox: Sandbox, office: Any) -> None:
    sandbox.org.used = int(sandbox.org.allowance * 0.81)
    for hours in (1, 2, 3, 25):
        at = MONDAY + timedelta(hours=hours)
        take_in_deals(context, at, ALL_ACCOUNTS)
        write_digests(context, at, ALL_ACCOUNTS)
        deliver(context, at, Channel.SLACK, ALL_ACCOUNTS)
    told = [post for post in office.posts if "API calls" in str(post["blocks"][0])]
    assert len(told) == 2
    assert "18 %" in told[0]["text"] or "19 %" in told[0]["text"]


@pytest.mark.slow
def test_enough_allowance_is_not_reported(context: RunContext, office: Any) -> None:
    write_digests(context, MONDAY + timedelta(hours=1), ALL_ACCOUNTS)
    deliver(context, MONDAY + timedelta(hours=1), Channel.SLACK, ALL_ACCOUNTS)
    assert [post for post in office.posts if "API calls" in str(post["blocks"][0])] == []
