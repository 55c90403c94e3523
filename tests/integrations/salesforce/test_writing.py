"""Rows written to Salesforce over the real socket: the number of calls, the result of each record, none lost or
doubled."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.company.mapping import CrmMapping, load_mapping
from integrations.salesforce.writing import PATIENCE
from tests.examples import examples
from tests.integrations.salesforce.rows import KEY, MILESTONE, ONBOARDING, OrgWriter, named, outgoing, states
from tests.salesforce_fixtures import Sandbox

NEVER = [
    "REQUIRED_FIELD_MISSING",
    "STRING_TOO_LONG",
    "MALFORMED_ID",
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
    "INVALID_EMAIL_ADDRESS",
    "DUPLICATES_DETECTED",
    "FIELD_CUSTOM_VALIDATION_EXCEPTION",
    "ENTITY_IS_DELETED",
    "NOT_FOUND",
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
]
LATER = [
    "UNABLE_TO_LOCK_ROW",
    "SERVER_UNAVAILABLE",
    "REQUEST_LIMIT_EXCEEDED",
    "QUERY_TIMEOUT",
    "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE",
    "UNKNOWN_EXCEPTION",
    "EXCEEDED_MAX_CONCURRENT",
]
HELD = [
    "ENTITY_IS_LOCKED",
    "ALREADY_IN_PROCESS",
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
    "INSUFFICIENT_ACCESS_OR_READONLY",
]
ORG = ["STORAGE_LIMIT_EXCEEDED", "API_DISABLED_FOR_ORG", "API_CURRENTLY_DISABLED", "TXN_SECURITY_NO_ACCESS"]


@pytest.fixture
def org_writer(sandbox: Sandbox) -> Iterator[OrgWriter]:
    org_writer = OrgWriter(sandbox)
    assert states(org_writer.write([org_writer.onboarding()])) == ["sent"]
    sandbox.calls.clear()
    yield org_writer
    org_writer.session.close()


def test_values_stand_in_salesforce_s_own_types(org_writer: OrgWriter) -> None:
    done = org_writer.milestone(Status__c="Done", Completed_At__c="2026-04-02T09:30:00Z", Completed_By__c="Ana Ruiz")
    outcomes = org_writer.write([org_writer.onboarding(Health__c=None, Escalation_Level__c="2"), done])
    assert states(outcomes) == ["sent", "sent"]
    onboarding = org_writer.rows(ONBOARDING)[org_writer.deal]
    assert onboarding["Escalation_Level__c"] == 2.0
    assert onboarding["Health__c"] is None, "None empties a field"
    assert onboarding["Signed_At__c"] == datetime(2026, 3, 1, tzinfo=UTC)
    assert onboarding["Target_On__c"] == date(2026, 5, 30)
    assert onboarding["Opportunity__c"] == org_writer.deal
    row = org_writer.row()
    assert row["Onboarding__c"] == onboarding["Id"], "named by its key, kept as its id"
    assert (row["Status__c"], row["Completed_At__c"]) == ("Done", datetime(2026, 4, 2, 9, 30, tzinfo=UTC))
    assert [outcome.provider_id for outcome in outcomes] == [onboarding["Id"], row["Id"]]


@pytest.mark.parametrize(("number", "calls"), [(200, 1), (201, 2), (1000, 5)])
def test_a_write_costs_a_call_for_each_200_records(org_writer: OrgWriter, number: int, calls: int) -> None:
    assert set(states(org_writer.write(org_writer.milestones(number)))) == {"sent"}
    assert org_writer.sandbox.calls.count("write_collection") == calls
    assert max(call.records for call in org_writer.sandbox.calls.of("write_collection")) <= 200
    assert len(org_writer.rows()) == number


def test_a_thousand_changed_milestones_cost_at_most_seven_calls(
    org_writer: OrgWriter, proof: Callable[[str], None]
) -> None:
    """P6: with the read that protects people's edits, and room for one poll."""
    org_writer.write(org_writer.milestones(1000))
    org_writer.sandbox.calls.clear()
    base = {"Status__c": "Open", "Due_On__c": "2026-04-10"}
    changed = [org_writer.milestone(f"m{place:04d}", base=base, Due_On__c="2026-04-24") for place in range(1000)]
    assert set(states(org_writer.write(changed))) == {"sent"}
    calls = org_writer.sandbox.calls.count()
    proof(f"P6 1,000 changed milestones: {calls} calls (5 writes, 1 look)")
    assert calls == 6
    assert {row["Due_On__c"] for row in org_writer.rows().values()} == {date(2026, 4, 24)}


