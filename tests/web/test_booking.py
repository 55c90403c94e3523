"""Booking a call on the plan page: free times only, each once, and both sides' mails follow at once."""

import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from threading import Barrier, Thread
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import select, update

from database.crm import contact_roles, upsert
from database.onboardings import openings
from database.outbox import calls, planned
from database.tables import EffectRow, FactRow, OwnerRow
from onboarding.booking.offer import Offer
from onboarding.model.case import Progress
from onboarding.model.crm_records import CrmAccount, CrmContact, CrmContactRole, CrmDeal, CrmUser
from onboarding.model.effect import PlannedEffect
from onboarding.model.vocabulary import Channel, CustomerRole, Stage
from onboarding.orders import FactReport, Order
from tasks.commands.facts import record_meeting
from tasks.commands.onboardings import hold, reassign
from tasks.plan_page.inviting import invite
from tasks.review.batches import review_named
from tasks.runtime.links import Link, plan_address
from tasks.views.picture import picture_of
from tests.conftest import BOTH_DATABASES
from tests.web.conftest import SIGNED
from tests.web.test_plan_answers import form_of

KICKOFF = "kickoff_booked"
STAMP = "%Y%m%dT%H%MZ"


def page(face: Any, person: str = "0031", onboarding: str = "006A") -> str:
    url = plan_address(face.context.settings, Link(person, onboarding), 0, datetime.now(UTC))
    return "/p/" + url.rpartition("/p/")[2]


def times(face: Any, here: str) -> list[str]:
    return re.findall(r'href="[^"]*/call/(kickoff_booked\.\w+)"', face.get(here).text)


def stamp(about: str) -> str:
    return about.partition(".")[2]


def book(face: Any, here: str, about: str, at: str | None = None) -> Any:
    """Open the form of a time and send it."""
    shown = face.get(f"{here}/call/{about}")
    assert shown.status_code == 200
    return face.post(f"{here}/call/{KICKOFF}", data={"form": form_of(shown.text), "at": at or stamp(about)})


def agreed(face: Any, onboarding: str = "006A") -> list[str]:
    with face.context.database.reading() as conn:
        rows = conn.execute(select(FactRow).where(FactRow.source == "page").order_by(FactRow.learned_at)).all()
    return [
        datetime.fromisoformat(row.value["meeting_at"]).strftime(STAMP) if row.kind == "meeting" else row.kind
        for row in rows
        if row.onboarding_key == onboarding
    ]


def taken(face: Any) -> list[str]:
    with face.context.database.reading() as conn:
        return sorted(one.at.strftime(STAMP) for one in calls.taken(conn, datetime.now(UTC)) if not one.effect_key)


@pytest.mark.slow
def test_a_free_time_is_booked_with_one_press_and_shown_as_agreed(desk: Any) -> None:
    here = page(desk)
    free = times(desk, here)
    assert len({one[:-6] for one in free}) == 5, "on five days"
    said = book(desk, here, free[2])
    assert (said.status_code, "It is settled." in said.text) == (200, True)
    assert agreed(desk) == taken(desk) == [stamp(free[2])]
    shown = desk.get(here).text
    assert "Move it to another time" in shown
    assert times(desk, here) == [], "nothing else is to be agreed"
    assert stamp(free[2]) not in desk.get(f"{here}/call/{KICKOFF}").text, "it stands already"


