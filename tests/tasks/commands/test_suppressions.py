"""Unsubscriptions and bounces from outside: who gets less mail, why, and how that ends."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from database.privacy import suppressions
from onboarding.model.vocabulary import Channel
from onboarding.people.mail_reports import MailReport, ReportKind
from tasks.commands import deliveries
from tasks.commands.facts import record_bounce
from tasks.commands.person_holds import hold_person, resume_person
from tasks.commands.suppressions import resubscribe, take_reports, unsubscribe
from tasks.runtime.links import Link, read_link
from tasks.runtime.refusals import Refused

SPONSOR, THEIR_ADDRESS = "003-0002", "person2@customer1.example"
MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
ACTIVATED, CELEBRATED = "2026-03-03T10:00", "2026-03-06T10:00"


@pytest.fixture
def public(office: Any) -> Any:
    """A customer with a champion and a sponsor, first value reached; unsubscribe links work."""
    office.setenv("FIRST90_PUBLIC_URL", "https://onboarding.vendor.example")
    office.setenv("FIRST90_LINK_SECRET", "s" * 40)
    office.customer()
    office.contact(2, role="Executive Sponsor")
    office.run()
    for name in ("tasks_done_end_users", "tasks_done_admins", "activation"):
        office.done(name, on=ACTIVATED)
    office.run(ACTIVATED)
    return office


def link_in(mail: Any) -> str:
    return str(mail["List-Unsubscribe"]).partition(">")[0].lstrip("<")


def mail_of(office: Any, kind: str) -> Any:
    return next(mail for mail in office.mails if f":{kind}:" in str(mail["X-First90-Effect"]))


def click(office: Any, on: str, *, again: bool = False) -> None:
    with office.context() as context:
        now = datetime.fromisoformat(on).replace(tzinfo=UTC)
        (resubscribe if again else unsubscribe)(context, Link(SPONSOR, "006-0001"), now)


@pytest.mark.slow
def test_what_is_no_service_mail_has_the_readers_own_link_in_header_and_text(public: Any) -> None:
    public.run(CELEBRATED)
    mail = mail_of(public, "win_celebration")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = link_in(mail)
    assert link.startswith("https://onboarding.vendor.example/u/")
    assert link in mail.get_body(("plain",)).get_content().replace("\n", "")
    assert link in mail.get_body(("html",)).get_content()
    with public.context() as context:
        assert read_link(context.settings, link.rpartition("/")[2], MONDAY) == Link(SPONSOR, "006-0001")
    service = mail_of(public, "welcome")
    assert (service["List-Unsubscribe"], "/u/" in str(service)) == (None, False)


@pytest.mark.slow
def test_who_unsubscribed_still_gets_service_mail_and_nothing_else(public: Any) -> None:
    click(public, "2026-03-04T10:00")
    public.role(2, "Champion")
    for day in (CELEBRATED, "2026-03-09T10:00", "2026-03-20T10:00", "2026-04-01T10:00"):
        public.run(day)
    assert "win_celebration" not in public.sent_kinds
    assert "check_in_7" in public.inbox(THEIR_ADDRESS)
    (line,) = public.effects(kind="win_celebration")
    assert line["state"] == "cancelled"
    assert line["because"].startswith("too late")


@pytest.mark.slow
def test_it_is_withheld_with_the_reason_and_comes_when_they_subscribe_again_in_time(public: Any) -> None:
    click(public, "2026-03-04T10:00")
    public.run(CELEBRATED)
    (line,) = public.effects(kind="win_celebration")
    assert (line["state"], line["because"]) == ("withheld", "Person 2 has unsubscribed from what is not service mail")
    public.run("2026-03-09T10:00")
    assert public.states("win_celebration") == ["withheld"]
    click(public, "2026-03-10T09:00", again=True)
    public.run("2026-03-10T10:00")
    assert public.states("win_celebration") == ["sent"]


@pytest.mark.slow
def test_a_click_stops_what_was_planned_already(public: Any) -> None:
    public.order(deliveries.stop, Channel.MAIL, reason="later", on="2026-03-05T09:00")
    public.run("2026-03-05T10:00")
    assert public.states("win_celebration") == ["planned"]
    click(public, "2026-03-05T11:00")
    public.order(deliveries.start, Channel.MAIL, on="2026-03-05T11:00")
    public.run("2026-03-05T12:00")
    assert public.states("win_celebration") == ["withheld"]
    assert "win_celebration" not in public.sent_kinds


@pytest.mark.slow
def test_what_a_worker_holds_is_given_back_before_it_leaves(public: Any) -> None:
    from database.outbox import ledger

    public.order(deliveries.stop, Channel.MAIL, reason="later", on="2026-03-05T09:00")
    public.run("2026-03-05T10:00")
    public.order(deliveries.start, Channel.MAIL, on="2026-03-05T11:00")
    at = datetime(2026, 3, 5, 12, tzinfo=UTC)
    with public.context() as context:
        real = context.wall_clock()
        with context.database.writing() as conn:
            leased = ledger.claim(conn, Channel.MAIL, as_of=at, real_now=real, token="w", limit=9)
        key = next(one.key for one in leased if one.kind == "win_celebration")
        click(public, "2026-03-05T12:00")
        with context.database.writing() as conn:
            assert key not in ledger.mark_sending(conn, "w", [key], as_of=at, real_now=real)


@pytest.mark.slow
def test_a_hold_of_one_person_keeps_back_theirs_alone(office: Any) -> None:
    office.customer()
    office.contact(2, role="Economic Buyer")
    office.write()
    office.order(deliveries.stop, Channel.MAIL, reason="later")
    office.run()
    said = office.order(hold_person, "001-0001", "PERSON1@customer1.example", reason="on parental leave")
    assert said == "Person 1 is on hold: on parental leave"
    office.order(deliveries.start, Channel.MAIL)
    office.run("2026-03-02T12:00")
    assert office.inbox("person1@customer1.example") == []
    kept = [line for line in office.effects(channel="mail") if line["state"] == "withheld"]
    assert kept
    assert {line["because"] for line in kept} == {"Person 1 is on hold: on parental leave"}
    with pytest.raises(Refused, match="on hold already"):
        office.order(hold_person, "001-0001", "person1@customer1.example", reason="again")
    office.order(resume_person, "001-0001", "person1@customer1.example", on="2026-03-02T13:00")
    office.run("2026-03-02T14:00")
    assert "welcome" in office.inbox("person1@customer1.example")
    with pytest.raises(Refused, match="is not on hold"):
        office.order(resume_person, "001-0001", "person1@customer1.example", on="2026-03-02T15:00")
    with pytest.raises(Refused, match="nobody of this account has that address"):
        office.order(hold_person, "001-0001", "nobody@x.example", reason="x")


def report(address: str, kind: ReportKind, number: int = 1, at: datetime = MONDAY) -> MailReport:
    return MailReport(source="postmark", event_id=f"{kind}{number}", kind=kind, address=address, at=at)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (ReportKind.BOUNCED, "has an address that bounced: ask for another address and put it into the CRM"),
        (ReportKind.COMPLAINED, "reported one of our mails as spam: call before anything else is sent"),
    ],
)
def test_after_a_bounce_or_a_complaint_nothing_goes_there_and_the_owner_is_told(
    office: Any, kind: ReportKind, told: str
) -> None:
    office.customer()
    office.contact(2, role="Economic Buyer")
    office.run()
    sent = len(office.inbox("person1@customer1.example"))
    with office.context() as context:
        assert take_reports(context, [report("person1@customer1.example", kind)], MONDAY + timedelta(hours=1)) == 1
        assert take_reports(context, [report("person1@customer1.example", kind)], MONDAY + timedelta(hours=2)) == 0
    for day in ("2026-03-03T10:00", "2026-03-10T10:00", "2026-04-02T10:00"):
        office.run(day)
    assert len(office.inbox("person1@customer1.example")) == sent
    assert any(f"Person 1 (champion) {told}" in str(post).replace("\\n", " ") for post in office.posts)


def test_record_bounce_goes_on_as_it_was(office: Any) -> None:
    office.customer()
    office.run()
    said = office.report(record_bounce, "Person1@customer1.example", on="2026-03-02T11:00")
    assert said == "No more mail goes to this address."
    assert office.report(record_bounce, "person1@customer1.example", on="2026-03-02T12:00").startswith("Known already")
    with office.context() as context, context.database.reading() as conn:
        (silence,) = suppressions.current(conn, [], ["PERSON1@customer1.example"])
    assert (silence.scope, silence.reason, silence.for_good) == ("all", "bounced", True)