def test_onboardings_go_before_the_milestones_that_name_them(sandbox: Sandbox) -> None:
    org_writer = OrgWriter(sandbox)
    messages = [org_writer.milestone(deal=deal) for deal in org_writer.deals] + [
        org_writer.onboarding(deal) for deal in org_writer.deals
    ]
    assert set(states(org_writer.write(messages))) == {"sent"}
    assert [call.sobject for call in sandbox.calls.of("write_collection")] == [ONBOARDING, MILESTONE]
    org_writer.session.close()


def test_a_milestone_whose_onboarding_is_missing_waits_for_it(org_writer: OrgWriter) -> None:
    [outcome] = org_writer.write([org_writer.milestone(deal=org_writer.deals[1])])
    assert (outcome.state, org_writer.rows()) == ("transient", {})
    assert "not in Salesforce yet" in (outcome.error or "")
    assert states(
        org_writer.write([org_writer.milestone(deal=org_writer.deals[1]), org_writer.onboarding(org_writer.deals[1])])
    ) == ["sent", "sent"]


def test_one_key_is_written_once_in_a_call_as_its_last_parcel_says(org_writer: OrgWriter) -> None:
    outcomes = org_writer.write(
        [org_writer.milestone(Due_On__c="2026-04-11"), org_writer.milestone(Due_On__c="2026-04-12")]
    )
    assert states(outcomes) == ["sent", "sent"]
    assert [call.records for call in org_writer.sandbox.calls.of("write_collection")] == [1]
    assert org_writer.row()["Due_On__c"] == date(2026, 4, 12)


@pytest.mark.parametrize("code", NEVER)
def test_a_record_that_can_never_be_written_is_refused_alone(org_writer: OrgWriter, code: str) -> None:
    bad = f"{org_writer.deal}:m0117"
    org_writer.sandbox.faults.spoil(
        code, named(bad), message="no: Ana Ruiz <ana@nordwind.example>", fields=("Status__c",)
    )
    outcomes = dict(
        zip(
            [one.payload["key"] for one in org_writer.milestones(200)],
            org_writer.write(org_writer.milestones(200)),
            strict=True,
        )
    )
    refused = outcomes.pop(bad)
    assert refused.state == "permanent"
    assert code in (refused.error or "")
    assert "Status__c" in (refused.error or "")
    assert "Ana" not in (refused.error or "")
    assert {outcome.state for outcome in outcomes.values()} == {"sent"}
    assert len(org_writer.rows()) == 199


@pytest.mark.parametrize("code", LATER)
def test_a_record_that_is_only_locked_comes_again_alone(org_writer: OrgWriter, code: str) -> None:
    bad = f"{org_writer.deal}:m0005"
    org_writer.sandbox.faults.spoil(code, named(bad), times=1)
    outcomes = org_writer.write(org_writer.milestones(200))
    assert [place for place, outcome in enumerate(outcomes) if outcome.state != "sent"] == [5]
    assert outcomes[5].state == "transient"
    assert (outcomes[5].retry_after or 0) >= 30
    assert states(org_writer.write([org_writer.milestone("m0005")])) == ["sent"]
    assert len(org_writer.rows()) == 200


@pytest.mark.parametrize("code", HELD)
def test_a_record_that_waits_for_a_person_waits_alone_and_as_long_as_it_takes(org_writer: OrgWriter, code: str) -> None:
    org_writer.sandbox.faults.spoil(code, named(f"{org_writer.deal}:m0005"), times=1)
    outcomes = org_writer.write(org_writer.milestones(20))
    assert [place for place, outcome in enumerate(outcomes) if outcome.state != "sent"] == [5]
    waits = outcomes[5]
    assert (waits.state, waits.patient, waits.needs_person, waits.channel_down) == ("transient", True, True, False)
    assert ";" in (waits.error or ""), "the mend is told"
    assert states(org_writer.write([org_writer.milestone("m0005")])) == ["sent"]


def test_an_unknown_code_is_retried_and_reported(org_writer: OrgWriter) -> None:
    org_writer.sandbox.faults.spoil("NEW_IN_2027", named(f"{org_writer.deal}:m0001"), times=1)
    outcomes = org_writer.write(org_writer.milestones(3))
    assert states(outcomes) == ["sent", "transient", "sent"]
    assert (outcomes[1].needs_person, outcomes[1].patient) == (True, False)


