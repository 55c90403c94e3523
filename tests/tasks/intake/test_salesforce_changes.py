"""What people do in Salesforce between two readings of changes, and what follows from it in the same cycle."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from config.settings.load import load_settings
from database.crm import problems, written_rows
from database.events import signals
from database.onboardings import openings
from database.onboardings.overview import journal_lines, status_lines
from database.tables import SignalRow, StakeholderRow, UnreadableRow
from onboarding.model.usage import SignalRecord
from onboarding.model.vocabulary import Channel
from onboarding.orders import FactReport, Order
from sandbox.org.call_log import LoggedCall
from sandbox.org.org import USER_ID
from tasks.commands import deliveries
from tasks.commands.facts import record_milestone
from tasks.intake.crm_upsert import take_in
from tasks.intake.reconcile import reconcile
from tasks.intake.sources import take_in_deals
from tasks.runtime.context import RunContext, open_run_context
from tasks.runtime.scope import ALL_ACCOUNTS
from tests.builders.lines import milestone_lines
from tests.salesforce_fixtures import Sandbox
from tests.tasks.conftest import HANDOFF, Round, cycle

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
TUESDAY = datetime(2026, 3, 3, 10, tzinfo=UTC)
ROW = "Onboarding_Milestone__c"
PART = "OpportunityContactRole"


@dataclass
class Firm:
    """One customer in an org, and first90 at work on it."""

    sandbox: Sandbox
    office: Any
    context: RunContext
    csm: str
    account: str
    person: str
    deal: str

    def run(self, at: datetime) -> Round:
        """Run a cycle; the org's clock moves too."""
        self.sandbox.at(at)
        found = cycle(self.context, at, ALL_ACCOUNTS)
        assert found.failures == []
        return found

    def look(self, at: datetime = MONDAY) -> Any:
        return take_in_deals(self.context, at, ALL_ACCOUNTS)

    def edit(self, sobject: str, record: str, **values: Any) -> None:
        """Change a record as another user, a minute later."""
        self.sandbox.later(timedelta(minutes=1))
        self.sandbox.others.edit(sobject, record, **values)

    def user(self, name: str, **more: Any) -> str:
        known = {"LastName": name, "Name": name, "Email": f"{name.lower()}@vendor.example", "IsActive": True}
        return self.sandbox.others.create("User", known | {"TimeZoneSidKey": "Europe/London"} | more)

    def contact(self, name: str, role: str | None = "Champion") -> str:
        known = {"LastName": name, "Name": name, "Email": f"{name.lower()}@customer.example"}
        made = self.sandbox.others.create("Contact", known | {"AccountId": self.account})
        if role:
            part = {"OpportunityId": self.deal, "ContactId": made, "Role": role}
            self.sandbox.others.create("OpportunityContactRole", part)
        return str(made)

    def tick(self, name: str, **values: Any) -> None:
        row = next(row for row in self.sandbox.others.rows(ROW) if row["First90_Key__c"] == f"{self.deal}:{name}")
        self.edit(ROW, row["Id"], **values)

    def row(self, name: str) -> Any:
        rows = self.sandbox.others.rows(ROW)
        return next(row for row in rows if row["First90_Key__c"] == f"{self.deal}:{name}")

    @property
    def status(self) -> Any:
        with self.context.database.reading() as conn:
            return status_lines(conn)[0]

    @property
    def journal(self) -> str:
        with self.context.database.reading() as conn:
            return "\n".join(f"{line['kind']}: {line['because']}" for line in journal_lines(conn, self.deal))

    @property
    def problems(self) -> list[str]:
        with self.context.database.reading() as conn:
            return [problem.record for problem in problems.open_problems(conn)]

    def milestone(self, name: str) -> Any:
        with self.context.database.reading() as conn:
            return next(line for line in milestone_lines(conn, self.deal) if line["name"] == name)


@pytest.fixture
def firm(office: Any, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Firm]:
    sandbox.at(MONDAY)
    others = sandbox.others
    others.edit("User", USER_ID)  # who was made before the clock was set
    for name, value in (sandbox.environment(office.home) | {"FIRST90_CRM_SINCE": "2026-01-01"}).items():
        monkeypatch.setenv(name, value)
    with open_run_context(load_settings(env_file=None)) as context:
        made = Firm(sandbox, office, context, "", "", "", "")
        made.csm = made.user("Cleo")
        given = {"Name": "Customer", "OwnerId": made.csm, "BillingCountry": "United Kingdom"}
        made.account = others.create("Account", given)
        deal = {"Name": "D", "AccountId": made.account, "OwnerId": made.csm, "CloseDate": date(2026, 3, 2)}
        won = {"StageName": "Closed Won", "IsWon": True, "IsClosed": True, "Amount": 20000.0}
        made.deal = others.create("Opportunity", deal | won | HANDOFF)
        made.person = made.contact("Ann")
        yield made


