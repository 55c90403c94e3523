"""People and records change at any moment between runs: no person ever gets a message that they must not get."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from database.onboardings.lookup import NotFound
from tasks.commands import facts, onboardings
from tasks.runtime.refusals import Refused
from tests.examples import examples

START = datetime(2026, 3, 2, 10, tzinfo=UTC)
PEOPLE = ("003-0001", "003-0002", "003-0003")
MILESTONES = ("kickoff_held", "cadence_agreed", "plan_agreed", "security_review", "go_live", "activation")
numbers = count(1)


def edit(record, field, *values):
    """A person writes one of these values into a field of the CRM."""
    return st.sampled_from(values).map(lambda value: ("edit", record, field, value))


CHANGES = st.one_of(
    *(edit(person, "HasOptedOutOfEmail", "true", "false") for person in PEOPLE),
    *(edit(person, "First90_Left_On__c", "", "2026-03-10", "2026-04-01") for person in PEOPLE),
    *(edit(person, "Email", "", "one@a.example", "two@a.example", "ONE@a.example", "broken") for person in PEOPLE),
    edit("006-0001", "IsWon", "true", "false"),
    edit("006-0001", "CloseDate", "2026-03-02", "2026-02-26", "2026-03-09", "???"),
    edit("006-0001", "First90_Go_Live_On__c", "", "2026-03-20", "2026-04-20"),
    edit("006-0001", "First90_Kickoff_At__c", "", "2026-03-05T14:00:00Z"),
    edit("006-0001", "First90_Timeline__c", "", "May"),
    edit("001-0001", "First90_Tier__c", "", "high", "mid", "tech"),
    edit("001-0001", "OwnerId", "005-0002", "005-0003", "005-0404"),
    edit("001-0001", "First90_Time_Zone__c", "Europe/London", "Asia/Tokyo", "Mars/Base"),
    edit("005-0002", "IsActive", "true", "false"),
    st.sampled_from(["Champion", "IT Security", "Technical Buyer"]).map(lambda role: ("role", role)),
    st.sampled_from(MILESTONES).map(lambda name: ("tick", name, "Done")),
    st.sampled_from(MILESTONES).map(lambda name: ("tick", name, "Open")),
    st.sampled_from(MILESTONES).map(lambda name: ("done", name)),
    st.sampled_from(["shift", "catch-up", "skip"]).map(lambda how: ("hold", how)),
    st.sampled_from(["resume", "skip_stage", "ack", "resolve", "bounce", "second deal", "vanish", "return"]).map(
        lambda word: (word,)
    ),
)
STEPS = st.lists(st.tuples(CHANGES, st.sampled_from([0, 1, 5, 24, 49, 170])), min_size=1, max_size=20)


def carry_out(office, change, at):
    """Apply one change; an invalid command is refused, as it is for a person."""
    match change:
        case ("edit", record, field, value):
            office.change(record, **{field: value})
        case ("role", role):
            office.role(2, role)
        case ("tick", name, status):
            if (office.folder / "Onboarding_Milestone__c.csv").exists():
                office.tick(name, Status__c=status)
        case ("done", name):
            office.done(name, on=at)
        case ("hold", how):
            office.order(onboardings.hold, "001-0001", reason="x", until=None, resume=how, on=at)
        case ("resume",):
            office.order(onboardings.resume, "001-0001", on=at)
        case ("skip_stage",):
            office.order(onboardings.skip_stage, "001-0001", reason="x", on=at)
        case ("ack",):
            office.order(onboardings.ack, "001-0001", on=at)
        case ("resolve",):
            office.order(onboardings.resolve, "001-0001", reason="x", on=at)
        case ("bounce",):
            office.report(facts.record_bounce, "two@a.example", on=at)
        case ("second deal",):
            if not any(row["Id"] == "006-0002" for row in office.tables["Opportunity.csv"]):
                office.deal(2, account=1, signed="2026-03-05")
        case ("vanish",):
            office.hidden = [dict(row) for row in office.tables["Contact.csv"] if row["Id"] == "003-0001"]
            office.tables["Contact.csv"] = [row for row in office.tables["Contact.csv"] if row["Id"] != "003-0001"]
        case ("return",):
            office.tables["Contact.csv"] += getattr(office, "hidden", [])
            office.hidden = []


def may_get(office, bounced):
    """Return the addresses to which mails may be sent by the CRM's present records."""
    return {
        row["Email"].lower()
        for row in office.tables["Contact.csv"]
        if row.get("HasOptedOutOfEmail") != "true" and row["Email"].lower() not in bounced
    }


@pytest.mark.slow
@settings(
    max_examples=examples(8),
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_whatever_changes_each_mail_leaves_once_and_only_to_whom_it_may(office, new_database_url, tmp_path, steps):
    number = next(numbers)
    office.home, office.folder = tmp_path / f"home{number}", tmp_path / f"crm{number}"
    office.tables |= {name: [] for name in office.tables if name != "User.csv"}
    office.change("005-0002", IsActive="true")
    office.hidden = []
    office.setenv("FIRST90_HOME", str(office.home))
    office.setenv("FIRST90_CRM", f"csv:{office.folder}")
    office.setenv("FIRST90_DATABASE_URL", new_database_url("postgres" if number % 4 == 0 else "sqlite"))
    office.customer()
    office.contact(2, role="Technical Buyer", Email="one@a.example")
    office.contact(3, role=None, Email="two@a.example")
    office.run(START)
    at, bounced, before = START, set(), len(office.mails)
    for change, hours in steps:
        at += timedelta(hours=hours)
        try:
            carry_out(office, change, at)
        except (KeyError, StopIteration):  # the record to be edited does not exist
            continue
        except (Refused, NotFound):
            pass
        if change == ("bounce",):
            bounced.add("two@a.example")
        office.write()
        with office.context() as context:
            assert office.cycle(context, at).failures == []
            again = office.cycle(context, at)
        assert (again.planned, again.sent, again.failures) == (0, 0, []), (change, again)
        fresh = office.mails[before:]
        before += len(fresh)
        for mail in fresh:
            assert mail["To"].addresses[0].addr_spec.lower() in may_get(office, bounced), change
    keys = Counter()
    for mail in office.mails:
        _, step, occurrence, _, _ = mail["X-First90-Effect"].split(":")
        keys[mail["To"].addresses[0].addr_spec.lower(), step, occurrence] += 1
    assert not keys or max(keys.values()) == 1
    days = Counter((mail["To"].addresses[0].addr_spec.lower(), mail["Date"].datetime.date()) for mail in office.mails)
    assert not days or max(days.values()) <= 2