@pytest.mark.parametrize("code", ORG)
def test_a_record_refused_for_what_is_the_orgs_says_that_the_lane_must_wait(org_writer: OrgWriter, code: str) -> None:
    org_writer.sandbox.faults.spoil(code, named(f"{org_writer.deal}:m0001"), times=1)
    outcomes = org_writer.write(org_writer.milestones(3))
    assert [(one.state, one.channel_down) for one in outcomes][1] == ("transient", True)
    assert ";" in (outcomes[1].error or ""), "the mend is told"


@pytest.mark.parametrize("right", ["create", "edit"])
def test_a_right_that_was_withdrawn_is_the_orgs_and_costs_no_row(org_writer: OrgWriter, right: str) -> None:
    assert states(org_writer.write([org_writer.milestone("first")])) == ["sent"]
    org_writer.sandbox.org.rights.denied.add(f"{right} {MILESTONE}")
    outcomes = org_writer.write([*org_writer.milestones(3), org_writer.milestone("first", Reason__c="later")])
    refused = [one for one in outcomes if one.state != "sent"]
    assert refused
    assert {(one.state, one.channel_down) for one in refused} == {("transient", True)}
    assert all("permission set" in (one.error or "") for one in refused)
    org_writer.sandbox.org.rights.denied.clear()
    assert set(states(org_writer.write(org_writer.milestones(3)))) == {"sent"}


def test_an_object_that_is_hidden_from_the_user_is_the_orgs(sandbox: Sandbox) -> None:
    org_writer = OrgWriter(sandbox)
    sandbox.org.rights.missing.add(MILESTONE)
    outcomes = org_writer.write([org_writer.onboarding(), org_writer.milestone()])
    assert [(one.state, one.channel_down) for one in outcomes] == [("sent", False), ("transient", True)]
    org_writer.session.close()


def test_rows_at_which_a_flow_ran_into_its_limits_are_tried_again_a_few_in_a_call(org_writer: OrgWriter) -> None:
    limit = "We can't save this record because the flow failed: Apex CPU time limit exceeded"
    org_writer.sandbox.faults.spoil("CANNOT_EXECUTE_FLOW_TRIGGER", message=limit, times=40)
    assert set(states(org_writer.write(org_writer.milestones(100)))) == {"sent"}
    assert [call.records for call in org_writer.sandbox.calls.of("write_collection")] == [100, 20, 20]


def test_a_flow_that_stays_at_its_limits_costs_few_calls_and_no_row(org_writer: OrgWriter) -> None:
    limit = "The flow failed: System.LimitException: Too many SOQL queries: 101"
    org_writer.sandbox.faults.spoil("CANNOT_EXECUTE_FLOW_TRIGGER", message=limit)
    assert set(states(org_writer.write(org_writer.milestones(600)))) == {"transient"}
    assert org_writer.sandbox.calls.count("write_collection") == 3 + 10


@pytest.mark.parametrize("status", [400, 403])
@pytest.mark.parametrize("code", [*NEVER, *HELD, *ORG, "INSUFFICIENT_ACCESS", "NEW_IN_2027"])
def test_a_call_that_is_refused_as_a_whole_costs_no_row_and_is_not_repeated(
    org_writer: OrgWriter, code: str, status: int
) -> None:
    org_writer.sandbox.faults.refuse(code, "write_collection", status=status, times=None)
    outcomes = org_writer.write(org_writer.milestones(300))
    assert {(one.state, one.channel_down) for one in outcomes} == {("transient", True)}
    assert org_writer.sandbox.calls.count("write_collection") == 1
    assert org_writer.rows() == {}


@pytest.mark.parametrize("code", LATER)
def test_a_call_that_is_refused_for_now_comes_again_later(org_writer: OrgWriter, code: str) -> None:
    org_writer.sandbox.faults.refuse(code, "write_collection", skip=1)
    outcomes = org_writer.write(org_writer.milestones(600))
    sent, rest = outcomes[:200], outcomes[200:]
    assert set(states(sent)) == {"sent"}
    refused = rest[:200] if code == "UNABLE_TO_LOCK_ROW" else rest
    assert set(states(refused)) == {"transient"}
    assert all(outcome.retry_after for outcome in refused)
    # A locked row does not affect other rows; an unavailable server or a used-up allowance does.
    assert org_writer.sandbox.calls.count("write_collection") == (3 if code == "UNABLE_TO_LOCK_ROW" else 2)
    assert set(states(org_writer.write(org_writer.milestones(600)))) == {"sent"}
    assert len(org_writer.rows()) == 600


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_gateway_s_page_is_a_doubt_unless_it_says_that_nothing_was_done(org_writer: OrgWriter, status: int) -> None:
    org_writer.sandbox.faults.outage(status, "write_collection")
    assert set(states(org_writer.write(org_writer.milestones(2)))) == {"transient" if status == 503 else "unknown"}
    assert set(states(org_writer.write(org_writer.milestones(2)))) == {"sent"}


