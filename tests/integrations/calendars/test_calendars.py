"""Calendars as iCalendar: busy times and days away, with series, exceptions, zones, and limits for what is endless."""

import socket
import threading
import time
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import icalendar
import pytest
from pydantic import SecretStr

from integrations.calendars import entries, reading
from integrations.calendars.busy import busy_between
from integrations.calendars.days_away import days_away
from integrations.calendars.entries import UnreadableCalendar
from integrations.ports import Unreachable

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"


def calendar(*events: str) -> str:
    """Return a calendar of these events, each given by its own lines."""
    told = (f"BEGIN:VEVENT\nUID:{number}\n{event}\nEND:VEVENT\n" for number, event in enumerate(events))
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test//EN\n{''.join(told)}END:VCALENDAR\n"
    return text.replace("\n", "\r\n")


def whole_days(title: str, more: str = "") -> str:
    return f"SUMMARY:{title}\nDTSTART;VALUE=DATE:20260302\nDTEND;VALUE=DATE:20260306{more}"


def spans(busy: Iterable[tuple[datetime, datetime]]) -> list[str]:
    assert all(at.tzinfo is UTC for span in busy for at in span)
    return [f"{since:%d %H:%M}-{until:%d %H:%M}" for since, until in busy]


@pytest.mark.parametrize(
    "title",
    [
        "Out of office",
        "OUT OF OFFICE!",
        "OOO",
        "Vacation",
        "Vacation 🏖",
        "Holiday",
        "Urlaub",
        "Urlaub bis Montag",
        "Urlaub 2. - 5.3.",
        "Urlaub (bis 5. März)",
        "Congé",
        "Absent",
        "Vacation until Friday",
        "On leave, from Monday",
    ],
)
def test_a_title_that_says_nothing_but_out_of_office_is_an_absence(title: str) -> None:
    assert days_away(calendar(whole_days(title)), BERLIN, MONDAY) == ((date(2026, 3, 2), date(2026, 3, 6)),)


@pytest.mark.parametrize(
    "title",
    [
        "Holiday campaign launch",
        "Holiday 2026 campaign",
        "Absentee report",
        "Semester planning",
        "Vacation: Tom",
        "Vacation - Tom",
        "Vacations page goes live",
        "Out of office hours rota",
        "Ferienprogramm",
        "Krankenkasse",
        "Kickoff",
        "",
    ],
)
def test_a_title_of_work_or_of_another_person_is_none(title: str) -> None:
    assert days_away(calendar(whole_days(title)), BERLIN, MONDAY) == ()


@pytest.mark.parametrize(
    ("more", "away"),
    [
        ("", True),
        ("\nTRANSP:OPAQUE", True),
        ("\nTRANSP:TRANSPARENT", False),
        ("\nX-MICROSOFT-CDO-BUSYSTATUS:FREE", False),
        ("\nX-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE", False),
        ("\nSTATUS:CANCELLED", False),
    ],
)
def test_who_is_free_in_an_entry_is_not_away(more: str, away: bool) -> None:
    assert bool(days_away(calendar(whole_days("Vacation", more)), BERLIN, MONDAY)) == away


def test_what_the_calendar_marks_as_out_of_office_needs_no_title() -> None:
    marked = whole_days("Tom", "\nX-MICROSOFT-CDO-BUSYSTATUS:OOF")
    assert len(days_away(calendar(marked), BERLIN, MONDAY)) == 1


def test_a_timed_entry_is_of_the_days_whose_working_hours_it_covers_in_the_persons_zone() -> None:
    event = "SUMMARY:OOO\nDTSTART:20260302T140000Z\nDTEND:20260304T230000Z"
    assert days_away(calendar(event), NEW_YORK, MONDAY) == ((date(2026, 3, 2), date(2026, 3, 5)),)
    assert days_away(calendar(event), BERLIN, MONDAY) == ((date(2026, 3, 3), date(2026, 3, 5)),)


def test_a_series_is_away_on_each_of_its_days_but_for_its_exceptions() -> None:
    fridays = (
        "SUMMARY:OOO\nDTSTART;VALUE=DATE:20260102\nDTEND;VALUE=DATE:20260103\n"
        "RRULE:FREQ=WEEKLY;BYDAY=FR;UNTIL=20260327\nEXDATE;VALUE=DATE:20260313"
    )
    found = days_away(calendar(fridays), BERLIN, MONDAY)
    assert [str(one.since) for one in found] == ["2026-03-06", "2026-03-20", "2026-03-27"]
    assert {one.back - one.since for one in found} == {timedelta(days=1)}


