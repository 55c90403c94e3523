"""A CSM who is away: the backup gets work, alerts and replies until the return, and both are told once of each."""

import http.server
import threading
from collections.abc import Callable, Iterator
from datetime import date

import pytest

from database.onboardings import overview
from integrations.calendars import reading
from integrations.calendars.reading import CalendarReader
from onboarding.model.vocabulary import Channel
from tasks.commands import absences, onboardings
from tasks.commands.absences import Leave
from tasks.delivery.deliver_all import deliver
from tasks.runtime.refusals import Refused
from tasks.runtime.scope import Scope
from tests.tasks.conftest import moment

CSM, BACKUP, MANAGER = "csm@vendor.example", "bea@vendor.example", "manager@vendor.example"
LONDON = {"TimeZoneSidKey": "Europe/London", "CountryCode": "GB"}
MEMBERS = """
members:
  - {{email: csm@vendor.example, roles: [csm], backup: bea@vendor.example{more}}}
  - {{email: bea@vendor.example, roles: [csm]}}
"""


@pytest.fixture
def staffed(office, tmp_path):
    """One customer of the CSM, whose kickoff is not booked, and a backup in the team file."""
    office.user(5, Name="Bea Backup", Email=BACKUP, ManagerId="005-0003", **LONDON)
    team(office, tmp_path)
    office.customer()
    office.change("001-0001", First90_CSM__c="005-0002")
    return office


def team(office, folder, more: str = "") -> None:
    path = folder / "team.yaml"
    path.write_text(MEMBERS.format(more=f", {more}" if more else ""), "utf-8")
    office.setenv("FIRST90_TEAM", str(path))
    office.shut()


def notes(office, reader: str, said: str) -> list[str]:
    return [post["text"].splitlines()[0] for post in office.told(reader, said) if "Onboarding on" not in post["text"]]


def sender(office, kind: str) -> tuple[str, str]:
    mail = next(mail for mail in office.mails if f":{kind}:" in mail["X-First90-Effect"])
    return mail["From"].addresses[0].display_name, mail["Reply-To"].addresses[0].addr_spec


@pytest.mark.slow
def test_while_away_the_backup_signs_and_hears_of_stalls_and_both_are_told_once(staffed, tmp_path) -> None:
    team(staffed, tmp_path, "away: [{from: 2026-03-02, until: 2026-03-06}]")
    for _ in range(2):
        staffed.run()
    assert sender(staffed, "welcome")[1] == BACKUP
    assert staffed.status()["owner"] == BACKUP
    assert staffed.status()["covers_for"] == CSM
    assert notes(staffed, CSM, "Bea Backup covers for you") == ["Bea Backup covers for you until 6 March 2026"]
    assert notes(staffed, BACKUP, "You cover for") == ["You cover for Cleo Csm until 6 March 2026: 1 customer"]
    staffed.run("2026-03-03T12:01")
    assert staffed.told(BACKUP, "kickoff")
    assert not [post for post in staffed.told(CSM) if "covers for you" not in post["text"]]

    for _ in range(2):
        staffed.run("2026-03-06T09:30")
    assert staffed.status()["owner"] == CSM
    assert staffed.status()["covers_for"] is None
    (back,) = staffed.told(CSM, "Welcome back")
    assert "Customer 1" in str(back)
    assert "stands still" in str(back)
    assert "2 mails sent" in str(back)
    assert len(notes(staffed, BACKUP, "you no longer cover")) == 1
    told = [line for line in staffed.journal() if line.startswith("owner ")]
    assert [("covers for" in line, "accountable" in line) for line in told] == [(False, True)]


@pytest.mark.slow
def test_who_covers_is_told_of_customers_that_were_handed_over_too(staffed) -> None:
    staffed.user(6, Name="Rey Successor", Email="rey@vendor.example", ManagerId="005-0003", **LONDON)
    staffed.run()
    staffed.order(onboardings.reassign, "001-0001", "csm", "rey@vendor.example", reason="a better fit")
    staffed.order(absences.go_away, "rey@vendor.example", Leave(until=date(2026, 3, 12), backup=BACKUP))
    staffed.run("2026-03-02T11:00")
    assert staffed.status()["owner"] == BACKUP
    assert notes(staffed, BACKUP, "You cover for") == ["You cover for Rey Successor until 12 March 2026: 1 customer"]


@pytest.mark.slow
def test_an_absence_that_begins_later_moves_the_work_at_its_day_and_the_journal_says_why(staffed, tmp_path) -> None:
    staffed.run()
    team(staffed, tmp_path, "away: [{from: 2026-03-03, until: 2026-03-05}]")
    staffed.run("2026-03-02T11:00")
    assert staffed.status()["owner"] == CSM
    assert not notes(staffed, BACKUP, "You cover for")
    staffed.run("2026-03-03T09:30")
    assert staffed.status()["owner"] == BACKUP
    staffed.run("2026-03-03T12:01")
    assert staffed.told(BACKUP, "kickoff")
    staffed.run("2026-03-05T09:30")
    told = [line for line in staffed.journal() if line.startswith("owner ")]
    assert "Bea Backup covers for Cleo Csm, who is away until 5 March 2026" in told[0]
    assert "Cleo Csm is accountable from now on" in told[1]