def test_an_answer_of_another_shape_is_a_doubt(org_writer: OrgWriter) -> None:
    org_writer.sandbox.faults.refuse("WHATEVER", "write_collection", status=200, skip=1)
    assert states(org_writer.write(org_writer.milestones(203))) == ["sent"] * 200 + ["unknown"] * 3
    assert set(states(org_writer.write(org_writer.milestones(203)))) == {"sent"}


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_lost_connection_loses_nothing_and_doubles_nothing(org_writer: OrgWriter, moment: Any) -> None:
    org_writer.sandbox.faults.cut("write_collection", moment=moment, skip=1)
    outcomes = org_writer.write(org_writer.milestones(600))
    assert states(outcomes) == ["sent"] * 200 + ["unknown"] * 200 + ["transient"] * 200
    there = len(org_writer.rows())
    assert there == (400 if moment == "after" else 200)
    again = [one for one, outcome in zip(org_writer.milestones(600), outcomes, strict=True) if outcome.state != "sent"]
    assert set(states(org_writer.write(again))) == {"sent"}
    assert len(org_writer.rows()) == 600


def test_an_answer_that_comes_too_late_is_a_doubt(sandbox: Sandbox) -> None:
    org_writer = OrgWriter(sandbox, timeouts=(5.0, 0.3))
    org_writer.write([org_writer.onboarding()])
    sandbox.faults.slow(1.0, "write_collection")
    assert states(org_writer.write([org_writer.milestone()])) == ["unknown"]
    assert states(org_writer.write([org_writer.milestone()])) == ["sent"]
    assert len(org_writer.rows()) == 1
    org_writer.session.close()


def test_a_session_that_ends_under_way_is_renewed_and_nothing_is_asked_twice(sandbox: Sandbox) -> None:
    org_writer = OrgWriter(sandbox, way="client")
    org_writer.write([org_writer.onboarding()])
    sandbox.faults.add(lambda _: sandbox.org.sessions.end_all(), "write_collection", skip=1)
    before = sandbox.calls.logins()
    assert set(states(org_writer.write(org_writer.milestones(600)))) == {"sent"}
    assert sandbox.calls.logins() - before == 1
    assert len(org_writer.rows()) == 600
    org_writer.session.close()


def test_who_loses_a_race_for_a_new_key_updates_what_the_other_made(org_writer: OrgWriter) -> None:
    key = f"{org_writer.deal}:m0001"

    def rival(_: Any) -> None:
        parent = org_writer.rows(ONBOARDING)[org_writer.deal]["Id"]
        org_writer.sandbox.org.records.put(MILESTONE, {KEY: key, "Onboarding__c": parent, "Status__c": "Open"}, by=None)

    org_writer.sandbox.faults.add(rival, "write_collection")
    org_writer.sandbox.faults.spoil("DUPLICATE_VALUE", named(key), times=1)
    assert states(org_writer.write(org_writer.milestones(3))) == ["sent"] * 3
    assert [call.records for call in org_writer.sandbox.calls.of("write_collection")] == [3, 1]
    assert org_writer.rows()[key]["Milestone__c"] == "Train the admins"


def test_a_value_that_really_stands_elsewhere_is_refused_after_one_more_try(org_writer: OrgWriter) -> None:
    org_writer.sandbox.faults.spoil("DUPLICATE_VALUE", named(f"{org_writer.deal}:m0001"))
    assert states(org_writer.write(org_writer.milestones(3))) == ["sent", "permanent", "sent"]
    assert org_writer.sandbox.calls.count("write_collection") == 2


# What people changed


BASE = {"Status__c": "Open", "Due_On__c": "2026-04-10"}


