"""Times for calls that mails offer, from outside: what customers of one CSM read, and what is held for them."""

import re
import shutil
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from itertools import pairwise
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import text

from config.playbook_library.library import BUNDLED
from config.settings.load import load_settings
from database.onboardings import saves
from database.outbox import calls
from integrations.calendars.reading import CalendarRead
from onboarding.booking.diary import SLOT
from onboarding.orders import FactReport
from tasks.commands.drafts import approve_draft, discard_draft, edit_draft
from tasks.commands.facts import record_meeting
from tasks.commands.onboardings import reassign
from tasks.delivery import payloads, recheck
from tasks.simulation.simulate import Simulation, simulate
from tests.tasks.conftest import ident, moment

MONDAY = "2026-03-02T10:00"
TIME = re.compile(r"\d+ March 2026 at \d\d:\d\d")


def held(office: Any, at: str = MONDAY) -> list[calls.Taken]:
    with office.context() as context, context.database.reading() as conn:
        return calls.taken(conn, datetime.fromisoformat(at).replace(tzinfo=UTC))


def said(office: Any, number: int) -> list[str]:
    """Return the times that the mails to a customer's champion name."""
    texts = [
        str(mail.get_body(("plain",)).get_content())
        for mail in office.mails
        if mail["To"].addresses[0].addr_spec == f"person{number}@customer{number}.example"
    ]
    return [time for text in texts for time in TIME.findall(" ".join(text.split()))]


def company(office: Any, customers: int) -> None:
    """Add customers of one CSM in London."""
    for number in range(1, customers + 1):
        office.customer(number)


@pytest.mark.slow
def test_customers_of_one_csm_are_offered_different_times_in_one_batch(office: Any) -> None:
    company(office, 3)
    office.run(MONDAY)
    offered = [said(office, number) for number in (1, 2, 3)]
    assert all(len(set(times)) == 2 for times in offered), offered
    assert len({time for times in offered for time in times}) == 6, "no time is offered twice"
    times = sorted(one.at for one in held(office))
    assert len(times) == 6
    assert all(one + SLOT <= other for one, other in pairwise(times))


@pytest.mark.slow
def test_what_is_taken_of_one_is_the_same_as_of_all_also_after_a_hand_over(office: Any) -> None:
    """Else a mail is composed with a time and refused with it, until that time is over."""
    company(office, 2)
    office.run(MONDAY)
    office.order(reassign, "001-0001", "csm", "manager@vendor.example", on="2026-03-02T10:30", reason="leave")
    office.report(record_meeting, "kickoff_booked", datetime(2026, 3, 4, 14, tzinfo=UTC), on="2026-03-02T11:00")
    office.run("2026-03-02T12:00")
    now = datetime(2026, 3, 2, 12, tzinfo=UTC)
    with office.context() as context, context.database.reading() as conn:
        found = calls.taken(conn, now)
        people = {one.person_id for one in found}
        assert len(people) == 2
        for person in people:
            assert calls.taken(conn, now, {person}) == [one for one in found if one.person_id == person]


@pytest.mark.slow
def test_a_time_that_was_offered_or_agreed_is_not_offered_to_a_later_customer(office: Any) -> None:
    company(office, 1)
    office.run(MONDAY)
    before = held(office)
    office.report(record_meeting, "kickoff_booked", datetime(2026, 3, 4, 14, tzinfo=UTC), on="2026-03-02T11:00")
    office.customer(2)
    office.run("2026-03-02T12:00")
    agreed = [one for one in held(office) if not one.effect_key]
    assert [one.at for one in agreed] == [datetime(2026, 3, 4, 14, tzinfo=UTC)]
    theirs = {one.at for one in held(office) if one.onboarding_key == ident("006", 2)}
    assert len(theirs) == 2
    assert agreed[0].at not in theirs
    assert {one.at for one in before} & theirs, "what the first customer did not take is free again"


def test_what_is_over_or_cancelled_is_held_no_longer(office: Any) -> None:
    company(office, 1)
    office.run(MONDAY)
    last = max(one.at for one in held(office))
    assert held(office, (last + SLOT - timedelta(seconds=1)).isoformat()[:19])
    assert not held(office, (last + SLOT).isoformat()[:19])


def test_busy_times_of_the_csms_calendar_are_not_offered(office: Any, tmp_path: Any, monkeypatch: Any) -> None:
    company(office, 1)
    path = tmp_path / "team.yaml"
    path.write_text(
        "members:\n- {email: csm@vendor.example, roles: [csm], backup: bea@vendor.example, "
        "calendar: 'https://calendar.example/secret.ics'}\n- {email: bea@vendor.example, roles: [csm]}\n",
        "utf-8",
    )
    office.user(5, Name="Bea", Email="bea@vendor.example")
    busy = (datetime(2026, 3, 4, tzinfo=UTC), datetime(2026, 3, 9, 23, tzinfo=UTC))
    monkeypatch.setattr(
        "tasks.intake.absences.CalendarReader.read", lambda *_: CalendarRead(away=(), busy=(busy,)), raising=True
    )
    office.run(MONDAY, TEAM=str(path))
    times = [one.at for one in held(office)]
    assert times
    assert min(times) > busy[1]


