"""Reading the CRM: good rows, bad rows, rows that change or vanish."""

import shutil

import pytest

from config.company.mapping import BUNDLED, load_mapping


def test_a_won_deal_opens_under_its_own_id_and_its_people_hear_of_it(office):
    office.customer()
    found = office.run()
    assert (found.deals.seen, found.deals.opened) == (1, 1)
    assert sorted(office.sent_kinds) == ["kickoff_invitation", "welcome"]
    assert office.status()["deal_id"] == "006-0001"
    assert office.crm()["006-0001"]["Status__c"] == "active"


@pytest.mark.slow
def test_a_second_cycle_at_the_same_moment_plans_and_sends_nothing(office):
    office.customer()
    office.customer(2)
    office.run()
    before = {path: path.read_bytes() for path in office.home.rglob("*.jsonl")} | {
        path: path.read_bytes() for path in office.folder.glob("On*.csv")
    }
    again = office.run()
    assert (again.planned, again.sent, again.failures) == (0, 0, [])
    assert before == {path: path.read_bytes() for path in before}


@pytest.mark.slow
def test_a_sent_welcome_is_a_milestone_in_the_crm_at_the_next_look(office):
    office.customer()
    office.run()
    office.run("2026-03-02T10:10")
    assert office.milestone_row("welcome_sent")["Status__c"] == "Done"
    assert office.milestone_row("welcome_sent")["Completed_At__c"] == "2026-03-02T10:00:00Z"


@pytest.mark.slow
def test_a_deal_that_is_not_won_opens_nothing(office):
    office.customer(IsWon="false", StageName="Negotiation")
    office.customer(2, IsWon="", StageName="Closed Won")
    found = office.run()
    assert (found.deals.seen, found.deals.opened) == (1, 1)
    office.change("006-0001", IsWon="true", StageName="Closed Won")
    assert office.run("2026-03-02T11:00").deals.opened == 1


@pytest.mark.slow
def test_a_deal_signed_tomorrow_waits_until_then(office):
    office.customer(signed="2026-03-04")
    assert office.run("2026-03-03T10:00").deals.opened == 0
    assert office.run("2026-03-04T10:00").deals.opened == 1
    assert "welcome" in office.sent_kinds


@pytest.mark.slow
@pytest.mark.parametrize(
    ("record", "field", "bad", "good"),
    [
        ("006-0001", "CloseDate", "02.03.2026", "2026-03-02"),
        ("006-0001", "Amount", "20.000,00 EUR", "20000"),
        ("006-0001", "First90_Kickoff_At__c", "soon", "2026-03-05T14:00:00Z"),
        ("001-0001", "Name", "", "Acme"),
        ("001-0001", "First90_Time_Zone__c", "Mars/Olympus", "Europe/London"),
    ],
)
def test_nothing_is_sent_on_a_half_read_record_and_a_mended_one_is_taken_in_by_itself(office, record, field, bad, good):
    office.customer()
    office.customer(2)
    office.change(record, **{field: bad})
    first = office.run()
    assert first.deals.opened == 1
    assert {(one.record, one.field) for one in first.deals.set_aside} == {(record, field)}
    assert first.failures == []
    assert office.inbox("person1@customer1.example") == []
    assert "welcome" in office.inbox("person2@customer2.example")

    office.change(record, **{field: good})
    second = office.run("2026-03-02T11:00")
    assert second.deals.opened == 1
    assert second.deals.set_aside == ()
    assert "welcome" in office.inbox("person1@customer1.example")


@pytest.mark.slow
def test_a_problem_is_told_once_and_again_only_when_it_changes(office):
    office.customer()
    office.customer(2, signed="yesterday")

    def notes():
        return office.told("#managers", "CloseDate")

    office.run()
    assert len(notes()) == 1
    for at in ("2026-03-02T11:00", "2026-03-03T10:00", "2026-03-09T10:00"):
        office.run(at)
    assert len(notes()) == 1
    office.change("006-0002", CloseDate="last week")
    office.run("2026-03-09T11:00")
    office.run("2026-03-10T11:00")
    assert len(notes()) == 2
    office.change("006-0002", CloseDate="2026-03-09")
    office.run("2026-03-10T12:00")
    office.change("006-0002", CloseDate="last week")
    office.run("2026-03-10T13:00")
    assert len(notes()) == 3, "it came back, so it is new"


@pytest.mark.slow
def test_a_broken_line_affects_no_other_and_no_record_counts_as_gone(office):
    office.customer()
    office.run()
    office.customer(2)
    office.extra["Opportunity.csv"] = '006-0003,001-0003,"Deal 3,true\n'
    found = office.run("2026-03-02T11:00")
    assert found.deals.opened == 1
    assert len(found.deals.set_aside) == 1
    assert office.status()["status"] == "active"


