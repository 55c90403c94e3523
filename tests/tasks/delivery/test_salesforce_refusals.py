"""An org that refuses the writes of a run and accepts them three hours later: nothing dies, people are told once."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from config.settings.load import load_settings
from database.channels import breakers
from database.onboardings import overview
from database.outbox.dead_letters import waiting
from onboarding.model.vocabulary import Channel
from sandbox.org.org import USER_ID
from tasks.review.ops_notes import tell_of_undelivered
from tasks.runtime.context import RunContext, open_run_context
from tasks.runtime.scope import ALL_ACCOUNTS
from tests.salesforce_fixtures import Sandbox
from tests.tasks.conftest import cycle

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
KEY, MILESTONE = "First90_Key__c", "Onboarding_Milestone__c"
Switch = Callable[[Any], None]


@pytest.fixture
def context(office: Any, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunContext]:
    """Return a run context with an org that has one won deal and none of its rows yet."""
    sandbox.at(MONDAY)
    others = sandbox.others
    others.edit("User", USER_ID)
    owner = others.create("User", {"LastName": "Csm", "Name": "Cleo Csm", "Email": "csm@v.example", "IsActive": True})
    account = others.create("Account", {"Name": "Customer", "OwnerId": owner})
    others.create("Contact", {"LastName": "P", "Name": "P", "AccountId": account, "Email": "p@c.example"})
    deal = {"Name": "D", "AccountId": account, "OwnerId": owner, "CloseDate": date(2026, 3, 2), "Amount": 20000.0}
    others.create("Opportunity", deal | {"StageName": "Closed Won", "IsWon": True, "IsClosed": True})
    for name, value in sandbox.environment(office.home).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("FIRST90_CRM_SINCE", "2026-01-01")
    with open_run_context(load_settings(env_file=None)) as opened:
        yield opened


def record(code: str, text: str = "", *, few: bool = False) -> Switch:
    """Refuse each record, or every seventh milestone, with this error."""

    def matches(sobject: str, values: Any) -> bool:
        return not few or (sobject == MILESTONE and sum(map(ord, str(values.get(KEY)))) % 7 == 0)

    return lambda faults: faults.spoil(code, matches, message=text)


def call(code: str, status: int) -> Switch:
    return lambda faults: faults.refuse(code, "write_collection", status=status, times=None)


LOCK = "Rollup: execution of AfterInsert caused by: System.DmlException: UNABLE_TO_LOCK_ROW, unable to obtain"
FAULTS: dict[str, tuple[Switch, str]] = {
    "a lock inside a trigger": (record("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", LOCK, few=True), "row"),
    "read-only maintenance": (record("INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE"), "row"),
    "a flow at its limits": (record("CANNOT_EXECUTE_FLOW_TRIGGER", "Apex CPU time limit exceeded", few=True), "row"),
    "an unknown exception": (record("UNKNOWN_EXCEPTION", few=True), "row"),
    "a code of next year": (record("NEW_IN_2027", few=True), "row"),
    "locked by an approval": (record("ENTITY_IS_LOCKED", "entity is locked for editing", few=True), "row"),
    "rights on the records": (record("INSUFFICIENT_ACCESS_OR_READONLY"), "row"),
    "storage full": (record("STORAGE_LIMIT_EXCEEDED"), "channel"),
    "storage full for new milestones": (record("STORAGE_LIMIT_EXCEEDED", few=True), "channel"),
    "API off": (call("API_DISABLED_FOR_ORG", 403), "channel"),
    "API off for now": (call("API_CURRENTLY_DISABLED", 403), "channel"),
    "maintenance, whole call": (call("INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE", 403), "row"),
    "too many at once": (call("EXCEEDED_MAX_CONCURRENT", 403), "row"),
    "a security policy": (call("TXN_SECURITY_NO_ACCESS", 403), "channel"),
    "access withdrawn": (call("INSUFFICIENT_ACCESS", 403), "channel"),
    "a whole call, unknown": (call("NEW_IN_2027", 400), "channel"),
    "the right to create withdrawn": (lambda faults: None, "channel"),
}


def rows(context: RunContext) -> list[Any]:
    with context.database.reading() as conn:
        return overview.effect_lines(conn, channel=Channel.CRM)


def notes(context: RunContext, at: datetime) -> int:
    tell_of_undelivered(context, at)
    with context.database.reading() as conn:
        return sum(line["kind"] == "undelivered" for line in overview.effect_lines(conn))


@pytest.mark.slow
@pytest.mark.parametrize("name", FAULTS)
def test_what_was_refused_for_a_while_is_written_three_hours_later(
    context: RunContext, sandbox: Sandbox, name: str
) -> None:
    switch, whose = FAULTS[name]
    switch(sandbox.faults)
    if name == "the right to create withdrawn":
        sandbox.org.rights.denied |= {f"create {MILESTONE}", "create Onboarding__c"}
    cycle(context, MONDAY, ALL_ACCOUNTS)
    refused = [line for line in rows(context) if line["state"] != "sent"]
    assert refused
    assert {line["state"] for line in refused} == {"planned"}, "nothing dies"
    with context.database.reading() as conn:
        run, held = breakers.of_channel(conn, Channel.CRM), waiting(conn)
    if whose == "channel":
        assert run is not None
        assert run.shut_until is not None
        assert ";" in run.error, "the mend is told"
        assert {line["attempts"] for line in refused} == {0}, "and no row has lost a try"
        sandbox.calls.clear()
        cycle(context, MONDAY, ALL_ACCOUNTS)
        assert sandbox.calls.count("write_collection") == 0, "nothing leaves meanwhile"
        for minutes in (10, 20, 30):
            cycle(context, MONDAY + timedelta(minutes=minutes), ALL_ACCOUNTS)
            assert notes(context, MONDAY + timedelta(minutes=minutes)) == 1, "told once, with every probe that fails"
        assert {line["attempts"] for line in rows(context) if line["state"] != "sent"} == {0}
    else:
        assert run is None or not run.needs_person
        told = name in ("a code of next year", "locked by an approval", "rights on the records")
        assert bool(held) == told
        assert notes(context, MONDAY) == notes(context, MONDAY) == int(told)
    sandbox.faults.clear()
    sandbox.org.rights.denied.clear()
    cycle(context, MONDAY + 3 * HOUR, ALL_ACCOUNTS)
    assert Counter(line["state"] for line in rows(context)).keys() == {"sent"}
    with context.database.reading() as conn:
        assert breakers.of_channel(conn, Channel.CRM) is None


@pytest.mark.slow
def test_a_record_in_an_approval_waits_for_a_month_and_is_written_when_it_is_decided(
    context: RunContext, sandbox: Sandbox
) -> None:
    record("ENTITY_IS_LOCKED", few=True)(sandbox.faults)
    cycle(context, MONDAY, ALL_ACCOUNTS)
    for day in range(0, 30, 3):
        for hour in (0, 2, 4):
            cycle(context, MONDAY + timedelta(days=day, hours=hour), ALL_ACCOUNTS)
        assert notes(context, MONDAY + timedelta(days=day)) >= 1
    locked = [line for line in rows(context) if line["error"]]
    assert locked
    assert {line["state"] for line in locked} == {"planned"}
    assert max(line["attempts"] for line in locked) == 0
    sandbox.faults.clear()
    cycle(context, MONDAY + timedelta(days=31), ALL_ACCOUNTS)
    assert not [line for line in rows(context) if line["error"]]
