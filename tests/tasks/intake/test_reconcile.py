"""``reconcile`` over a CSV folder: which side changed what, nothing changed without ``--fix``, both sides mended."""

import pytest

from onboarding.crm.drift import same
from tasks.intake.reconcile import reconcile
from tasks.intake.sources import take_in_deals
from tasks.runtime.scope import Scope
from tests.tasks.conftest import ident, moment, write_csv

LATER = "2026-03-02T12:00"
MILESTONE = "Onboarding_Milestone__c"


def look(office, at=LATER, fix=False):
    return office.order(lambda context, order: reconcile(context, order.now, fix=fix, by=order.by), on=moment(at))


def told(found):
    return [
        (one.key.partition(":")[2] or one.key, one.field, one.kind, one.side, one.mend) for one in found.differences
    ]


def settled(office):
    """A customer whose rows are all written."""
    office.customer()
    office.run()
    office.run("2026-03-02T11:00")
    assert told(look(office)) == []


def edit(office, crm_object, key, **values):
    rows = office.crm(crm_object)
    if values:
        rows[key].update(values)
    else:
        del rows[key]
    write_csv(office.folder / f"{crm_object}.csv", list(rows.values()), ("First90_Key__c",))


def files(office):
    return {path.name: path.read_bytes() for path in office.folder.iterdir()}


@pytest.mark.slow
def test_a_tick_of_theirs_is_told_as_theirs_and_counts_once_it_is_taken_back(office):
    settled(office)
    office.tick("kickoff_booked", Status__c="Done", Completed_By__c="Ann")
    before, found = files(office), look(office)
    assert told(found) == [
        ("kickoff_booked", "Completed_By__c", "field", "theirs", "take back"),
        ("kickoff_booked", "Status__c", "field", "theirs", "take back"),
    ]
    assert files(office) == before
    assert office.milestones()["kickoff_booked"]["status"] == "open"
    fixed = look(office, fix=True)
    assert (fixed.taken_back, fixed.queued) == (1, 0)
    assert office.milestones()["kickoff_booked"]["done_by"] == "Ann"
    office.run("2026-03-02T13:00")
    assert told(look(office, "2026-03-02T14:00")) == []


@pytest.mark.slow
def test_looking_changes_nothing(office):
    settled(office)
    office.tick("kickoff_booked")
    edit(office, "Onboarding__c", ident("006", 1), Stage__c="done")
    before, effects, journal = files(office), office.effects(), office.journal()
    look(office)
    assert (files(office), office.effects(), office.journal()) == (before, effects, journal)


@pytest.mark.slow
def test_our_own_field_that_a_person_changed_is_written_again(office):
    settled(office)
    edit(office, "Onboarding__c", ident("006", 1), Stage__c="done")
    found = look(office)
    assert told(found) == [(ident("006", 1), "Stage__c", "field", "theirs", "write")]
    assert (found.differences[0].ours, found.differences[0].theirs) == ("kickoff", "done")
    assert look(office, fix=True).queued == 1
    assert told(look(office)) == [(ident("006", 1), "Stage__c", "field", "theirs", "wait")]
    assert office.crm()[ident("006", 1)]["Stage__c"] == "done"
    office.run("2026-03-02T13:00")
    assert office.crm()[ident("006", 1)]["Stage__c"] == "kickoff"
    assert told(look(office, "2026-03-02T14:00")) == []


@pytest.mark.slow
def test_a_row_that_was_deleted_there_is_written_again(office):
    settled(office)
    edit(office, MILESTONE, f"{ident('006', 1)}:kickoff_booked")
    found = look(office)
    assert told(found) == [("kickoff_booked", "", "missing", "theirs", "write")]
    assert "deleted" in found.differences[0].told
    look(office, fix=True)
    office.run("2026-03-02T13:00")
    assert office.milestone_row("kickoff_booked")["Status__c"] == "Open"
    assert told(look(office, "2026-03-02T14:00")) == []


@pytest.mark.slow
def test_what_both_changed_is_shown_and_theirs_holds(office):
    settled(office)
    office.done("kickoff_booked", on="2026-03-02T11:30")
    office.tick("kickoff_booked", Status__c="Not applicable", Reason__c="They know us")
    found = look(office)
    assert ("kickoff_booked", "Status__c", "field", "both", "take back") in told(found)
    look(office, fix=True)
    office.run("2026-03-02T13:00")
    assert office.milestone_row("kickoff_booked")["Status__c"] == "Not applicable"
    assert any("conflict" in line for line in office.journal())
    assert [line["key"] for line in office.conflicts()] == [f"{ident('006', 1)}:kickoff_booked"]


@pytest.mark.slow
def test_rows_of_no_onboarding_and_duplicate_keys_are_left_to_a_person(office):
    settled(office)
    rows = list(office.crm(MILESTONE).values())
    stranger = {"First90_Key__c": f"{ident('006', 9)}:kickoff_booked", "Status__c": "Open"}
    path = office.folder / f"{MILESTONE}.csv"
    write_csv(path, [*rows, rows[0], stranger, {"Status__c": "Open", "First90_Key__c": ""}], ("First90_Key__c",))
    found = look(office)
    assert [(one.kind, one.mend) for one in found.differences] == [
        ("duplicate", "a person"),
        ("foreign", "a person"),
        ("foreign", "a person"),
    ]
    assert found.differences[0].place == f"{MILESTONE}.csv, line {len(rows) + 2}"
    before = files(office)
    assert look(office, fix=True).queued == 0
    assert files(office) == before


@pytest.mark.slow
def test_what_waits_for_delivery_is_told_as_waiting(office):
    office.customer()
    office.write()
    with office.context() as context:
        take_in_deals(context, moment("2026-03-02T10:00"), Scope())
    assert {line[2:] for line in told(look(office))} == {("missing", "ours", "write")}
    fixed = look(office, fix=True)
    assert fixed.queued == len(fixed.differences)
    assert {line[2:] for line in told(look(office))} == {("missing", "ours", "wait")}
    again = look(office, fix=True)
    assert again.queued == 0


def test_a_blocked_onboarding_is_left_out_and_its_stranger_shown(office):
    office.customer()
    office.folder.mkdir()
    write_csv(office.folder / "Onboarding__c.csv", [{"First90_Key__c": ident("006", 1)}], ("First90_Key__c",))
    office.run()
    found = look(office)
    assert (found.onboardings, found.blocked) == (0, 1)
    assert [one.kind for one in found.differences] == ["foreign"]


@pytest.mark.slow
def test_a_fix_leaves_a_line_in_the_journal_with_who_asked(office):
    settled(office)
    edit(office, "Onboarding__c", ident("006", 1), Stage__c="done")
    look(office, fix=True)
    assert any(line.startswith(f"reconcile {ident('006', 1)}") for line in office.journal())


def test_ways_to_write_the_same_are_no_difference():
    assert same("2026-03-02T10:00:00Z", "2026-03-02T11:00:00.000+0100")
    assert same("3", "3.0")
    assert same("Done ", "done")
    assert not same("0065g00000AAAA1AAP", "0065g00000AAAA2AAP")
    assert not same("001000000000000001", "001000000000000002")
    assert not same("", "0")