def another_customer(face: Any, number: int = 2, signed_at: datetime = SIGNED) -> str:
    """Add a customer of the same person, and return the page of its champion."""
    account, key, person = f"00{number}A", f"00{number}D", f"00{number}P"
    with face.context.database.writing() as conn:
        upsert.take_accounts(conn, [CrmAccount(id=account, name=f"Co {number}", owner_id="005C")], lambda country: None)
        contact = CrmContact(id=person, account_id=account, name=f"Pat {number}", email=f"pat@co{number}.example")
        upsert.take_contacts(conn, [contact])
        deal = CrmDeal(
            id=key,
            account_id=account,
            name="Deal",
            won=True,
            stage_name="Closed Won",
            signed_at=signed_at,
            close_on=signed_at.date(),
            owner_id="005C",
        )
        upsert.take_deals(conn, [deal], signed_at)
        role = CrmContactRole(deal_id=key, contact_id=person, role="Champion")
        contact_roles.take_roles(conn, [role], [key], lambda part: CustomerRole.CHAMPION, signed_at)
        version = next(iter(face.context.library.playbook_versions.values()))
        progress = Progress(opened_at=signed_at, stage_times={Stage.HANDOFF: signed_at}, playbook=version.hash)
        opening = openings.NewOnboarding(key=key, account_id=account, signed_at=signed_at, progress=progress)
        openings.open_onboardings(conn, [opening], signed_at)
    review_named(face.context, [key], datetime.now(UTC), "test", frozenset())
    return page(face, person, key)