def held_back(firm: Firm) -> None:
    """Return the firm with a planned welcome, and mail stopped until ``release``."""
    deliveries.stop(firm.context, Order(by="jo", now=MONDAY, reason="a rehearsal"), Channel.MAIL)
    firm.run(MONDAY)
    assert firm.office.mails == []


def release(firm: Firm) -> None:
    deliveries.start(firm.context, Order(by="jo", now=TUESDAY), None)
    firm.run(TUESDAY)


@pytest.mark.slow
def test_a_new_owner_signs_what_has_not_left_and_the_journal_says_so(firm: Firm) -> None:
    held_back(firm)
    firm.edit("Account", firm.account, OwnerId=firm.user("Nia"))
    release(firm)
    assert {mail["Reply-To"].addresses[0].addr_spec for mail in firm.office.mails} == {"nia@vendor.example"}
    assert firm.status["owner"] == "nia@vendor.example"
    assert "owner: Nia is accountable from now on; what has not left goes out in that name" in firm.journal


@pytest.mark.slow
def test_a_champion_who_left_hands_the_mail_to_the_next(firm: Firm) -> None:
    firm.contact("Bob", "Technical Buyer")
    held_back(firm)
    firm.edit("Contact", firm.person, First90_Left_On__c=date(2026, 3, 2))
    release(firm)
    assert firm.office.inbox("ann@customer.example") == []
    assert sorted(firm.office.inbox("bob@customer.example")) == ["kickoff_invitation", "welcome"]
    assert "person_left: left on 2026-03-02, says the CRM" in firm.journal
    firm.run(TUESDAY + timedelta(hours=1))
    assert firm.journal.count("person_left: ") == 1


@pytest.mark.slow
def test_a_part_that_was_taken_away_and_one_that_was_given_count_at_once(firm: Firm) -> None:
    held_back(firm)
    part = firm.sandbox.others.rows("OpportunityContactRole")[0]["Id"]
    firm.sandbox.later(timedelta(minutes=1))
    firm.sandbox.others.delete("OpportunityContactRole", part)
    firm.contact("Bob")
    release(firm)
    assert firm.office.inbox("ann@customer.example") == []
    assert "welcome" in firm.office.inbox("bob@customer.example")


@pytest.mark.slow
def test_what_is_set_aside_is_mended_by_its_own_change_and_by_no_other(firm: Firm) -> None:
    firm.run(MONDAY)
    firm.edit("Account", firm.account, First90_Time_Zone__c="Nowhere/Land")
    firm.look()
    assert firm.problems == [firm.account]
    firm.edit("Contact", firm.person, Title="Head")
    firm.look()
    assert firm.problems == [firm.account]
    firm.edit("Account", firm.account, First90_Time_Zone__c="Europe/Paris")
    firm.look()
    assert firm.problems == []


@pytest.mark.slow
def test_what_is_set_aside_is_mended_by_its_deletion(firm: Firm) -> None:
    firm.run(MONDAY)
    stranger = firm.contact("Eve", None)
    firm.edit("Contact", stranger, First90_Left_On__c=date(203, 1, 1))
    firm.look()
    assert firm.problems == [stranger]
    firm.sandbox.later(timedelta(minutes=1))
    firm.sandbox.others.delete("Contact", stranger)
    firm.look()
    assert firm.problems == []


@pytest.mark.slow
@pytest.mark.parametrize("known", [False, True], ids=["never read", "read before"])
def test_a_person_whose_role_cannot_be_read_is_not_replaced(firm: Firm, known: bool) -> None:
    firm.contact("Bob", "Technical Buyer")
    part = next(row for row in firm.sandbox.others.rows(PART) if row["ContactId"] == firm.person)["Id"]
    if known:
        held_back(firm)
    firm.edit(PART, part, ContactId=None)
    release(firm)
    assert firm.problems == [part]
    assert firm.office.mails == []
    assert "is named as champion in the deal, but the contact record cannot be read" in firm.status["stall_cause"]
    assert firm.office.told("cleo@vendor.example", "the contact record cannot be read")

    firm.edit("Contact", firm.person, Title="Head")
    firm.run(TUESDAY + timedelta(hours=1))
    assert firm.office.mails == [], "another change mends nothing"

    firm.edit(PART, part, ContactId=firm.person)
    firm.run(TUESDAY + timedelta(hours=2))
    assert firm.problems == []
    assert "welcome" in firm.office.inbox("ann@customer.example")
    assert firm.office.inbox("bob@customer.example") == []