def test_an_endless_series_brings_new_days_once_a_month() -> None:
    fridays = "SUMMARY:OOO\nDTSTART;VALUE=DATE:20260102\nRRULE:FREQ=WEEKLY"
    found = [set(days_away(calendar(fridays), BERLIN, MONDAY + timedelta(days=days))) for days in (0, 1, 10, 31)]
    assert found[0] == found[1] >= found[2]
    assert max(found[2]) == max(found[0]) < max(found[3])


def test_a_series_keeps_its_time_of_day_where_the_clocks_change() -> None:
    daily = (
        "SUMMARY:Focus\nDTSTART;TZID=Europe/Berlin:20260323T090000\nDTEND;TZID=Europe/Berlin:20260323T100000\n"
        "RRULE:FREQ=WEEKLY;BYDAY=MO"
    )
    found = busy_between(calendar(daily), datetime(2026, 3, 20, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
    assert spans(found) == ["23 08:00-23 09:00", "30 07:00-30 08:00"]


def test_a_zone_that_a_calendar_defines_itself_is_its_own_whatever_another_calls_so() -> None:
    zone = "Customized Time Zone"

    def text(summer: str, winter: str) -> str:
        kinds = (("STANDARD", "10", summer, winter), ("DAYLIGHT", "3", winter, summer))
        rules = "".join(
            f"BEGIN:{kind}\nDTSTART:16010325T020000\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH={month}\n"
            f"TZOFFSETFROM:{before}\nTZOFFSETTO:{after}\nEND:{kind}\n"
            for kind, month, before, after in kinds
        )
        defined = f"BEGIN:VTIMEZONE\nTZID:{zone}\n{rules}END:VTIMEZONE\nBEGIN:VEVENT".replace("\n", "\r\n")
        weekly = f"DTSTART;TZID={zone}:20260323T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY"
        return calendar(weekly).replace("BEGIN:VEVENT", defined)

    def busy(content: str) -> list[str]:
        return spans(busy_between(content, datetime(2026, 3, 20, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)))

    berlin = text("+0200", "+0100")
    assert busy(berlin) == ["23 08:00-23 09:00", "30 07:00-30 08:00"]
    assert busy(text("-0400", "-0500")) == ["23 14:00-23 15:00", "30 13:00-30 14:00"]
    assert busy(berlin) == ["23 08:00-23 09:00", "30 07:00-30 08:00"]


def test_one_occurrence_that_was_moved_or_taken_out_is_not_busy_at_its_old_time() -> None:
    text = calendar(
        "DTSTART:20260302T090000Z\nDTEND:20260302T100000Z\nRRULE:FREQ=DAILY;COUNT=4\nEXDATE:20260304T090000Z"
    )
    moved = "UID:0\nRECURRENCE-ID:20260303T090000Z\nDTSTART:20260303T150000Z\nDTEND:20260303T160000Z"
    called_off = "UID:0\nRECURRENCE-ID:20260305T090000Z\nDTSTART:20260305T090000Z\nDURATION:PT1H\nSTATUS:CANCELLED"
    more = "".join(f"BEGIN:VEVENT\r\n{one}\r\nEND:VEVENT\r\n".replace("\n", "\r\n") for one in (moved, called_off))
    text = text.replace("END:VCALENDAR", f"{more}END:VCALENDAR").replace("\r\r", "\r")
    found = busy_between(text, MONDAY - timedelta(days=1), MONDAY + timedelta(days=7))
    assert spans(found) == ["02 09:00-02 10:00", "03 15:00-03 16:00"]


def test_busy_times_are_merged_cut_to_the_question_and_without_what_is_free() -> None:
    text = calendar(
        "DTSTART:20260302T080000Z\nDTEND:20260302T093000Z",
        "DTSTART:20260302T093000Z\nDTEND:20260302T100000Z",
        "DTSTART:20260302T120000Z\nDTEND:20260302T130000Z\nTRANSP:TRANSPARENT",
        "DTSTART:20260302T140000Z\nDTEND:20260302T150000Z\nSTATUS:TENTATIVE",
        "DTSTART:20260302T160000Z\nDTEND:20260302T160000Z",
        "DTSTART:20260302T170000\nDTEND:20260302T180000",
        "DTSTART;VALUE=DATE:20260303",
        "DTSTART:20260304T090000Z\nDTEND:20260304T100000Z",
    )
    found = busy_between(text, MONDAY, datetime(2026, 3, 3, 12, tzinfo=UTC), BERLIN)
    assert spans(found) == ["02 09:00-02 10:00", "02 14:00-02 15:00", "02 16:00-02 17:00", "02 23:00-03 12:00"]


@pytest.mark.parametrize("text", ["", "hello", "BEGIN:VEVENT\r\nEND:VEVENT\r\n", b"\xff\xfe\x00", "BEGIN:VCALENDAR"])
def test_what_is_no_calendar_is_told(text: str | bytes) -> None:
    with pytest.raises(UnreadableCalendar, match="no iCalendar"):
        busy_between(text, MONDAY, MONDAY + timedelta(days=1))


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY",
        "FREQ=HOURLY",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYSETPOS=2",
        "FREQ=DAILY;BYHOUR=1,2,3;BYMINUTE=1,2,3",
        "FREQ=NEVER",
        "INTERVAL=2",
    ],
)
def test_a_series_that_may_never_end_is_not_computed_and_nobody_is_called_free(rule: str) -> None:
    text = calendar(f"SUMMARY:OOO\nDTSTART:20000101T090000Z\nDTEND:20000101T100000Z\nRRULE:{rule}", whole_days("OOO"))
    began = time.process_time()
    with pytest.raises(UnreadableCalendar, match="1 of its entries or series cannot be read"):
        busy_between(text, MONDAY, MONDAY + timedelta(days=1))
    assert len(days_away(text, BERLIN, MONDAY)) == 1, "the others count all the same"
    assert time.process_time() - began < 2