@pytest.mark.slow
def test_an_alert_that_waited_for_the_morning_of_an_absence_goes_to_the_backup_alone(staffed, tmp_path) -> None:
    """Planned on Sunday for Monday, when its reader is away: the first delivery of that day leaves it out."""
    team(staffed, tmp_path, "away: [{from: 2026-03-09, until: 2026-03-16}]")
    staffed.run()
    staffed.run("2026-03-08T10:00")
    assert not staffed.told(CSM, "kickoff")
    with staffed.context() as context:
        deliver(context, moment("2026-03-09T10:00"), Channel.SLACK, Scope())
    assert not staffed.told(CSM, "kickoff")
    staffed.run("2026-03-09T10:01")
    assert staffed.told(BACKUP, "kickoff")
    assert not staffed.told(CSM, "No kickoff is booked")


@pytest.mark.slow
def test_a_command_sends_away_and_brings_back_and_the_next_run_follows(staffed) -> None:
    staffed.run()
    said = staffed.order(absences.go_away, CSM, Leave(until=date(2026, 3, 12)))
    assert said == "Cleo Csm is away from 2 March 2026 until 12 March 2026; Bea Backup covers."
    staffed.order(absences.go_away, CSM, Leave(until=date(2026, 3, 12)))
    staffed.run("2026-03-02T11:00")
    assert staffed.status()["owner"] == BACKUP
    assert len(notes(staffed, BACKUP, "You cover for")) == 1
    staffed.order(absences.come_back, CSM, on="2026-03-04T08:00")
    staffed.run("2026-03-04T10:00")
    assert staffed.status()["owner"] == CSM
    assert len(notes(staffed, CSM, "Welcome back")) == 1


def absence_lines(office) -> list[str]:
    with office.context() as context, context.database.reading() as conn:
        return [str(line["because"]) for line in overview.journal_lines(conn) if line["kind"] == "absence"]


@pytest.mark.slow
def test_an_earlier_return_replaces_a_later_one_and_a_repeat_writes_nothing(staffed) -> None:
    staffed.run()
    for until, lines in ((12, 1), (12, 1), (6, 2), (6, 2)):
        staffed.order(absences.go_away, CSM, Leave(until=date(2026, 3, until)), on="2026-03-02T09:00")
        assert len(absence_lines(staffed)) == lines, until
    said = staffed.order(absences.go_away, CSM, Leave(until=date(2026, 3, 6)), on="2026-03-04T09:00")
    assert "until 6 March 2026" in said
    assert len(absence_lines(staffed)) == 2, "the same return, said again on a later day"
    staffed.order(absences.go_away, CSM, Leave(until=date(2026, 3, 5)), on="2026-03-04T09:00")
    staffed.run("2026-03-05T09:30")
    assert staffed.status()["owner"] == CSM
    assert staffed.status()["covers_for"] is None


def test_an_absence_that_is_reported_takes_no_days_from_a_later_one(staffed) -> None:
    staffed.run()
    staffed.order(absences.go_away, CSM, Leave(since=date(2026, 3, 10), until=date(2026, 3, 20)), on="2026-03-02T09:00")
    for until in (10, 12):
        leave = Leave(since=date(2026, 3, 4), until=date(2026, 3, until))
        staffed.order(absences.go_away, CSM, leave, on="2026-03-02T09:00")
        with staffed.context() as context, context.database.reading() as conn:
            owner = next(one for one in overview.owners(conn).values() if one.email == CSM)
        away = {day for one in owner.absences for day in range(one.since.day, one.back.day)}
        assert away == set(range(4, 20))


@pytest.mark.parametrize(
    ("email", "leave", "said"),
    [
        ("nobody@vendor.example", Leave(until=date(2026, 3, 9)), "no active user of the CRM"),
        (CSM, Leave(until=date(2026, 3, 2)), "give the first day on which they are back"),
        (MANAGER, Leave(until=date(2026, 3, 9)), "nobody covers for Max Manager; give the address"),
        (CSM, Leave(until=date(2026, 3, 9), backup="CSM@vendor.example"), "cannot be their own backup"),
        (CSM, Leave(until=date(9999, 3, 9)), "correct the year"),
    ],
)
def test_an_absence_that_cannot_be_is_refused_with_its_mend(staffed, email: str, leave: Leave, said: str) -> None:
    staffed.run()
    with pytest.raises(Refused, match=said):
        staffed.order(absences.go_away, email, leave)
    with pytest.raises(Refused, match="is not away"):
        staffed.order(absences.come_back, CSM)