def test_what_a_person_changed_since_we_looked_stays(org_writer: OrgWriter) -> None:
    org_writer.write([org_writer.milestone()])
    org_writer.sandbox.others.edit(MILESTONE, org_writer.row()["Id"], Status__c="Done", Completed_By__c="Ana Ruiz")
    later = org_writer.milestone(base=BASE, Due_On__c="2026-05-01", Milestone__c="Train all admins")
    assert states(org_writer.write([later])) == ["sent"]
    row = org_writer.row()
    assert (row["Status__c"], row["Completed_By__c"]) == ("Done", "Ana Ruiz"), "theirs holds until the next read"
    assert row["Due_On__c"] == date(2026, 5, 1), "a field that nobody touched is written"
    assert row["Milestone__c"] == "Train all admins", "a field of ours is ours"


def test_what_was_not_changed_is_written_however_it_is_spelt_there(org_writer: OrgWriter) -> None:
    done = {"Status__c": "Done", "Completed_At__c": "2026-04-02T09:30:00Z", "Reason__c": "one\ntwo  " + "x" * 300}
    assert states(org_writer.write([org_writer.milestone(**done)])) == ["sent"]
    open_again = org_writer.milestone(base=BASE | done, Completed_At__c=None, Reason__c="by mistake")
    assert states(org_writer.write([open_again])) == ["sent"]
    row = org_writer.row()
    assert (row["Status__c"], row["Completed_At__c"], row["Reason__c"]) == ("Open", None, "by mistake")


def test_a_deleted_row_is_created_again_as_a_whole(org_writer: OrgWriter) -> None:
    org_writer.write([org_writer.milestone()])
    org_writer.sandbox.others.delete(MILESTONE, org_writer.row()["Id"])
    assert states(org_writer.write([org_writer.milestone(base=BASE, Status__c="Done")])) == ["sent"]
    assert org_writer.row()["Status__c"] == "Done"


def test_rows_that_cannot_be_looked_at_are_not_written(org_writer: OrgWriter) -> None:
    org_writer.write([org_writer.milestone()])
    org_writer.sandbox.faults.refuse("QUERY_TIMEOUT", "composite", times=None)
    assert states(org_writer.write([org_writer.milestone(base=BASE, Status__c="Done")])) == ["transient"]
    assert org_writer.row()["Status__c"] == "Open"


@pytest.mark.slow
def test_1300_rows_are_looked_at_in_two_calls(org_writer: OrgWriter) -> None:
    org_writer.write(org_writer.milestones(1300))
    org_writer.sandbox.others.edit(MILESTONE, org_writer.row("m1290")["Id"], Status__c="Done")
    org_writer.sandbox.calls.clear()
    changed = [org_writer.milestone(f"m{place:04d}", base=BASE, Reason__c="moved") for place in range(1300)]
    assert set(states(org_writer.write(changed))) == {"sent"}
    assert org_writer.sandbox.calls.count("composite") == 2
    assert org_writer.row("m1290")["Status__c"] == "Done"


# What the org lacks


def test_a_field_that_is_hidden_or_read_only_is_done_without(org_writer: OrgWriter) -> None:
    rights = org_writer.sandbox.org.rights
    rights.hidden.add(f"{MILESTONE}.Reason__c")
    rights.read_only.add(f"{MILESTONE}.Due_On__c")
    assert states(org_writer.write([org_writer.milestone(Reason__c="why", Status__c="Done")])) == ["sent"]
    assert (org_writer.row()["Status__c"], org_writer.row().get("Due_On__c")) == ("Done", None)


def test_a_field_that_was_hidden_since_it_was_described_is_found_out_once(org_writer: OrgWriter) -> None:
    org_writer.write([org_writer.milestone()])
    org_writer.sandbox.org.rights.hidden.add(f"{MILESTONE}.Side__c")
    org_writer.sandbox.calls.clear()
    assert set(states(org_writer.write(org_writer.milestones(3)))) == {"sent"}
    assert (org_writer.sandbox.calls.count("describe"), org_writer.sandbox.calls.count("write_collection")) == (1, 2)


def test_an_org_without_the_package_says_so_and_loses_no_row(org_writer: OrgWriter) -> None:
    org_writer.sandbox.org.rights.hidden.add(f"{MILESTONE}.{KEY}")
    [outcome] = org_writer.write([org_writer.milestone()])
    assert outcome.state == "transient"
    assert "install the package" in (outcome.error or "")


def test_an_org_that_is_down_is_asked_once_for_both_objects(sandbox: Sandbox) -> None:
    org_writer = OrgWriter(sandbox)
    sandbox.faults.refuse("REQUEST_LIMIT_EXCEEDED", times=None)
    assert states(org_writer.write([org_writer.onboarding(), org_writer.milestone()])) == ["transient", "transient"]
    assert sandbox.calls.count() == 1
    org_writer.session.close()


