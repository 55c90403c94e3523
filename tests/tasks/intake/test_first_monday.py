"""The first run over a company's existing records: adopted, rehearsed, dry run, and no embarrassing mail."""

import hashlib
import shutil

import pytest

from config.settings.load import load_settings
from tasks.commands import onboardings
from tasks.runtime.context import open_run_context
from tasks.runtime.scope import Scope


@pytest.fixture
def company(office):
    """Three years of customers: old, adopted, fresh, churned, unreadable, without people, not won."""
    office.customer(1, signed="2023-05-02")
    office.customer(2, signed="2025-12-01")
    office.customer(3, signed="2026-02-10")
    office.customer(4, signed="2026-02-27")
    office.customer(5, signed="2026-02-26")
    office.change("001-0005", First90_Churned_On__c="2026-02-28")
    office.customer(6, signed="n/a")
    office.account(7)
    office.deal(7, signed="2026-02-27")
    office.customer(8, IsWon="false", StageName="Closed Lost")
    return office


def everything(folder):
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.slow
def test_only_who_is_new_is_written_to(company):
    found = company.run()
    assert (found.deals.seen, found.deals.opened, found.deals.adopted) == (6, 3, 2)
    assert [problem.record for problem in found.deals.set_aside] == ["006-0006"]
    assert {mail["To"].addresses[0].addr_spec for mail in company.mails} == {"person4@customer4.example"}
    assert {line["account_id"] for line in company.lines() if line["adopted"]} == {"001-0002", "001-0003"}


@pytest.mark.slow
def test_our_people_get_at_most_one_digest_and_what_is_urgent_on_the_first_day(company):
    company.run()
    company.run("2026-03-02T12:00")
    parents = [post for post in company.posts if post["method"] == "chat.postMessage"]
    urgent = [
        post for post in parents if post["channel"] == "csm@vendor.example" and "Onboarding on" not in post["text"]
    ]
    assert all("Customer 4" in post["text"] or "Customer 7" in post["text"] for post in urgent)
    assert len([post for post in parents if "Onboarding on" in post["text"]]) <= 4
    assert company.told("director@vendor.example", "critical") == []


@pytest.mark.slow
def test_a_dry_look_decides_the_same_and_touches_nothing(company):
    company.write()
    shutil.rmtree(company.home)
    before = everything(company.folder)
    with open_run_context(load_settings(env_file=None), create=False, dry=True) as context:
        dry = company.cycle(context)
    assert everything(company.folder) == before
    assert not company.home.exists()
    real = company.run()
    assert (dry.deals, dry.planned, dry.sent) == (real.deals, real.planned, real.sent)


@pytest.mark.slow
def test_a_dry_look_at_a_company_under_way_changes_nothing_either(company):
    company.run()
    before = everything(company.folder) | everything(company.home)
    with open_run_context(load_settings(env_file=None), create=False, dry=True) as context:
        dry = company.cycle(context, "2026-03-09T10:00")
    # Opening a SQLite database for reading leaves its two side files, which hold no data of ours.
    after = everything(company.folder) | everything(company.home)
    assert {path: mark for path, mark in after.items() if path.suffix not in (".db-wal", ".db-shm")} == {
        path: mark for path, mark in before.items() if path.suffix not in (".db-wal", ".db-shm")
    }
    assert dry.sent > 0
    real = company.run("2026-03-09T10:00")
    assert (dry.planned, dry.sent) == (real.planned, real.sent)


@pytest.mark.slow
def test_a_pilot_then_everybody(company):
    assert company.run(ACCOUNTS="001-0003,001-0004").deals.opened == 1
    assert {line["account_id"] for line in company.lines()} == {"001-0003", "001-0004"}
    found = company.run("2026-03-03T10:00", ACCOUNTS="")
    assert found.deals.opened == 2
    assert company.sent_kinds.count("welcome") == 1, "customer 7 has nobody, 5 is gone"


@pytest.mark.slow
def test_a_pilot_that_grows_reads_the_ticks_of_those_who_waited(company):
    company.write()
    rows = ["First90_Key__c,Status__c,Completed_At__c"]
    rows += [f"006-0003:{name},Done,2026-02-20" for name in ("kickoff_held", "cadence_agreed", "plan_agreed")]
    (company.folder / "Onboarding_Milestone__c.csv").write_text("\n".join(rows) + "\n", "utf-8")
    company.run(ACCOUNTS="001-0004")
    company.run("2026-03-02T11:00")
    found = company.run("2026-03-02T12:00", ACCOUNTS="001-0003,001-0004")
    assert found.deals.adopted == 1
    assert company.status(3)["stage"] == "setup"


@pytest.mark.slow
def test_a_named_run_opens_that_account_alone(company):
    company.run(scope=Scope(accounts=frozenset({"001-0003"}), by="jo"))
    assert [line["account_id"] for line in company.lines()] == ["001-0003"]


@pytest.mark.slow
def test_adopting_one_that_is_ours_with_a_welcome_sends_it(company):
    company.run()
    assert "welcome" not in company.inbox("person3@customer3.example")
    company.order(onboardings.adopt, ["001-0003"], welcome=True, on="2026-03-02T11:00")
    company.run("2026-03-02T12:00")
    company.run("2026-03-03T12:00")
    assert company.inbox("person3@customer3.example").count("welcome") == 1


def test_a_mapped_field_that_the_export_lacks_is_done_without(office):
    office.customer()
    for row in office.tables["Opportunity.csv"]:
        for name in [name for name in row if name.startswith("First90_")]:
            del row[name]
    office.tables["Account.csv"][0].pop("First90_CSM__c", None)
    office.run()
    assert office.status()["stage"] == "handoff"
    assert sorted(office.sent_kinds) == ["kickoff_invitation", "welcome"]


@pytest.mark.slow
def test_ids_of_fifteen_and_eighteen_characters_are_one_record(office):
    office.tables["Account.csv"].append({"Id": "0015fQw00000001", "Name": "Short", "OwnerId": "005-0002"})
    office.deal(1, AccountId="0015fQw00000001ABA")
    office.contact(1, AccountId="0015fqw00000001aba")
    assert office.run(ACCOUNTS="0015FQW00000001ABA").deals.opened == 1
    assert "welcome" in office.sent_kinds


@pytest.mark.slow
def test_usage_of_an_account_whose_id_lost_its_capitals_is_reported_and_not_counted(office):
    office.tables["Account.csv"].append({"Id": "0015fQw00000001", "Name": "Short", "OwnerId": "005-0002"})
    office.deal(1, AccountId="0015fQw00000001")
    office.contact(1, AccountId="0015fQw00000001")
    office.run()
    for spelt in ("0015fqw00000001", "0015FQW00000001", "0015fqw00000001aba", "0015fQw00000009"):
        office.events.append({"account_id": spelt, "signal": "login", "at": "2026-03-02T09:00Z"})
    taken = office.run("2026-03-03T09:00").signals
    assert (taken.new, taken.unmatched) == (2, 1)
    assert [problem.record for problem in taken.set_aside] == [
        "account 0015FQW00000001QDA",
        "account 0015fqw00000001AAA",
    ]
    assert all("lost its capitals" in problem.problem for problem in taken.set_aside)
    office.events = [event | {"account_id": "0015fQw00000001"} for event in office.events]
    assert office.run("2026-03-04T09:00").signals.set_aside == ()