@pytest.mark.slow
def test_a_time_that_another_process_has_offered_meanwhile_is_replaced_before_the_mail_leaves(
    office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The diary of the run is read before the other process offers: as if it knew nothing of it."""
    company(office, 1)
    office.run(MONDAY)
    first = {one.at for one in held(office)}
    office.customer(2)
    blind = []

    def stale(conn: Any, context: Any, as_of: Any) -> Any:
        if not blind:
            blind.append(True)
            return recheck.Diary()
        return recheck_diary(conn, context, as_of)

    recheck_diary = recheck.diary_of
    monkeypatch.setattr(recheck, "diary_of", stale)
    office.run("2026-03-02T12:00")
    assert blind
    theirs = {one.at for one in held(office) if one.onboarding_key == ident("006", 2)}
    assert len(theirs) == 2
    assert not theirs & first


def busy_for_good(office: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The CSM's calendar has no free hour for 500 days."""
    path = tmp_path / "team.yaml"
    member = (
        "{email: csm@vendor.example, roles: [csm], backup: bea@vendor.example, calendar: 'https://a.example/a.ics'}"
    )
    path.write_text(f"members:\n- {member}\n- {{email: bea@vendor.example, roles: [csm]}}\n", "utf-8")
    office.user(5, Name="Bea", Email="bea@vendor.example")
    office.setenv("FIRST90_TEAM", str(path))
    start = datetime(2026, 3, 2, tzinfo=UTC)
    busy = tuple((start + timedelta(days=day), start + timedelta(days=day, hours=24)) for day in range(500))
    monkeypatch.setattr("tasks.intake.absences.CalendarReader.read", lambda *_: CalendarRead(away=(), busy=busy))


def test_a_mail_whose_times_cannot_be_found_asks_for_one_and_leaves(
    office: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    company(office, 1)
    busy_for_good(office, tmp_path, monkeypatch)
    found = office.run(MONDAY)
    assert not found.failures
    assert office.states("kickoff_invitation") == ["sent"]
    (mail,) = [one for one in office.mails if "Kickoff" in str(one["Subject"])]
    assert mail["Subject"] == "Kickoff"
    assert "Which time would suit you for a call?" in mail.get_body(("plain",)).get_content()
    assert said(office, 1) == []
    assert held(office) == []


def test_times_are_looked_for_only_where_a_mail_names_some(office: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    company(office, 1)
    asked = []
    usual = payloads.offers
    monkeypatch.setattr(payloads, "offers", lambda *args: asked.append(True) or usual(*args))
    office.run(MONDAY)
    assert sorted(office.sent_kinds) == ["kickoff_invitation", "welcome"]
    assert len(asked) == 1


@pytest.fixture
def drafting(office: Any, tmp_path: Any) -> Any:
    """A company that looks at its invitations to kickoffs before they leave."""
    shutil.copytree(BUNDLED, tmp_path / "playbooks")
    for path in (tmp_path / "playbooks").glob("*.yaml"):
        step = "  - name: kickoff_invitation\n"
        path.write_text(path.read_text("utf-8").replace(step, f"{step}    mode: draft\n"), "utf-8")
    office.setenv("FIRST90_PLAYBOOKS", str(tmp_path / "playbooks"))
    return office


@pytest.mark.slow
def test_times_of_an_edited_draft_are_held_from_the_edit_on(drafting: Any) -> None:
    company(drafting, 1)
    drafting.run(MONDAY)
    (draft,) = drafting.effects(kind="kickoff_invitation", channel="mail")
    assert held(drafting) == []

    def decide(what: Any, on: str, *words: str) -> None:
        with drafting.context() as context:
            what(context, FactReport(by="jo@vendor.example", now=moment(on)), draft["key"], *words)

    words = "Would Friday 6 March 2026\nat 11:30 (London time) suit you, or Monday 9 March 2026 at 10:00?"
    decide(edit_draft, "2026-03-02T10:10", "Our kickoff", words)
    mine = {datetime(2026, 3, 6, 11, 30, tzinfo=UTC), datetime(2026, 3, 9, 10, tzinfo=UTC)}
    assert {one.at for one in held(drafting)} == mine
    decide(edit_draft, "2026-03-02T10:20", "Our kickoff", "Would Wednesday 4 March 2026 at 10:00 suit you?")
    mine = {datetime(2026, 3, 4, 10, tzinfo=UTC)}
    assert {one.at for one in held(drafting)} == mine, "the times of the words before are free again"
    drafting.customer(2)
    drafting.run("2026-03-02T10:30", PLAYBOOKS=str(BUNDLED))
    theirs = {one.at for one in held(drafting) if one.onboarding_key == ident("006", 2)}
    assert len(theirs) == 2
    assert not theirs & mine
    decide(approve_draft, "2026-03-02T10:40")
    drafting.run("2026-03-02T11:00")
    assert said(drafting, 1) == ["4 March 2026 at 10:00"]
    assert {one.at for one in held(drafting) if one.effect_key == draft["key"]} == mine


@pytest.mark.postgres
def test_an_edit_locks_the_times_before_the_onboarding_as_deliveries_and_bookings_do(
    drafting: Any, new_database_url: Any
) -> None:
    """In the other order, an edit and a booking of one account would each wait for the other."""
    drafting.setenv("FIRST90_DATABASE_URL", new_database_url("postgres"))
    company(drafting, 1)
    drafting.run(MONDAY)
    (draft,) = drafting.effects(kind="kickoff_invitation", channel="mail")
    report = FactReport(by="jo@vendor.example", now=moment("2026-03-02T10:10"))
    with drafting.context() as context:
        words = (draft["key"], "Kickoff", "Would Wednesday 4 March 2026 at 10:00 suit you?")
        edit = Thread(target=edit_draft, args=(context, report, *words))
        with context.database.writing() as conn:
            calls.lock(conn)
            edit.start()
            while not conn.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar_one():
                edit.join(0.05)
            conn.execute(text("SET LOCAL lock_timeout = '3s'"))
            saves.lock(conn, ident("006", 1))
        edit.join()
    assert [one.at for one in held(drafting)] == [datetime(2026, 3, 4, 10, tzinfo=UTC)]


@pytest.mark.slow
def test_a_discarded_draft_holds_nothing(drafting: Any) -> None:
    company(drafting, 1)
    drafting.run(MONDAY)
    (draft,) = drafting.effects(kind="kickoff_invitation", channel="mail")
    with drafting.context() as context:
        report = FactReport(by="jo@vendor.example", now=moment("2026-03-02T10:10"), reason="we spoke")
        edit_draft(context, report, draft["key"], "Kickoff", "Would Wednesday 4 March 2026 at 10:00 suit you?")
        assert len(held(drafting)) == 1
        discard_draft(context, report, draft["key"])
    drafting.run("2026-03-02T11:00")
    assert held(drafting) == []


@pytest.mark.slow
def test_a_person_s_words_leave_also_where_another_customer_has_the_time_by_then(drafting: Any) -> None:
    """They are not made anew, so they would wait for ever."""
    company(drafting, 2)
    drafting.run(MONDAY)
    report = FactReport(by="jo@vendor.example", now=moment("2026-03-02T10:10"))
    for draft in drafting.effects(kind="kickoff_invitation", channel="mail"):
        with drafting.context() as context:
            edit_draft(context, report, draft["key"], "Kickoff", "Would Wednesday 4 March 2026 at 10:00 suit you?")
            approve_draft(context, report, draft["key"])
    drafting.run("2026-03-02T11:00")
    assert said(drafting, 1) == said(drafting, 2) == ["4 March 2026 at 10:00"]


@pytest.mark.slow
def test_a_kickoff_that_the_crm_holds_frees_what_was_offered_also_once_it_is_over(office: Any) -> None:
    company(office, 1)
    office.run(MONDAY)
    assert len(held(office)) == 2
    office.change(ident("006", 1), First90_Kickoff_At__c="2026-03-03T14:00:00Z")
    office.run("2026-03-02T12:00")
    assert [(one.at, one.effect_key) for one in held(office, "2026-03-02T12:00")] == [
        (datetime(2026, 3, 3, 14, tzinfo=UTC), "")
    ]
    assert held(office, "2026-03-03T16:00") == []


def test_a_simulation_offers_no_time_twice_and_none_that_is_agreed(office: Any, tmp_path: Any) -> None:
    company(office, 3)
    office.change(ident("006", 1), First90_Kickoff_At__c="2026-03-04T10:00:00Z")
    office.write()
    plan = Simulation(start=moment(MONDAY), days=1, out=tmp_path / "out")
    simulate(load_settings(env_file=None), plan, lambda _: None)
    found = [path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()]
    mails: list[Any] = [message_from_bytes(one, policy=policy.default) for one in found]
    texts = [one.get_body(("plain",)).get_content() for one in mails if str(one["Subject"]).startswith("Kickoff: ")]
    times = [time for text in texts for time in set(TIME.findall(" ".join(text.split())))]
    assert len(texts) == 2
    assert len(set(times)) == len(times) == 4
    assert "4 March 2026 at 10:00" not in times