def test_two_rows_of_one_id_that_differ_are_both_set_aside(office):
    office.customer()
    office.deal(1, Name="The same deal, told otherwise")
    found = office.run()
    assert found.deals.opened == 0
    assert office.mails == []
    assert "more than once" in found.deals.set_aside[0].problem


@pytest.mark.slow
def test_a_bad_row_of_a_known_deal_leaves_it_as_it_was_last_read(office):
    office.customer()
    office.run()
    office.change("006-0001", CloseDate="???")
    found = office.run("2026-03-09T10:00")
    assert len(found.deals.set_aside) == 1
    assert office.status()["status"] == "active"
    assert "check_in_7" in office.sent_kinds


@pytest.mark.slow
def test_a_crm_that_cannot_be_read_is_reported_and_what_is_owed_goes_on(office):
    office.customer()
    office.run()
    (office.folder / "Opportunity.csv").unlink()
    tables = dict(office.tables)
    office.tables.pop("Opportunity.csv")
    found = office.run("2026-03-09T10:00")
    assert [failure.where for failure in found.failures] == ["the CRM"]
    assert "check_in_7" in office.sent_kinds
    office.tables = tables
    assert office.run("2026-03-09T11:00").failures == []


@pytest.mark.slow
def test_a_deal_that_vanishes_stops_the_clock_and_one_that_comes_back_goes_on(office):
    office.customer()
    office.customer(2)
    office.run()
    kept = [dict(row) for row in office.tables["Opportunity.csv"]]
    office.remove("006-0001")
    office.run("2026-03-03T10:00")
    assert office.status(1)["status"] == "on_hold"
    assert office.status(2)["status"] == "active"
    office.run("2026-03-09T10:00")
    assert "check_in_7" not in office.inbox("person1@customer1.example")
    office.tables["Opportunity.csv"] = kept
    office.run("2026-03-10T10:00")
    assert office.status(1)["status"] == "active"


@pytest.mark.slow
def test_a_contact_that_vanishes_gets_nothing_more(office):
    office.customer()
    office.contact(5, role="Technical Buyer")
    office.run()
    office.remove("003-0001")
    office.run("2026-03-09T10:00")
    assert "check_in_7" not in office.inbox("person1@customer1.example")
    assert "check_in_7" in office.inbox("person5@customer1.example")


@pytest.mark.slow
def test_signals_of_unknown_accounts_are_counted_and_no_error(office):
    office.customer()
    office.event("login", "2026-03-02T09:00:00Z", account=77, user="ana")
    office.event("login", "2026-03-02T09:30:00Z", account=1, user="ben")
    office.run()
    found = office.run("2026-03-02T11:00")
    assert found.signals.unmatched == 1
    assert found.failures == []
    assert office.milestones()["usage_monitored"]["status"] == "done"


@pytest.mark.slow
def test_a_broken_signal_is_set_aside_and_told_once(office):
    office.customer()
    office.event("login", "2026-03-02T09:00:00Z")
    office.event("login", "whenever")
    found = office.run()
    assert len(found.signals.set_aside) == 1
    assert office.run("2026-03-03T10:00").signals.set_aside == found.signals.set_aside
    assert len(office.told("#managers", "signals.csv")) == 1
    office.events[1]["at"] = "2026-03-02T09:10:00Z"
    assert office.run("2026-03-03T11:00").signals.set_aside == ()


@pytest.mark.slow
def test_signals_may_name_an_account_by_its_domain_and_may_come_before_it(office):
    office.customer()
    office.change("001-0001", Website="https://www.customer1.example/start")
    office.events.append({"domain": "Customer1.example", "signal": "login", "at": "2026-03-02T09:00:00Z"})
    office.events.append({"domain": "late.example", "signal": "login", "at": "2026-03-02T09:00:00Z", "user": "ana"})
    office.run()
    office.run("2026-03-02T11:00")
    assert office.milestones()["usage_monitored"]["status"] == "done"
    office.customer(2)
    office.change("001-0002", Website="late.example")
    assert office.run("2026-03-03T10:00").signals.unmatched == 0
    assert office.milestones(2)["usage_monitored"]["status"] == "done"


@pytest.mark.slow
def test_a_signal_dated_ahead_counts_only_then(office):
    office.customer()
    office.event("content_shared", "2026-03-05T09:00:00Z", user="ana")
    office.run()
    assert office.status()["activated_at"] is None
    office.run("2026-03-05T10:00")
    assert office.status()["activated_at"] == "2026-03-05T09:00:00Z"


