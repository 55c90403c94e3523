"""Erasure of a person: no data of them is left, nothing is sent to them, and nothing brings them back."""

import json
import re
import warnings
from typing import Any

import pytest

from onboarding.model.vocabulary import Channel, SurveyKind
from onboarding.own_tasks.request import TaskRequest
from tasks.commands.deliveries import start, stop
from tasks.commands.erasure import forget
from tasks.commands.facts import record_bounce, record_note, record_stakeholder
from tasks.commands.onboardings import hold
from tasks.commands.own_tasks import record_task
from tasks.commands.surveys import answer_survey
from tasks.commands.value_facts import record_survey
from tasks.runtime.links import Link
from tasks.runtime.refusals import Refused
from tests.tasks.conftest import MONDAY, moment

NAME, ADDRESS = "Zuzana O'Škodová", "Zuzana.Canary+x@customer1.example"
CANARY = {"Name": NAME, "Email": ADDRESS}
TUESDAY, WEDNESDAY = "2026-03-03T10:00", "2026-03-04T10:00"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def both(request: pytest.FixtureRequest, office: Any, new_database_url: Any) -> Any:
    """Return the office over either database."""
    office.setenv("FIRST90_DATABASE_URL", new_database_url(request.param))
    return office


def dump(office: Any) -> str:
    """Return every value of every table as one text, in lower case, without using code under test."""
    from sqlalchemy import MetaData, create_engine

    with office.context() as context:
        engine = create_engine(context.database.url)
    tables = MetaData()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Skipped unsupported reflection of expression-based index")
        tables.reflect(engine)
    with engine.connect() as conn:
        rows = [repr(tuple(row)) for table in tables.sorted_tables for row in conn.execute(table.select())]
    engine.dispose()
    return "\n".join(rows).lower()


def canary(office: Any) -> str:
    """Return a champion who is named everywhere: deals, mails, journal, notes, usage, a hold, set-aside records."""
    champion = office.contact(1, **CANARY)
    office.contact(2, role="Economic Buyer")
    office.deal(1, First90_Goals__c=f"Ask {ADDRESS} what they need")
    office.account(1)
    office.event("login", "2026-03-02T09:00:00Z", user=ADDRESS)
    office.event("login", "2026-03-02T09:00:00Z", user="somebody@customer1.example")
    office.run()
    office.report(record_note, f"{NAME} is on leave in May; write to {ADDRESS.upper()}")
    office.report(record_stakeholder, ADDRESS, "manager")
    office.report(
        record_task, TaskRequest(title=f"Call {NAME}", side="vendor", owner="csm", due_on="2026-03-20"), on=MONDAY
    )
    office.order(hold, "001-0001", reason=f"{NAME} asked for a week", until="2026-03-02T11:00", resume="shift")
    office.run(TUESDAY)
    return str(champion)


def spelt(champion: str) -> list[str]:
    return [champion, ADDRESS.lower(), NAME.lower(), "zuzana", "škodov"]


@pytest.mark.slow
def test_nothing_of_a_person_is_left_and_the_crm_does_not_bring_them_back(both: Any, proof: Any) -> None:
    office = both
    champion = canary(office)
    assert all(one in dump(office) for one in spelt(champion)[:3]), "the control: everything knows them"
    assert office.inbox(ADDRESS)
    mails = len(office.mails)

    done = office.order(forget, ADDRESS.upper(), reason=f"{NAME} asked us to", on=TUESDAY)

    assert (done.after, done.namesakes) == ({}, {})
    assert sum(done.before.values()) > 10
    left = {one: dump(office).count(one) for one in spelt(champion)}
    assert left == dict.fromkeys(left, 0)
    office.change("001-0001", Name="Customer One")
    office.change("006-0001", Amount="30000")
    for day in (WEDNESDAY, "2026-03-05T10:00", "2026-03-06T10:00"):
        office.run(day)
    left = {one: dump(office).count(one) for one in spelt(champion)}
    assert left == dict.fromkeys(left, 0), "after three more looks at a CRM that still shows them"
    people = office.crm()["006-0001"]["People__c"]
    assert "Person 2" in people
    assert "zuzana" not in people.lower(), "the row that first90 writes does not name them any more"
    assert not [mail for mail in office.mails[mails:] if "canary" in str(mail["To"]).lower()]
    assert "somebody@customer1.example" in dump(office), "others stay"
    again = office.order(forget, ADDRESS, reason="once more", on="2026-03-06T11:00")
    assert (again.records, again.mails, again.texts, again.after) == (0, 0, 0, {})
    dialect = office.opened.database.dialect
    proof(f"FORGET {dialect} before={sum(done.before.values())} after=0 polls=3 back=0 mails_after=0")


@pytest.mark.slow
def test_texts_that_users_write_later_do_not_bring_them_back_either(both: Any) -> None:
    """Sales edits the handoff, a colleague ticks a milestone: both name an erased person."""
    office = both
    champion = canary(office)
    office.contact(5, account=2, Name="Nadia Nová", Email="zn@customer2.example", role="Champion")
    office.deal(2)
    office.account(2)
    office.order(forget, ADDRESS, reason="asked", on=TUESDAY)
    again = f"Ask {NAME.upper()}\n(zuzana  O’Škodová, {ADDRESS}) what they need"
    office.change("006-0001", First90_Goals__c=again, First90_Goal_Worth__c=f"hours of {NAME} | cost", Amount="31000")
    office.change("006-0002", First90_Goals__c=f"Nadia Nová knows {NAME} of Customer One")
    office.tick("kickoff_booked", Status__c="Done", Completed_By__c=NAME, Reason__c=f"{ADDRESS} said so")
    for day in (WEDNESDAY, "2026-03-05T10:00"):
        office.run(day)
    found = dump(office)
    assert re.search(r"ask \[forgotten\]\W+n?\W*\[forgotten\], forgotten-\w+\) what they need", found), (
        "the rest is there"
    )
    assert office.milestone_row("kickoff_booked")["Status__c"] == "Done"
    namesake = f"Nadia Nová knows {NAME} of Customer One".lower()
    assert namesake in found.replace("''", "'"), "at another customer the name means somebody else"
    found = found.replace(namesake, "")
    left = {one: found.count(one) for one in spelt(champion)}
    assert left == dict.fromkeys(left, 0)