def test_a_slow_org_gets_no_further_call_once_patience_is_out(org_writer: OrgWriter) -> None:
    org_writer.sandbox.faults.add(lambda _: org_writer.clock.wait(PATIENCE), "write_collection", times=None)
    assert states(org_writer.write(org_writer.milestones(600))) == ["sent"] * 200 + ["transient"] * 400


def test_names_and_directions_come_from_the_mapping(sandbox: Sandbox) -> None:
    given = load_mapping().model_dump(by_alias=True)
    given["write"][MILESTONE]["Milestone__c"] = {"field": "Reason__c", "direction": "ours"}
    given["write"][MILESTONE]["Reason__c"] = {"field": "Milestone__c", "direction": "theirs"}
    org_writer = OrgWriter(sandbox, CrmMapping.model_validate(given))
    assert set(states(org_writer.write([org_writer.onboarding(), org_writer.milestone(Reason__c="a note")]))) == {
        "sent"
    }
    assert (org_writer.row()["Reason__c"], org_writer.row().get("Milestone__c")) == ("Train the admins", None)
    org_writer.session.close()


def test_a_malformed_row_is_refused_alone(org_writer: OrgWriter) -> None:
    bad = outgoing("Contact", "003", {}), outgoing(MILESTONE, "", {})
    assert states(org_writer.write([bad[0], org_writer.milestone(), bad[1]])) == ["permanent", "sent", "permanent"]


def test_a_value_that_the_field_cannot_hold_is_refused_alone_and_not_repeated(org_writer: OrgWriter) -> None:
    [bad, good] = org_writer.write(
        [org_writer.onboarding(org_writer.deals[1], Health__c="excellent"), org_writer.onboarding(org_writer.deals[2])]
    )
    assert (bad.state, good.state) == ("permanent", "sent")
    assert "Health__c" in (bad.error or "")
    assert "excellent" not in (bad.error or "")


# Any text


TEXT = st.text(max_size=300)


@settings(max_examples=examples(25), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(TEXT, min_size=1, max_size=8), reason=TEXT)
def test_any_text_arrives_as_it_is_read_or_cut_to_its_field(
    org_writer: OrgWriter, names: list[str], reason: str
) -> None:
    messages = [org_writer.milestone(f"t{n}", Completed_By__c=name, Reason__c=reason) for n, name in enumerate(names)]
    assert set(states(org_writer.write(messages))) == {"sent"}
    rows = org_writer.rows()
    for number, name in enumerate(names):
        held = rows[f"{org_writer.deal}:t{number}"]
        assert len(held["Completed_By__c"] or "") <= 255
        assert_same(held, "Completed_By__c", name)
        assert_same(held, "Reason__c", reason)
    again = [
        org_writer.milestone(f"t{n}", base=BASE | {"Completed_By__c": name, "Reason__c": reason}, Reason__c="changed")
        for n, name in enumerate(names)
    ]
    assert set(states(org_writer.write(again))) == {"sent"}
    rows = org_writer.rows()
    assert {rows[f"{org_writer.deal}:t{n}"]["Reason__c"] for n in range(len(names))} == {"changed"}, "nobody was here"


def assert_same(held: Mapping[str, Any], name: str, said: str) -> None:
    """The org's value is the written one except for invisible characters and blanks, up to the length of the field."""
    shown = "".join(char for char in said.encode("utf-8", "replace").decode() if char.isprintable())
    there = "".join(char for char in (held[name] or "") if char.isprintable())
    assert "".join(shown.split()).startswith("".join(there.split())[:200])


HOSTILE = [
    "O'Neil\\'); DROP",
    "a' OR Name != '",
    "\\",
    "'",
    "{keys}",
    "%27",
    "#N/A",
    "=1+1",
    "<b>&amp;",
    "名前",
    "ß" * 60,
]


@pytest.mark.parametrize("name", HOSTILE)
def test_any_key_is_found_again_by_the_look(org_writer: OrgWriter, name: str) -> None:
    org_writer.write([org_writer.milestone(name)])
    org_writer.sandbox.others.edit(MILESTONE, org_writer.row(name)["Id"], Status__c="Done")
    assert states(org_writer.write([org_writer.milestone(name, base=BASE)])) == ["sent"]
    assert (org_writer.row(name)["Status__c"], len(org_writer.rows())) == ("Done", 1)