@pytest.mark.slow
@BOTH_DATABASES
def test_two_customers_at_once_never_get_the_same_hour(desk: Any) -> None:
    pages = [page(desk), another_customer(desk), another_customer(desk, 3)]
    about = times(desk, pages[0])[0]
    forms = [form_of(desk.get(f"{here}/call/{about}").text) for here in pages]
    start, answers = Barrier(len(pages)), []

    def press(here: str, form: str) -> None:
        start.wait(20)
        answers.append(desk.post(f"{here}/call/{KICKOFF}", data={"form": form, "at": stamp(about)}))

    threads = [Thread(target=press, args=one) for one in zip(pages, forms, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(one.status_code for one in answers) == [200, 400, 400]
    assert taken(desk) == [stamp(about)]
    refused = [one.text for one in answers if one.status_code == 400]
    assert all("This time is not free any more. Choose another one." in text for text in refused)
    assert all(len(re.findall(r'type="radio" name="at"', text)) > 10 for text in refused), "other times are shown"
    assert all(f'value="{stamp(about)}"' not in text for text in refused)


def at_hour(days: int, hour: int, minute: int = 0) -> str:
    """Return a moment of a Wednesday so many days ahead or a little more (the readers and Cleo live in UTC)."""
    at = datetime.now(UTC).replace(hour=hour, minute=minute, second=0, microsecond=0) + timedelta(days=days)
    return (at + timedelta(days=(2 - at.weekday()) % 7)).strftime(STAMP)


@pytest.mark.parametrize(
    "at",
    [
        "20200304T1000Z",
        (datetime.now(UTC) + timedelta(minutes=30)).strftime(STAMP),
        at_hour(7, 3),
        at_hour(7, 10, 30),
        at_hour(90, 10),
        "99990101T1000Z",
        "tomorrow",
        "",
        "20260304T1000Z; DROP TABLE fact",
    ],
)
def test_a_time_that_is_past_too_soon_at_night_or_none_is_refused(desk: Any, at: str) -> None:
    here = page(desk)
    shown = desk.get(f"{here}/call/{KICKOFF}")
    said = desk.post(f"{here}/call/{KICKOFF}", data={"form": form_of(shown.text), "at": at})
    assert said.status_code == 400
    assert agreed(desk) == []
    free = times(desk, here)[0]
    assert desk.post(f"{here}/call/{KICKOFF}", data={"form": form_of(said.text), "at": stamp(free)}).status_code == 200


def test_a_free_hour_that_was_not_listed_can_be_had(desk: Any) -> None:
    """What was listed yesterday and stands after the last day shown today is free all the same."""
    here, at = page(desk), at_hour(30, 10)
    assert at not in [stamp(one) for one in times(desk, here)]
    form = form_of(desk.get(f"{here}/call/{KICKOFF}").text)
    assert desk.post(f"{here}/call/{KICKOFF}", data={"form": form, "at": at}).status_code == 200
    assert taken(desk) == [at]


@pytest.mark.slow
def test_an_old_form_sent_again_neither_books_nor_moves(desk: Any) -> None:
    here = page(desk)
    first, other = times(desk, here)[:2]
    forms = [form_of(desk.get(f"{here}/call/{about}").text) for about in (first, other)]
    assert desk.post(f"{here}/call/{KICKOFF}", data={"form": forms[0], "at": stamp(first)}).status_code == 200
    again = desk.post(f"{here}/call/{KICKOFF}", data={"form": forms[0], "at": stamp(other)})
    assert "You had sent this before" in again.text
    stale = desk.post(f"{here}/call/{KICKOFF}", data={"form": forms[1], "at": stamp(other)})
    assert stale.status_code == 409, "it shows that nothing was agreed"
    assert desk.settled()
    off = form_of(desk.get(f"{here}/off/{KICKOFF}").text)
    assert desk.post(f"{here}/off/{KICKOFF}", data={"form": off, "comment": "Ina is ill"}).status_code == 200
    assert desk.post(f"{here}/off/{KICKOFF}", data={"form": off, "comment": "Ina is ill"}).status_code == 200
    assert desk.post(f"{here}/call/{KICKOFF}", data={"form": forms[1], "at": stamp(other)}).status_code == 409
    assert agreed(desk) == [stamp(first), "milestone_undone"]


@pytest.mark.slow
def test_a_form_of_another_reader_call_or_kind_books_nothing(desk: Any) -> None:
    here, theirs = page(desk), another_customer(desk)
    about = times(desk, here)[0]
    form = form_of(desk.get(f"{theirs}/call/{about}").text)
    time_form = form_of(desk.get(f"{here}/time/{KICKOFF}").text)
    for given in (form, time_form, "", "x"):
        assert desk.post(f"{here}/call/{KICKOFF}", data={"form": given, "at": stamp(about)}).status_code == 403
    own = form_of(desk.get(f"{here}/call/{about}").text)
    assert desk.post(f"{here}/call/check_in_7", data={"form": own, "at": stamp(about)}).status_code == 403
    for name in ("check_in_7", "no_such_call", "kickoff_held", "x" * 300):
        shown = desk.get(f"{here}/call/{name}")
        assert (shown.status_code, 'name="form"' in shown.text) == (200, False)
    headers = {"Sec-Fetch-Site": "cross-site"}
    sent = desk.post(f"{here}/call/{KICKOFF}", data={"form": own, "at": stamp(about)}, headers=headers)
    assert sent.status_code == 403
    assert agreed(desk) == []


@pytest.mark.slow
def test_a_colleague_sees_the_call_but_its_time_is_up_to_who_leads(desk: Any) -> None:
    here, other = page(desk), page(desk, "0032")
    assert times(desk, other) == []
    assert "No call is agreed at the moment." in desk.get(other).text
    assert "is up to who leads" in desk.get(f"{other}/call/{KICKOFF}").text
    book(desk, here, times(desk, here)[0])
    shown = desk.get(other).text
    assert "call.ics" in shown
    assert "/off/" not in shown
    assert "is up to who leads" in desk.get(f"{other}/off/{KICKOFF}").text


@pytest.mark.slow
def test_moved_it_frees_the_old_hour_and_cancelled_it_frees_the_new_one(desk: Any) -> None:
    here, other = page(desk), another_customer(desk)
    first, second = (stamp(about) for about in times(desk, here)[:2])
    book(desk, here, f"{KICKOFF}.{first}")
    assert first not in [stamp(one) for one in times(desk, other)]
    assert "Agreed so far:" in desk.get(f"{here}/call/{KICKOFF}").text
    assert book(desk, here, f"{KICKOFF}.{second}").status_code == 200
    assert taken(desk) == [second]
    assert first in [stamp(one) for one in times(desk, other)]
    off = desk.get(f"{here}/off/{KICKOFF}").text
    assert desk.post(f"{here}/off/{KICKOFF}", data={"form": form_of(off)}).status_code == 400, "a reason is asked for"
    said = desk.post(f"{here}/off/{KICKOFF}", data={"form": form_of(off), "comment": "Ina is ill"})
    assert "It is cancelled." in said.text
    assert taken(desk) == []
    assert second in [stamp(one) for one in times(desk, other)]
    assert agreed(desk) == [first, second, "milestone_undone"]


def test_what_one_of_ours_agreed_meanwhile_is_not_moved_by_an_older_form(desk: Any) -> None:
    here = page(desk)
    about = times(desk, here)[0]
    form = form_of(desk.get(f"{here}/call/{about}").text)
    report = FactReport(by="cleo@vendor.example", now=datetime.now(UTC))
    record_meeting(desk.context, report, "006A", KICKOFF, datetime.now(UTC) + timedelta(days=9))
    assert desk.post(f"{here}/call/{KICKOFF}", data={"form": form, "at": stamp(about)}).status_code == 409
    assert agreed(desk) == []


@pytest.mark.slow
def test_a_proposed_time_is_a_task_of_ours_until_a_time_is_agreed(desk: Any) -> None:
    here = page(desk)
    form = form_of(desk.get(f"{here}/time/{KICKOFF}").text)
    assert (
        desk.post(f"{here}/time/{KICKOFF}", data={"form": form, "comment": "any Friday after 15:00"}).status_code == 200
    )
    assert "You proposed: “any Friday after 15:00”" in desk.get(here).text
    assert any("proposes another time for the kickoff: “any Friday after 15:00”" in text for text in tasks(desk))
    book(desk, here, times(desk, here)[0])
    assert not any("proposes another time" in text for text in tasks(desk))


@pytest.mark.slow
def test_another_time_proposed_for_an_agreed_call_is_shown_with_it(desk: Any) -> None:
    here, other = page(desk), page(desk, "0032")
    book(desk, here, times(desk, here)[0])
    assert "proposed" not in desk.get(here).text + desk.get(other).text
    form = form_of(desk.get(f"{here}/time/{KICKOFF}").text)
    said = desk.post(f"{here}/time/{KICKOFF}", data={"form": form, "comment": "any Friday after 15:00"})
    assert said.status_code == 200
    assert "You proposed: “any Friday after 15:00”. It is not agreed yet." in desk.get(here).text
    shown = desk.get(other).text
    assert "A colleague of yours proposed another time. It is not agreed yet." in shown
    assert "Friday after" not in shown, "its words are for who wrote them"


def tasks(face: Any) -> list[str]:
    with face.context.database.reading() as conn:
        seen = picture_of(conn, "006A", datetime.now(UTC))
    return [task.text for task in seen.review.tasks]


@pytest.mark.slow
def test_where_a_person_is_booked_on_another_page_the_plan_leads_there(desk: Any) -> None:
    here, about = page(desk), times(desk, page(desk))[0]
    form = form_of(desk.get(f"{here}/call/{about}").text)
    with desk.context.database.writing() as conn:
        conn.execute(update(OwnerRow).values(booking_url="https://book.vendor.example/cleo"))
    shown = desk.get(here).text
    assert '<a class="button" href="https://book.vendor.example/cleo"' in shown
    assert times(desk, here) == []
    assert desk.post(f"{here}/call/{KICKOFF}", data={"form": form, "at": stamp(about)}).status_code == 409
    assert agreed(desk) == []


@pytest.mark.slow
def test_a_time_that_a_mail_offered_stays_bookable_once_there_is_a_booking_page(desk: Any) -> None:
    here, at = page(desk), at_hour(7, 14, 30)
    sent(desk, "kickoff_invite")
    offer(desk, "kickoff_invite", datetime.strptime(at, STAMP).replace(tzinfo=UTC))
    other = next(one for one in times(desk, here) if stamp(one) != at)
    with desk.context.database.writing() as conn:
        conn.execute(update(OwnerRow).values(booking_url="https://book.vendor.example/cleo"))
    assert times(desk, here) == [f"{KICKOFF}.{at}"], "the one of the mail, all others are booked on the page"
    assert '<a class="button" href="https://book.vendor.example/cleo"' in desk.get(here).text
    form = form_of(desk.get(f"{here}/call/{KICKOFF}").text)
    assert desk.post(f"{here}/call/{KICKOFF}", data={"form": form, "at": stamp(other)}).status_code == 400
    assert book(desk, here, f"{KICKOFF}.{at}").status_code == 200
    assert agreed(desk) == [at]


def test_on_hold_no_time_is_to_be_agreed(desk: Any) -> None:
    here = page(desk)
    form = form_of(desk.get(f"{here}/call/{KICKOFF}").text)
    order = Order(by="cleo@vendor.example", now=datetime.now(UTC), reason="summer")
    hold(desk.context, order, "006A", until=None, resume="shift")
    assert times(desk, here) == []
    assert desk.post(f"{here}/call/{KICKOFF}", data={"form": form, "at": at_hour(7, 10)}).status_code == 409


@pytest.mark.slow
def test_a_check_in_is_booked_once_its_mail_has_asked_for_it(desk: Any) -> None:
    here = page(desk)
    book(desk, here, times(desk, here)[0])
    assert desk.settled()
    assert 'name="form"' not in desk.get(f"{here}/call/check_in_7").text
    sent(desk, "check_in_7")
    free = re.findall(r'href="[^"]*/call/(check_in_7\.\w+)"', desk.get(here).text)
    assert free
    form = form_of(desk.get(f"{here}/call/{free[0]}").text)
    assert desk.post(f"{here}/call/check_in_7", data={"form": form, "at": stamp(free[0])}).status_code == 200
    assert len(taken(desk)) == 2


@pytest.mark.slow
@pytest.mark.parametrize(("days", "asked"), [(29, True), (31, False)])
def test_a_mail_asks_for_its_check_in_for_thirty_days(desk: Any, days: int, asked: bool) -> None:
    here = page(desk)
    book(desk, here, times(desk, here)[0])
    assert desk.settled()
    sent(desk, "check_in_7", days)
    assert ("/call/check_in_7." in desk.get(here).text) is asked
    assert ('name="form"' in desk.get(f"{here}/call/check_in_7").text) is asked


@pytest.mark.slow
def test_a_time_that_a_mail_offered_can_be_had_by_its_reader_alone_and_not_too_late(desk: Any) -> None:
    here, other = page(desk), another_customer(desk)
    at, soon = at_hour(7, 14, 30), datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(hours=3, minutes=59)
    sent(desk, "kickoff_invite")
    offer(desk, "kickoff_invite", datetime.strptime(at, STAMP).replace(tzinfo=UTC), soon)
    assert f"{KICKOFF}.{at}" in times(desk, here)
    assert f"{KICKOFF}.{soon.strftime(STAMP)}" not in times(desk, here)
    form = form_of(desk.get(f"{here}/call/{KICKOFF}").text)
    late = desk.post(f"{here}/call/{KICKOFF}", data={"form": form, "at": soon.strftime(STAMP)})
    assert late.status_code == 400
    theirs = form_of(desk.get(f"{other}/call/{KICKOFF}").text)
    assert desk.post(f"{other}/call/{KICKOFF}", data={"form": theirs, "at": at}).status_code == 400
    assert book(desk, here, f"{KICKOFF}.{at}").status_code == 200
    assert taken(desk) == [at]


def offer(face: Any, step: str, *at: datetime) -> None:
    """Let the mail of this step offer these times with the account's owner."""
    given = Offer(by="005C", at=at)
    with face.context.database.writing() as conn:
        values = {"offer": given.stored(), "offered_until": given.until}
        conn.execute(update(EffectRow).where(EffectRow.kind == step).values(values))


def sent(face: Any, step: str, days: int = 1) -> None:
    """Store a mail of this step as sent so many days ago."""
    at = datetime.now(UTC) - timedelta(days=days)
    effect = PlannedEffect(
        key=f"006A:{step}:1:mail:0031",
        kind=step,
        occurrence="1",
        channel=Channel.MAIL,
        person_id="0031",
        recipient="person1@acme.example",
        role="champion",
        due_at=at,
        because="test",
    )
    with face.context.database.writing() as conn:
        planned.plan(conn, [("006A", effect)], at)
        conn.execute(update(EffectRow).where(EffectRow.kind == step).values(state="sent", sent_at=at))


OURS, THEIRS = "cleo@vendor.example", "person1@acme.example"


def cancelled(face: Any, here: str) -> None:
    form = form_of(face.get(f"{here}/off/{KICKOFF}").text)
    assert face.post(f"{here}/off/{KICKOFF}", data={"form": form, "comment": "Ina is ill"}).status_code == 200


@pytest.mark.slow
def test_both_sides_are_invited_and_told_of_each_change_once(morning: Any) -> None:
    here = page(morning)
    first, second = (stamp(about) for about in times(morning, here)[:2])
    expected = [("REQUEST", 0, first), ("REQUEST", 1, second), ("CANCEL", 2, second)]
    for number, step in enumerate((first, second, "")):
        cancelled(morning, here) if not step else book(morning, here, f"{KICKOFF}.{step}")
        assert morning.settled()
        invite(morning.context, "006A", "001A")
        found = invitations(morning)
        for address in (OURS, THEIRS):
            assert [(method, at, start) for method, at, _, start in found[address]] == expected[: number + 1]
    assert len({uid for some in invitations(morning).values() for _, _, uid, _ in some}) == 1, "one entry in calendars"
    assert set(invitations(morning)) == {OURS, THEIRS}


def test_a_call_that_one_of_ours_records_sends_them_no_invitation(morning: Any) -> None:
    at = morning.context.wall_clock()
    report = FactReport(by="cleo@vendor.example", now=at)
    record_meeting(morning.context, report, "006A", KICKOFF, at.replace(microsecond=0) + timedelta(days=3))
    invite(morning.context, "006A", "001A")
    assert set(invitations(morning)) == {THEIRS}


def invitations(face: Any) -> dict[str, list[tuple[str, int, str, str]]]:
    """Return method, sequence, UID and start of the invitations in the maildir, by recipient."""
    found: dict[str, list[tuple[str, int, str, str]]] = {}
    for path in sorted((face.context.settings.home / "mail" / "new").iterdir()):
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        for part in mail.walk():
            if part.get_content_type() == "text/calendar":
                calendar: Any = Calendar.from_ical(part.get_payload(decode=True))
                (event,) = calendar.events
                to = mail["To"].addresses[0].addr_spec.lower()
                start = event.start.strftime(STAMP)
                found.setdefault(to, []).append(
                    (str(calendar["method"]), int(event["sequence"]), str(event["uid"]), start)
                )
    return {to: sorted(some, key=lambda one: one[1]) for to, some in found.items()}


@pytest.mark.slow
def test_after_a_hand_over_the_call_moves_from_one_calendar_to_the_other(morning: Any) -> None:
    here = page(morning)
    at = stamp(times(morning, here)[0])
    book(morning, here, f"{KICKOFF}.{at}")
    assert morning.settled()
    with morning.context.database.writing() as conn:
        upsert.take_users(conn, [CrmUser(id="005B", name="Bea", email="bea@vendor.example")], lambda country: None)
    order = Order(by="jo@vendor.example", now=morning.context.wall_clock(), reason="leave")
    reassign(morning.context, order, "006A", "csm", "bea@vendor.example")
    for _ in range(2):
        invite(morning.context, "006A", "001A")
    found = {to: [(method, start) for method, _, _, start in some] for to, some in invitations(morning).items()}
    assert found[OURS] == [("REQUEST", at), ("CANCEL", at)]
    assert found["bea@vendor.example"] == [("REQUEST", at)]