@pytest.mark.slow
def test_a_role_that_cannot_be_read_and_is_deleted_is_gone(firm: Firm) -> None:
    firm.contact("Bob")
    part = next(row for row in firm.sandbox.others.rows(PART) if row["ContactId"] == firm.person)["Id"]
    firm.edit(PART, part, ContactId=None)
    firm.run(MONDAY)
    firm.sandbox.later(timedelta(minutes=1))
    firm.sandbox.others.delete(PART, part)
    firm.run(MONDAY + timedelta(hours=1))
    assert firm.problems == []
    with firm.context.database.reading() as conn:
        assert conn.execute(select(UnreadableRow.id)).scalars().all() == []
    assert "welcome" in firm.office.inbox("bob@customer.example")


DANGLING = {
    "a won deal whose account is missing": ("Opportunity", "deal", "AccountId", "001000000000009AAA"),
    "a seller who is no user": ("Opportunity", "deal", "OwnerId", "005000000000009AAA"),
    "an account's owner who is no user": ("Account", "account", "OwnerId", "005000000000009AAA"),
}


@pytest.mark.slow
@pytest.mark.parametrize(("sobject", "whose", "field", "target"), DANGLING.values(), ids=DANGLING)
def test_a_reference_that_leads_nowhere_is_told_once_and_gone_once_mended(
    firm: Firm, sobject: str, whose: str, field: str, target: str
) -> None:
    record = getattr(firm, whose)
    kept = firm.sandbox.others.row(sobject, record).values[field]
    firm.edit(sobject, record, **{field: target})
    (problem,) = firm.run(MONDAY).deals.set_aside
    assert (problem.source, problem.record, problem.field) == (sobject, record, field)
    assert "leads nowhere" in problem.problem
    assert len(firm.office.told("#managers", "leads nowhere")) == 1

    firm.user("New")
    assert len(firm.run(MONDAY + timedelta(hours=1)).deals.set_aside) == 1
    assert len(firm.office.told("#managers", "leads nowhere")) == 1

    firm.edit(sobject, record, **{field: kept})
    assert firm.run(MONDAY + timedelta(hours=2)).deals.set_aside == ()
    assert "welcome" in firm.office.inbox("ann@customer.example")


@pytest.mark.slow
def test_a_contact_that_the_org_hides_is_waited_for_and_found_by_the_whole_look_of_the_next_day(firm: Firm) -> None:
    firm.contact("Bob", "Technical Buyer")
    hidden = firm.sandbox.org.records.rows["Contact"].pop(firm.person[:15])
    (problem,) = firm.run(MONDAY).deals.set_aside
    assert (problem.source, problem.record, problem.field) == (PART, firm.deal, "ContactId")
    assert firm.office.mails == []

    firm.sandbox.org.records.rows["Contact"][firm.person[:15]] = hidden
    assert firm.run(TUESDAY).deals.set_aside == ()
    assert "welcome" in firm.office.inbox("ann@customer.example")
    assert firm.office.inbox("bob@customer.example") == []


@pytest.mark.slow
def test_a_deal_that_is_reopened_stops_and_won_again_goes_on_as_it_was(firm: Firm) -> None:
    firm.run(MONDAY)
    firm.edit("Opportunity", firm.deal, StageName="Negotiation", IsWon=False, IsClosed=False)
    firm.run(MONDAY + timedelta(hours=1))
    assert firm.status["status"] not in ("active", "completed")
    firm.edit("Opportunity", firm.deal, StageName="Closed Won", IsWon=True, IsClosed=True)
    again = firm.run(MONDAY + timedelta(hours=2))
    assert again.deals.opened == 0
    assert firm.status["status"] == "active"
    assert sorted(firm.office.sent_kinds) == ["kickoff_invitation", "welcome"]


@pytest.mark.slow
def test_deleted_and_undeleted_is_there_again(firm: Firm) -> None:
    firm.run(MONDAY)
    firm.sandbox.later(timedelta(minutes=1))
    firm.sandbox.others.delete("Opportunity", firm.deal)
    firm.run(MONDAY + timedelta(hours=1))
    assert firm.status["status"] != "active"
    firm.sandbox.others.undelete("Opportunity", firm.deal)
    firm.run(MONDAY + timedelta(hours=2))
    assert firm.status["status"] == "active"