@pytest.mark.slow
def test_an_account_that_vanishes_gets_nothing_more_while_it_is_away(office):
    office.customer()
    office.customer(2)
    office.run()
    kept = [dict(row) for row in office.tables["Account.csv"]]
    office.remove("001-0001")
    office.run("2026-03-09T10:00")
    assert "check_in_7" not in office.inbox("person1@customer1.example")
    assert "check_in_7" in office.inbox("person2@customer2.example")
    office.tables["Account.csv"] = kept
    office.run("2026-03-10T10:00")
    assert office.status(1)["status"] == "active"
    assert "check_in_7" in office.inbox("person1@customer1.example")


@pytest.mark.slow
def test_an_account_whose_row_is_broken_goes_on_as_it_was_last_read(office):
    office.customer()
    office.run()
    office.change("001-0001", First90_Time_Zone__c="Mars/Olympus")
    office.run("2026-03-09T10:00")
    assert "check_in_7" in office.sent_kinds


@pytest.mark.slow
def test_an_account_of_an_unknown_tier_keeps_its_tier_and_all_else_that_its_row_says_counts(office):
    office.customer()
    office.change("001-0001", First90_Tier__c="high")
    office.run()
    office.change("001-0001", First90_Tier__c="Mid Market", First90_Churned_On__c="2026-03-04")
    found = office.run("2026-03-09T10:00")
    (told,) = found.deals.set_aside
    assert (told.record, told.field) == ("001-0001", "First90_Tier__c")
    assert "keep their tier" in told.problem
    assert "check_in_7" not in office.sent_kinds, "the customer left, which the same row says"
    assert (office.status()["status"], office.status()["tier"]) == ("churned", "high")


@pytest.mark.slow
def test_a_new_deal_of_an_account_of_an_unknown_tier_waits_until_the_tier_is_mended(office):
    office.customer()
    office.change("001-0001", First90_Tier__c="Mid Market")
    office.customer(2)
    found = office.run()
    assert {(one.record, one.field) for one in found.deals.set_aside} == {("001-0001", "First90_Tier__c")}
    assert office.inbox("person1@customer1.example") == []
    assert "has the tier mid market, of which there is no playbook" in office.status()["blocked"]
    office.change("001-0001", First90_Tier__c="mid")
    assert office.run("2026-03-02T11:00").deals.set_aside == ()
    assert "welcome" in office.inbox("person1@customer1.example")
    assert office.status()["tier"] == "mid"


def test_the_managers_channel_can_be_named(office):
    office.customer(signed="n/a")
    office.run(SLACK_CHANNEL="#customer-success")
    assert len(office.told("#customer-success", "CloseDate")) == 1


def test_an_export_with_other_line_ends_quotes_and_a_mark_is_read_the_same(office):
    office.customer()
    office.write()
    path = office.folder / "Contact.csv"
    text = path.read_text("utf-8")
    quoted = "".join(",".join(f'"{cell}"' for cell in line.split(",")) + "\r\n" for line in text.splitlines())
    path.write_bytes(b"\xef\xbb\xbf" + quoted.encode())
    with office.context() as context:
        assert office.cycle(context).failures == []
    assert sorted(office.sent_kinds) == ["kickoff_invitation", "welcome"]


@pytest.mark.slow
def test_a_complex_deal_and_a_complex_account_get_the_tier_that_the_rules_name(office, tmp_path, monkeypatch):
    mapped = BUNDLED.read_text("utf-8").replace("    fields: {}", "    fields: {complexity: Complexity__c}")
    mapped = mapped.replace("    fields: {contract", "    fields: {complexity: Complexity__c, contract")
    (tmp_path / "mapping.yaml").write_text(mapped, "utf-8")
    monkeypatch.setattr("tasks.runtime.context.load_mapping", lambda: load_mapping(tmp_path / "mapping.yaml"))
    folder = tmp_path / "playbooks"
    shutil.copytree(BUNDLED.with_name("playbooks"), folder)
    rules = BUNDLED.with_name("tiers.yaml").read_text("utf-8")
    (folder / "tiers.yaml").write_text(rules.replace("{tier: high,", "{tier: high, complexity: [complex],"), "utf-8")
    office.customer(Complexity__c="Complex")
    office.customer(2, Complexity__c="simple")
    office.customer(3)
    office.change("001-0003", Complexity__c="complex")
    office.run(PLAYBOOKS=str(folder))
    assert [office.status(number)["tier"] for number in (1, 2, 3)] == ["high", "mid", "high"]