@pytest.mark.slow
@pytest.mark.parametrize(
    "rule", ["FREQ=DAILY", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=9"]
)
def test_a_series_over_centuries_is_computed_for_the_days_asked(rule: str) -> None:
    text = calendar(f"DTSTART:19000101T090000Z\nDTEND:19000101T100000Z\nRRULE:{rule}")
    assert spans(busy_between(text, MONDAY, MONDAY + timedelta(days=1))) in (["02 09:00-02 10:00"], [])


def test_entries_of_years_in_a_daily_series_are_refused() -> None:
    text = calendar("DTSTART:20200101T090000Z\nDTEND:20290101T100000Z\nRRULE:FREQ=DAILY")
    with pytest.raises(UnreadableCalendar, match="cannot be read"):
        busy_between(text, MONDAY, MONDAY + timedelta(days=1))


def test_a_huge_calendar_and_a_long_question_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "MOST_ENTRIES", 3)
    with pytest.raises(UnreadableCalendar, match="too large"):
        busy_between(calendar(*[whole_days("OOO")] * 4), MONDAY, MONDAY + timedelta(days=1))
    monkeypatch.setattr(entries, "MOST_BYTES", 100)
    with pytest.raises(UnreadableCalendar, match="too large"):
        busy_between(calendar(whole_days("OOO")), MONDAY, MONDAY + timedelta(days=1))
    with pytest.raises(ValueError, match="at most 500 days"):
        busy_between(calendar(), MONDAY, MONDAY + timedelta(days=501))


def test_series_that_take_too_long_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "MOST_SECONDS", -1.0)
    with pytest.raises(UnreadableCalendar, match="too long to compute"):
        busy_between(calendar(whole_days("OOO")), MONDAY, MONDAY + timedelta(days=1))


@pytest.mark.parametrize(
    "event",
    [
        "SUMMARY:OOO",
        "SUMMARY:OOO\nDTSTART:garbage",
        "SUMMARY:OOO\nDTSTART;VALUE=DATE:20260302\nDTEND:20260303T100000Z",
        "SUMMARY:OOO\nDTSTART:20260302T100000Z\nRRULE:nonsense",
        "SUMMARY:OOO\nDTSTART;VALUE=DATE:99991231\nDURATION:P9999999D",
    ],
)
def test_an_entry_that_nothing_can_be_made_of_does_not_hide_the_others(event: str) -> None:
    text = calendar(event, whole_days("Vacation"))
    assert len(days_away(text, BERLIN, MONDAY)) == 1
    with pytest.raises(UnreadableCalendar):
        busy_between(text, MONDAY, MONDAY + timedelta(days=1))


