"""More than 2,000 rows: one ingest job, and a verdict for every row whatever happens to the job."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from itertools import pairwise
from typing import Any

import pytest

from integrations.salesforce.api.bulk import to_csv
from integrations.salesforce.api.row_results import of_bulk_error, outcome_of, unprocessed
from integrations.salesforce.writing import PATIENCE
from onboarding.effects.send_result import SendResult
from tests.integrations.salesforce.rows import KEY, MILESTONE, ONBOARDING, OrgWriter, named, states
from tests.salesforce_fixtures import Sandbox

MANY = 2001


FEW = 30
"""The outcome of a job does not depend on the number of rows."""


@pytest.fixture
def org_writer(sandbox: Sandbox) -> Iterator[OrgWriter]:
    org_writer = OrgWriter(sandbox, bulk_above=20)
    assert states(org_writer.write([org_writer.onboarding()])) == ["sent"]
    sandbox.calls.clear()
    yield org_writer
    org_writer.session.close()


def tally(outcomes: list[SendResult]) -> Counter[str]:
    return Counter(states(outcomes))


def test_2001_records_are_one_job_and_not_eleven_calls(sandbox: Sandbox, proof: Callable[[str], None]) -> None:
    org_writer = OrgWriter(sandbox)
    org_writer.write([org_writer.onboarding()])
    sandbox.calls.clear()
    outcomes = org_writer.write(org_writer.milestones(MANY))
    assert tally(outcomes) == {"sent": MANY}
    rows = org_writer.rows()
    assert len(rows) == MANY
    assert {outcome.provider_id for outcome in outcomes} == {row["Id"] for row in rows.values()}
    kinds = Counter(call.kind for call in org_writer.sandbox.calls.calls)
    assert kinds == {"describe": 1, "bulk_create": 1, "bulk_upload": 1, "bulk_job": 2, "bulk_results": 1}
    proof(f"BULK {MANY:,} rows: {sum(kinds.values()) - 1} calls, 0 rows without a verdict")
    org_writer.session.close()


def test_values_are_those_that_a_collection_writes(org_writer: OrgWriter) -> None:
    text = 'two\nlines, "quoted" and 名前'
    fields = {"Reason__c": text, "Completed_At__c": "2026-04-02T09:30:00Z", "Status__c": "Done"}
    org_writer.write([org_writer.milestone("by_collection", **fields)])
    org_writer.write([org_writer.milestone(f"b{n:02d}", **fields) for n in range(FEW)])
    one, other = org_writer.row("by_collection"), org_writer.row("b00")
    system = {"Id", KEY, "Name", "CreatedDate", "LastModifiedDate", "SystemModstamp"}
    assert {name: value for name, value in one.items() if name not in system} == {
        name: value for name, value in other.items() if name not in system
    }
    parent = org_writer.rows(ONBOARDING)[org_writer.deal]["Id"]
    assert other["Onboarding__c"] == parent


def test_nothing_empties_a_field_and_a_person_s_field_is_left_alone(org_writer: OrgWriter) -> None:
    done = {"Status__c": "Done", "Completed_By__c": "Ana Ruiz", "Completed_At__c": "2026-04-02T09:30:00Z"}
    org_writer.write([org_writer.milestone(f"b{n:02d}", **done) for n in range(FEW)])
    org_writer.sandbox.others.edit(MILESTONE, org_writer.row("b07")["Id"], Due_On__c=date(2026, 6, 1))
    base = {**done, "Due_On__c": "2026-04-10"}
    again = [org_writer.milestone(f"b{n:02d}", base=base, Due_On__c="2026-05-05", Reason__c="#N/A") for n in range(FEW)]
    assert tally(org_writer.write(again)) == {"sent": FEW}
    rows = org_writer.rows()
    assert {row["Completed_By__c"] for row in rows.values()} == {None}
    assert {row["Status__c"] for row in rows.values()} == {"Open"}
    assert {row["Reason__c"] for row in rows.values()} == {"N/A"}, "a text is never taken for the sign of nothing"
    assert org_writer.row("b07")["Due_On__c"] == date(2026, 6, 1), "theirs holds"
    assert org_writer.row("b08")["Due_On__c"] == date(2026, 5, 5)


def test_rows_that_fail_are_fetched_and_told_one_by_one(org_writer: OrgWriter) -> None:
    faults = org_writer.sandbox.faults
    faults.spoil("UNABLE_TO_LOCK_ROW", named(f"{org_writer.deal}:m0003"))
    rule = "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    faults.spoil(rule, named(f"{org_writer.deal}:m0004"), message="Ana Ruiz: no, never: ask", fields=("Due_On__c",))
    orphan = org_writer.milestone("x", deal=org_writer.deals[2])
    outcomes = org_writer.write([*org_writer.milestones(FEW), orphan])
    assert tally(outcomes) == {"sent": FEW - 2, "transient": 2, "permanent": 1}
    assert (outcomes[3].state, outcomes[4].state, outcomes[-1].state) == ("transient", "permanent", "transient")
    assert f"{rule}, field Due_On__c" in (outcomes[4].error or "")
    assert "Ana" not in (outcomes[4].error or "")
    assert "not in Salesforce yet" in (outcomes[-1].error or "")


def test_a_row_that_lost_a_race_for_its_key_is_written_after_the_job(org_writer: OrgWriter) -> None:
    org_writer.sandbox.faults.spoil("DUPLICATE_VALUE", named(f"{org_writer.deal}:m0002"), times=1)
    assert tally(org_writer.write(org_writer.milestones(FEW))) == {"sent": FEW}
    assert [call.records for call in org_writer.sandbox.calls.of("write_collection")] == [1]


def test_a_job_that_fails_midway_loses_no_row(org_writer: OrgWriter) -> None:
    org_writer.sandbox.org.bulk.fail_after = 12
    outcomes = org_writer.write(org_writer.milestones(FEW))
    assert tally(outcomes) == {"sent": 12, "transient": FEW - 12}
    assert len(org_writer.rows()) == 12
    assert {outcome.error for outcome in outcomes if outcome.error} == {
        "Salesforce, bulk upsert Onboarding_Milestone__c: NOT_SENT; the job ended as Failed (InternalServerError)"
    }
    org_writer.sandbox.org.bulk.fail_after = None
    assert tally(org_writer.write(org_writer.milestones(FEW))) == {"sent": FEW}
    assert len(org_writer.rows()) == FEW


def test_a_job_that_is_slow_is_looked_at_with_growing_waits(org_writer: OrgWriter) -> None:
    org_writer.sandbox.org.bulk.rows_a_look = 5
    assert tally(org_writer.write(org_writer.milestones(FEW))) == {"sent": FEW}
    assert org_writer.clock.waits == [1, 1, 2, 3, 5, 8]


def test_a_job_that_takes_too_long_is_ended_and_writes_nothing_afterwards(org_writer: OrgWriter) -> None:
    org_writer.sandbox.org.bulk.rows_a_look = 1
    outcomes = org_writer.write(org_writer.milestones(FEW))
    assert sum(org_writer.clock.waits) < PATIENCE
    written = len(org_writer.rows())
    assert 0 < written < FEW
    assert tally(outcomes) == {"sent": written, "transient": FEW - written}
    [job] = org_writer.sandbox.org.bulk.jobs.values()
    assert job.state == "Aborted"


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("kind", ["bulk_create", "bulk_upload", "bulk_job", "bulk_results"])
@pytest.mark.parametrize("skip", [0, 1])
def test_a_connection_lost_at_any_call_of_a_job_loses_nothing(
    org_writer: OrgWriter, kind: str, moment: Any, skip: int
) -> None:
    org_writer.sandbox.faults.cut(kind, moment=moment, skip=skip, times=4 if kind == "bulk_results" else 1)
    outcomes = org_writer.write(org_writer.milestones(FEW))
    there = org_writer.rows()
    for outgoing, outcome in zip(org_writer.milestones(FEW), outcomes, strict=True):
        if outcome.state == "sent":
            assert outgoing.payload["key"] in there, "said to be written and is not"
        if outcome.state == "transient":
            assert outgoing.payload["key"] not in there, "said to be certainly not written and is"
        assert outcome.state != "permanent"
    org_writer.sandbox.faults.clear()
    assert tally(org_writer.write(org_writer.milestones(FEW))) == {"sent": FEW}
    assert len(org_writer.rows()) == FEW


@pytest.mark.parametrize(
    ("code", "channel_down"),
    [
        ("REQUEST_LIMIT_EXCEEDED", False),
        ("SERVER_UNAVAILABLE", False),
        ("INVALIDJOB", True),
        ("API_DISABLED_FOR_ORG", True),
        ("FeatureNotEnabled", True),
    ],
)
@pytest.mark.parametrize("call", ["bulk_create", "bulk_upload", "bulk_job"])
def test_a_job_that_cannot_be_made_is_told_for_all_its_rows_and_costs_none(
    org_writer: OrgWriter, call: str, code: str, channel_down: bool
) -> None:
    org_writer.sandbox.faults.refuse(code, call, times=None)
    outcomes = org_writer.write(org_writer.milestones(FEW))
    assert {(one.state, one.channel_down) for one in outcomes} == {("transient", channel_down)}
    assert all(code in (one.error or "") for one in outcomes)
    assert org_writer.rows() == {}


def test_rows_of_a_job_that_wait_for_a_person_or_for_the_org_are_told_apart(org_writer: OrgWriter) -> None:
    faults, deal = org_writer.sandbox.faults, org_writer.deal
    faults.spoil("ENTITY_IS_LOCKED", named(f"{deal}:m0001"), message="the entity is locked for editing")
    faults.spoil("STORAGE_LIMIT_EXCEEDED", named(f"{deal}:m0002"), message="storage limit exceeded")
    faults.spoil("NEW_IN_2027", named(f"{deal}:m0003"), message="no")
    faults.spoil("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", named(f"{deal}:m0004"), message="UNABLE_TO_LOCK_ROW, unable")
    outcomes = org_writer.write(org_writer.milestones(FEW))
    assert tally(outcomes) == {"sent": FEW - 4, "transient": 4}
    assert [place for place, one in enumerate(outcomes) if one.patient] == [1]
    assert [place for place, one in enumerate(outcomes) if one.needs_person] == [1, 3]
    assert [place for place, one in enumerate(outcomes) if one.channel_down] == [2]


@pytest.mark.parametrize(
    ("told", "state", "channel_down"),
    [
        ("InvalidBatch : Field name not found : Side__c", "transient", True),
        ("TooManyLockFailure : the parent is locked", "transient", False),
        ("ExceededQuota : too many batches", "transient", False),
        ("BrandNew : nobody knows", "transient", False),
    ],
)
def test_a_job_that_failed_as_a_whole_is_judged_by_its_code(told: str, state: str, channel_down: bool) -> None:
    outcome = outcome_of(unprocessed({"state": "Failed", "errorMessage": told}, "bulk upsert"))
    assert (outcome.state, outcome.channel_down) == (state, channel_down)
    assert told.partition(" ")[0] in (outcome.error or "")


@pytest.mark.parametrize("kind", ["describe", "composite", "bulk_create", "bulk_upload", "bulk_job", "bulk_results"])
@pytest.mark.parametrize("skip", [0, 1])
def test_an_answer_of_another_shape_is_survived_and_loses_nothing(org_writer: OrgWriter, kind: str, skip: int) -> None:
    org_writer.sandbox.faults.refuse("WHATEVER", kind, status=200, skip=skip)
    base = {"Status__c": "Open"}
    messages = [org_writer.milestone(f"m{place:04d}", base=base) for place in range(FEW)]
    outcomes = org_writer.write(messages)
    assert "permanent" not in states(outcomes)
    there = org_writer.rows()
    assert all(one.payload["key"] in there for one, two in zip(messages, outcomes, strict=True) if two.state == "sent")
    left_running = {"UploadComplete", "InProgress"}
    assert not left_running & {job.state for job in org_writer.sandbox.org.bulk.jobs.values()}
    org_writer.sandbox.faults.clear()
    assert tally(org_writer.write(messages)) == {"sent": FEW}
    assert len(org_writer.rows()) == FEW


def test_a_job_that_may_not_start_is_ended_at_once(org_writer: OrgWriter) -> None:
    org_writer.sandbox.faults.refuse("SERVER_UNAVAILABLE", "bulk_job")
    assert tally(org_writer.write(org_writer.milestones(FEW))) == {"transient": FEW}
    assert (org_writer.clock.waits, org_writer.rows()) == ([], {})
    [job] = org_writer.sandbox.org.bulk.jobs.values()
    assert job.state == "Aborted"


def test_children_of_one_parent_stand_together(sandbox: Sandbox) -> None:
    org_writer = OrgWriter(sandbox, bulk_above=20)
    org_writer.write([org_writer.onboarding(deal) for deal in org_writer.deals])
    org_writer.write([org_writer.milestone(f"m{n:02d}", deal=deal) for n in range(10) for deal in org_writer.deals])
    [job] = sandbox.org.bulk.jobs.values()
    parents = [row[job.columns.index("Onboarding__r.First90_Key__c")] for row in job.rows]
    assert sum(one != other for one, other in pairwise(parents)) == len(org_writer.deals) - 1
    org_writer.session.close()


def test_fields_that_only_some_rows_have_are_left_alone_in_the_others() -> None:
    sheet = to_csv([{"attributes": {"type": "X"}, "K": "1", "A": None}, {"K": "2", "R": {"K": "p"}, "A": 3}])
    assert sheet == "K,A,R.K\n1,#N/A,\n2,3,p\n"


@pytest.mark.parametrize(
    ("said", "code", "fields", "kind"),
    [
        ("REQUIRED_FIELD_MISSING:Required fields are missing: [A]:A --", "REQUIRED_FIELD_MISSING", ("A",), "permanent"),
        ("UNABLE_TO_LOCK_ROW:unable to obtain exclusive access:--", "UNABLE_TO_LOCK_ROW", (), "transient"),
        ("DUPLICATE_VALUE:duplicate value found: K duplicates:K, A --", "DUPLICATE_VALUE", ("K", "A"), "permanent"),
        ("INVALID_FIELD:Foreign key external ID: 1 not found for field:--", "NO_PARENT", (), "transient"),
        ("ENTITY_IS_LOCKED:entity is locked for editing:--", "ENTITY_IS_LOCKED", (), "held"),
        ("UNKNOWN_EXCEPTION:An unexpected error occurred:--", "UNKNOWN_EXCEPTION", (), "transient"),
        ("what is this", "UNREADABLE_ERROR", (), "strange"),
    ],
)
def test_errors_of_bulk_rows_are_read(said: str, code: str, fields: tuple[str, ...], kind: str) -> None:
    found = of_bulk_error(said, "bulk upsert")
    assert (found.code, found.fields, found.kind) == (code, fields, kind)