@pytest.mark.slow
def test_one_whom_the_team_file_sends_away_is_brought_back_there(staffed, tmp_path) -> None:
    team(staffed, tmp_path, "away: [{from: 2026-03-02, until: 2026-03-06}]")
    staffed.run()
    with pytest.raises(Refused, match="the team file says"):
        staffed.order(absences.come_back, CSM)
    team(staffed, tmp_path)
    staffed.run("2026-03-04T10:00")
    assert staffed.status()["owner"] == CSM
    assert len(notes(staffed, CSM, "Welcome back")) == 1


@pytest.mark.slow
def test_a_new_customer_is_given_to_somebody_who_is_there(office, tmp_path) -> None:
    office.user(5, Name="Bea Backup", Email=BACKUP, **LONDON)
    team(office, tmp_path, "away: [{from: 2026-03-02, until: 2026-03-06}]")
    office.customer()
    office.run()
    office.run("2026-03-09T10:00")
    assert office.status()["owner"] == BACKUP


@pytest.fixture
def calendar(asked: list[str]) -> Iterator[Callable[[str], str]]:
    """Serve a calendar on this machine; return its address for a content."""
    content: list[bytes] = [b""]

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200 if content[0] else 500)
            self.end_headers()
            self.wfile.write(content[0])

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()

    def serve(text: str) -> str:
        content[0] = text.replace("\n", "\r\n").encode()
        return f"http://127.0.0.1:{server.server_port}/secret-name.ics"

    yield serve
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def asked() -> list[str]:
    """Return the paths under which calendars were asked for."""
    return []


ICS = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test//EN
BEGIN:VEVENT
UID:1
SUMMARY:{title}
DTSTART;VALUE=DATE:20260302
DTEND;VALUE=DATE:20260306
END:VEVENT
END:VCALENDAR
"""


@pytest.mark.parametrize(("title", "owner"), [("Out of office", BACKUP), ("Sales kickoff", CSM)])
@pytest.mark.slow
def test_days_out_of_office_in_a_calendar_are_an_absence(staffed, tmp_path, calendar, title: str, owner: str) -> None:
    team(staffed, tmp_path, f"calendar: '{calendar(ICS.format(title=title))}'")
    staffed.run()
    assert staffed.status()["owner"] == owner


@pytest.mark.slow
def test_a_calendar_that_cannot_be_read_is_reported_without_its_address_and_what_it_said_stays(
    staffed, tmp_path, calendar
) -> None:
    team(staffed, tmp_path, f"calendar: '{calendar(ICS.format(title='Urlaub'))}'")
    staffed.run()
    calendar("")
    later = staffed.run("2026-03-02T11:30")
    (failure,) = later.deals.failures
    assert failure.where == "the calendar of csm@vendor.example"
    assert "answered 500" in failure.error
    assert "secret-name" not in str(failure)
    assert staffed.status()["owner"] == BACKUP
    calendar("no calendar at all")
    (failure,) = staffed.run("2026-03-02T12:45").deals.failures
    assert "no iCalendar" in failure.error


@pytest.mark.slow
def test_a_calendar_that_cannot_be_read_is_tried_once_an_hour(staffed, tmp_path, calendar, asked) -> None:
    team(staffed, tmp_path, f"calendar: '{calendar('')}'")
    failed = [len(staffed.run(f"2026-03-02T{at}").deals.failures) for at in ("10:00", "10:05", "10:50", "11:05")]
    assert (failed, len(asked)) == ([1, 0, 0, 1], 2)


@pytest.mark.slow
def test_calendars_for_which_a_sweep_has_no_time_are_read_by_the_next(
    staffed, tmp_path, calendar, asked, monkeypatch
) -> None:
    address = calendar(ICS.format(title="Kickoff"))
    team(staffed, tmp_path, f"calendar: '{address}?csm'")
    path = tmp_path / "team.yaml"
    second = f"roles: [csm], backup: csm@vendor.example, calendar: '{address}?bea'"
    path.write_text(path.read_text("utf-8").replace("roles: [csm]}", second + "}"), "utf-8")
    staffed.run("2026-03-02T10:00")
    assert len(asked) == 2

    class OneEach(CalendarReader):
        reads = 0

        @property
        def has_time(self) -> bool:
            return self.reads < 1

        def read(self, *given):
            self.reads += 1
            return super().read(*given)

    monkeypatch.setattr("tasks.intake.absences.CalendarReader", OneEach)
    for at in ("11:00", "11:05", "11:10"):
        staffed.run(f"2026-03-02T{at}")
    assert sorted(one.partition("?")[2] for one in asked[2:]) == ["bea", "csm"], "one in each sweep, then none is due"


def test_the_time_for_all_calendars_of_a_sweep_ends(monkeypatch) -> None:
    assert CalendarReader().has_time
    monkeypatch.setattr(reading, "ALL_SECONDS", reading.MOST_SECONDS - 0.01)
    assert not CalendarReader().has_time