def test_a_calendar_is_parsed_once_for_both_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = []
    usual = icalendar.Calendar.from_ical
    monkeypatch.setattr(icalendar.Calendar, "from_ical", lambda text: parsed.append(True) or usual(text))
    monkeypatch.setattr(reading, "fetch", lambda _: calendar(whole_days("OOO")).encode())
    found = reading.CalendarReader().read(SecretStr("https://a.example/secret.ics"), BERLIN, MONDAY)
    assert found.away
    assert found.busy
    assert len(parsed) == 1


def test_a_calendar_that_publishes_only_when_its_owner_is_busy_is_read() -> None:
    blocks = (
        "BEGIN:VFREEBUSY\nUID:f\nDTSTART:20260301T000000Z\nDTEND:20260401T000000Z\n"
        "FREEBUSY;FBTYPE=BUSY:20260302T100000Z/20260302T110000Z,20260303T090000Z/PT2H\n"
        "FREEBUSY:20260304T090000Z/PT1H\nFREEBUSY;FBTYPE=FREE:20260304T120000Z/PT1H\n"
        "FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20260305T090000Z/PT1H\nEND:VFREEBUSY\n"
    )
    text = calendar().replace("END:VCALENDAR", f"{blocks}END:VCALENDAR".replace("\n", "\r\n"))
    found = busy_between(text, MONDAY, MONDAY + timedelta(days=7))
    assert spans(found) == ["02 10:00-02 11:00", "03 09:00-03 11:00", "04 09:00-04 10:00", "05 09:00-05 10:00"]
    assert days_away(text, BERLIN, MONDAY) == ()


@pytest.mark.parametrize(
    "rule", ["FREQ=WEEKLY;BYDAY=MO;BYHOUR=9;BYMINUTE=30;BYSECOND=0", "FREQ=WEEKLY;BYDAY=MO;BYMONTH=3"]
)
def test_rules_as_some_programs_write_them_beside_the_start_are_read(rule: str) -> None:
    text = calendar(f"DTSTART:20260302T093000Z\nDURATION:PT30M\nRRULE:{rule}")
    assert spans(busy_between(text, MONDAY, MONDAY + timedelta(days=8))) == ["02 09:30-02 10:00", "09 09:30-09 10:00"]


def test_series_that_ended_long_ago_cost_nothing_and_one_moved_into_the_time_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    over = "DTSTART:20150105T090000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;UNTIL=20260105T090000Z"
    moved = "UID:1\nRECURRENCE-ID:20260105T090000Z\nDTSTART:20260303T090000Z\nDURATION:PT1H"
    with monkeypatch.context() as without:
        without.delattr(entries, "_occurrences")
        assert busy_between(calendar(over), MONDAY, MONDAY + timedelta(days=7)) == ()
    more = f"BEGIN:VEVENT\n{moved}\nEND:VEVENT\nEND:VCALENDAR".replace("\n", "\r\n")
    text = calendar("DTSTART:20260302T120000Z\nDURATION:PT1H", over).replace("END:VCALENDAR", more)
    found = busy_between(text, MONDAY, MONDAY + timedelta(days=7))
    assert spans(found) == ["02 12:00-02 13:00", "03 09:00-03 10:00"]


def test_a_server_that_sends_byte_by_byte_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_SECONDS", 0.5)
    over = threading.Event()

    def serve(listening: socket.socket) -> None:
        there, _ = listening.accept()
        with there:
            for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 200:
                if over.wait(0.05):
                    return
                there.send(bytes([byte]))

    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = threading.Thread(target=serve, args=(listening,))
        server.start()
        address = SecretStr(f"http://127.0.0.1:{listening.getsockname()[1]}/secret.ics")
        began = time.monotonic()
        with pytest.raises(Unreachable, match="too large or too slow") as found:
            reading.fetch(address)
        assert time.monotonic() - began < 5, "its headers alone would take ten"
        assert "secret" not in str(found.value)
        over.set()
        server.join(10)