@pytest.mark.slow
def test_accounts_merged_into_one_take_the_onboarding_its_people_and_its_usage_along(firm: Firm) -> None:
    firm.run(MONDAY)
    winner = firm.sandbox.others.create("Account", {"Name": "Winner", "OwnerId": firm.csm})
    event = SignalRecord(key="e1", account=firm.account, name="login", at=MONDAY)
    with firm.context.database.writing() as conn:
        signals.take_signals(conn, [event])
    firm.sandbox.later(timedelta(minutes=1))
    firm.sandbox.others.merge("Account", winner, firm.account)
    firm.run(TUESDAY)
    assert (firm.status["account_id"], firm.status["status"]) == (winner, "active")
    assert f"account {winner}" in firm.journal
    with firm.context.database.reading() as conn:
        assert signals.count_unmatched(conn).total() == 0
    assert firm.office.sent_kinds.count("welcome") == 1


@pytest.mark.slow
def test_the_usage_of_accounts_merged_while_nothing_ran_is_moved_by_a_whole_reading(firm: Firm) -> None:
    firm.run(MONDAY)
    winner, last = (firm.sandbox.others.create("Account", {"Name": name, "OwnerId": firm.csm}) for name in "WL")
    with firm.context.database.writing() as conn:
        signals.take_signals(conn, [SignalRecord(key="e1", account=firm.account, name="login", at=MONDAY)])
    firm.sandbox.later(timedelta(minutes=1))
    firm.sandbox.others.merge("Account", winner, firm.account)
    firm.sandbox.others.merge("Account", last, winner)
    firm.sandbox.later(timedelta(hours=5))
    firm.edit("Opportunity", firm.deal, NextStep="call")
    firm.run(TUESDAY)
    firm.run(TUESDAY + timedelta(minutes=10))
    with firm.context.database.reading() as conn:
        assert conn.execute(select(SignalRow.account_id).distinct()).scalars().all() == [last]


@pytest.mark.slow
def test_a_strangers_row_blocks_and_its_deletion_ends_that(firm: Firm) -> None:
    firm.run(MONDAY)
    firm.sandbox.later(timedelta(minutes=1))
    other = firm.sandbox.others.create("Account", {"Name": "Other", "OwnerId": firm.csm})
    given = {"First90_Key__c": "0069K0000009999QAA", "Account__c": other}
    row = firm.sandbox.others.create("Onboarding__c", given)
    firm.look()
    assert strangers(firm) == [other]
    firm.edit("Contact", firm.person, Title="Head")
    firm.look()
    assert strangers(firm) == [other]
    firm.sandbox.later(timedelta(minutes=1))
    firm.sandbox.others.delete("Onboarding__c", row)
    firm.look()
    assert strangers(firm) == []


def strangers(firm: Firm) -> list[str]:
    with firm.context.database.reading() as conn:
        return list(written_rows.strangers(conn))


@pytest.mark.slow
def test_a_tick_counts_with_who_and_when_and_our_own_writes_are_no_edits(firm: Firm) -> None:
    firm.run(MONDAY)
    firm.run(MONDAY + timedelta(minutes=30))
    firm.tick("kickoff_held", Status__c="Done", Completed_By__c="Cleo", Completed_At__c=MONDAY)
    firm.run(TUESDAY)
    assert (firm.milestone("kickoff_held")["status"], firm.milestone("kickoff_held")["done_by"]) == ("done", "Cleo")
    assert "conflict" not in firm.journal
    facts = firm.journal.count("crm")
    for hours in (1, 2):
        firm.run(TUESDAY + timedelta(hours=hours))
    assert firm.journal.count("crm") == facts


@pytest.mark.slow
def test_a_row_that_a_person_adds_with_a_tasks_key_becomes_a_task_and_stays_one_row(firm: Firm) -> None:
    firm.run(MONDAY)
    firm.run(MONDAY + timedelta(minutes=30))
    others = firm.sandbox.others
    values = {
        "First90_Key__c": f"{firm.deal}:task_ship",
        "Onboarding__c": others.rows("Onboarding__c")[0]["Id"],
        "Milestone__c": "Ship the adapter",
        "Side__c": "vendor",
        "Owner_Role__c": "csm",
        "Due_On__c": date(2026, 4, 30),
        "Status__c": "Open",
    }
    others.create(ROW, values)
    firm.run(TUESDAY)
    assert (firm.milestone("task_ship")["title"], firm.milestone("task_ship")["side"]) == ("Ship the adapter", "vendor")
    firm.run(TUESDAY + timedelta(hours=1))
    assert [one["Stage__c"] for one in others.rows(ROW) if one["Milestone__c"] == "Ship the adapter"] == ["kickoff"]