@pytest.mark.slow
def test_the_gap_they_leave_is_seen(office: Any) -> None:
    canary(office)
    office.order(forget, ADDRESS, reason="asked", on=TUESDAY)
    office.run("2026-03-12T10:00")
    assert "the customer has no known champion." in dump(office)


@pytest.mark.slow
def test_what_had_not_left_never_does(office: Any) -> None:
    office.contact(1, **CANARY)
    office.deal(1)
    office.account(1)
    office.write()
    office.order(stop, Channel.MAIL, reason="not yet", on="2026-03-02T00:00")
    office.run("2026-03-02T10:00")
    planned = [line for line in office.effects(channel="mail") if line["state"] == "planned"]
    done = office.order(forget, "003-0001", reason="asked", on="2026-03-02T11:00")
    assert done.cancelled == len(planned) > 0
    office.order(start, Channel.MAIL, on="2026-03-02T11:00")
    office.run("2026-03-02T12:00")
    assert office.mails == []
    assert {line["because"] for line in office.effects(channel="mail")} == {"its reader asked to be forgotten"}


@pytest.mark.slow
def test_a_dry_run_counts_and_changes_nothing(office: Any) -> None:
    canary(office)
    before = dump(office)
    done = office.order(forget, ADDRESS, reason="asked", dry_run=True, on=TUESDAY)
    assert done.before
    assert dump(office) == before
    told = json.dumps(done.before)
    assert "journal.because" in told
    assert "zuzana" not in told.lower()


@pytest.mark.slow
def test_no_command_brings_them_back(office: Any) -> None:
    canary(office)
    office.order(forget, ADDRESS, reason="asked", on=TUESDAY)
    for report, more in ((record_stakeholder, {"role": "champion"}), (record_bounce, {})):
        with pytest.raises(Refused, match="asked to be forgotten"):
            office.report(report, ADDRESS, **more)


@pytest.mark.slow
def test_a_new_record_of_the_same_address_is_not_taken_in_either(office: Any) -> None:
    canary(office)
    office.order(forget, ADDRESS, reason="asked", on=TUESDAY)
    office.contact(7, **(CANARY | {"Email": ADDRESS.lower()}))
    office.run(WEDNESDAY)
    assert "003-0007" not in dump(office)


@pytest.mark.slow
def test_who_only_has_the_same_name_is_left_alone_and_named_in_the_answer(office: Any) -> None:
    office.contact(5, account=2, Name=NAME, Email="other@customer2.example")
    office.deal(2)
    office.account(2)
    canary(office)
    done = office.order(forget, ADDRESS, reason="asked", on=TUESDAY)
    assert done.after == {}
    assert done.namesakes["person.name"] == 1
    assert "other@customer2.example" in dump(office)
    assert NAME.lower() in dump(office)


@pytest.mark.slow
def test_an_address_that_others_share_is_asked_about(office: Any) -> None:
    canary(office)
    office.contact(8, Email=ADDRESS)
    office.run(WEDNESDAY)
    with pytest.raises(Refused, match="1 other contacts have the same address"):
        office.order(forget, "003-0001", reason="asked", on=WEDNESDAY)
    with pytest.raises(Refused, match="one of our own users"):
        office.order(forget, "csm@vendor.example", reason="asked", on=WEDNESDAY)
    with pytest.raises(Refused, match="--reason is empty"):
        office.order(forget, ADDRESS, reason=" ", on=WEDNESDAY)


@pytest.mark.slow
def test_what_they_wrote_in_a_survey_goes_with_them_and_the_score_stays(both: Any) -> None:
    office = both
    champion = canary(office)
    office.run(TUESDAY)
    (key,) = {line["deal_id"] for line in office.effects(channel="mail")}
    words = 'My daughter\'s "wedding" came first <sorry>'
    with office.context() as context:
        assert answer_survey(context, SurveyKind.NPS, Link(champion, key), (2, words), moment(TUESDAY))
    office.report(record_survey, SurveyKind.CES, 1, person=ADDRESS, comment="too slow for me", on=TUESDAY)
    office.report(record_survey, SurveyKind.CSAT, 1, person="somebody@customer1.example", comment="Too far", on=TUESDAY)
    office.report(record_survey, SurveyKind.CSAT, 1, person=ADDRESS, comment="handoff", on=TUESDAY)
    office.run(WEDNESDAY)
    before = dump(office)
    assert before.count("“handoff”") > 1, "the control: the name of a stage, in quotation marks"
    assert before.count("wedding") > 2, "the control: tasks and the digest quote it"
    assert "too slow for me" in before

    office.order(forget, ADDRESS, reason="asked", on="2026-03-05T09:00")
    office.run("2026-03-05T10:00")

    left = dump(office)
    assert [word for word in ("wedding", "daughter", "too slow", "“handoff”") if word in left] == []
    assert left.count("handoff") > 10, "the word itself stays"
    assert office.status()["stage"] in ("handoff", "kickoff")
    assert "too far" in left, "others stay"
    assert left.count("'score': 2") == 1