@pytest.mark.slow
def test_an_edit_between_our_look_and_our_write_is_never_overwritten(firm: Firm) -> None:
    """A person sets a date while the same row is being written."""
    firm.run(MONDAY)
    firm.run(MONDAY + timedelta(minutes=30))
    row = firm.row("kickoff_held")
    theirs = date(2026, 4, 30)
    others = firm.sandbox.others

    def meanwhile(_: LoggedCall) -> None:
        others.edit(ROW, row["Id"], Due_On__c=theirs)

    firm.sandbox.faults.add(meanwhile, "query", sobject=ROW, moment="after")
    now = MONDAY + timedelta(hours=1)
    record_milestone(firm.context, FactReport(by="jo", now=now), firm.account, "kickoff_held")
    firm.run(now)
    assert firm.row("kickoff_held")["Due_On__c"] == theirs
    assert firm.row("kickoff_held")["Status__c"] == "Done"
    firm.run(TUESDAY)
    assert firm.milestone("kickoff_held")["due_at"].date() == theirs
    assert firm.row("kickoff_held")["Due_On__c"] == theirs


@pytest.mark.slow
def test_reconcile_tells_whose_change_is_what_and_brings_both_together(firm: Firm) -> None:
    firm.run(MONDAY)
    firm.run(MONDAY + timedelta(minutes=30))
    now = MONDAY + timedelta(hours=1)
    assert reconcile(firm.context, now).differences == ()
    firm.tick("kickoff_held", Status__c="Done", Completed_By__c="Cleo")
    row = firm.sandbox.others.rows("Onboarding__c")[0]["Id"]
    firm.edit("Onboarding__c", row, Stage__c="done")
    found = reconcile(firm.context, now, fix=True, by="jo")
    assert [(one.field, one.side, one.mend) for one in found.differences] == [
        ("Stage__c", "theirs", "write"),
        ("Completed_By__c", "theirs", "take back"),
        ("Status__c", "theirs", "take back"),
    ]
    firm.run(TUESDAY)
    assert firm.milestone("kickoff_held")["done_by"] == "Cleo"
    assert reconcile(firm.context, TUESDAY).differences == ()


@pytest.mark.slow
def test_what_left_no_trace_is_found_by_the_whole_look_of_the_next_day(firm: Firm) -> None:
    firm.run(MONDAY)
    firm.sandbox.others.delete("Opportunity", firm.deal)
    firm.sandbox.others.empty_bin("Opportunity", firm.deal)
    assert firm.look(MONDAY + timedelta(hours=20)).seen == 1
    assert firm.look(MONDAY + timedelta(hours=24)).seen == 0


@pytest.mark.slow
def test_a_look_that_another_run_overtook_takes_nothing_back(firm: Firm) -> None:
    """What was read before the other run may be older than what that one read."""
    firm.run(MONDAY)
    firm.edit("Account", firm.account, Name="Older and Sons")

    def other_run() -> None:
        firm.edit("Account", firm.account, Name="Newer and Sons")
        firm.look()

    take_in_deals(replace(firm.context, crm=Overtaken(firm.context.crm, other_run)), MONDAY, ALL_ACCOUNTS)
    with firm.context.database.reading() as conn:
        assert openings.accounts(conn, [firm.account])[firm.account].name == "Newer and Sons"
    firm.run(MONDAY + timedelta(hours=1))
    assert firm.status["account_name"] == "Newer and Sons"


@pytest.mark.slow
def test_a_deal_whose_parts_could_not_all_be_read_keeps_those_it_had(firm: Firm) -> None:
    firm.run(MONDAY)
    half = replace(firm.context.crm.read(None), complete=False, roles=(), roles_of=frozenset())
    with firm.context.database.writing() as conn:
        take_in(conn, firm.context, half, MONDAY)
        parts = conn.execute(select(StakeholderRow.person_id)).scalars().all()
    assert parts == [firm.person]


class Overtaken:
    """An org that another run reads to the end while this one's response is on its way."""

    def __init__(self, crm: Any, meanwhile: Any) -> None:
        self._crm, self._meanwhile = crm, meanwhile

    def __getattr__(self, name: str) -> Any:
        return getattr(self._crm, name)

    def read(self, cursor: str | None) -> Any:
        batch = self._crm.read(cursor)
        self._meanwhile()
        return batch
