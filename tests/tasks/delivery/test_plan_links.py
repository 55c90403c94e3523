"""Mails to the customer's people hold the link to their plan page, and a link is sent anew on request."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from database.tables import PersonRow
from onboarding.orders import FactReport
from tasks.commands.facts import record_bounce
from tasks.plan_page.links import revoke_links
from tasks.plan_page.opening import PageClosed, open_page
from tasks.plan_page.resend import send_anew
from tasks.runtime.clock import present
from tests.tasks.conftest import moment

SERVED = {"PUBLIC_URL": "https://first90.example", "LINK_SECRET": "a-secret-of-forty-characters-for-the-links"}
LINK = re.compile(r"https://first90\.example/p/([A-Za-z0-9_.~-]+)")
CHAMPION = "person1@customer1.example"
MONDAY = "2026-03-02T10:00"


def text_of(mail: Any) -> str:
    return str(mail.get_body(("plain",)).get_content())


def mail_to(office: Any, address: str) -> Any:
    return next(mail for mail in office.mails if mail["To"].addresses[0].addr_spec == address)


def reader(context: Any, token: str) -> str | None:
    with context.database.reading() as conn:
        return open_page(context, conn, token).page.reader.email


def test_every_mail_holds_the_link_of_its_own_reader(office: Any) -> None:
    for name, value in SERVED.items():
        office.setenv(f"FIRST90_{name}", value)
    office.customer()
    office.run(MONDAY)
    assert office.mails
    with office.context() as context:
        for mail in office.mails:
            [token] = set(LINK.findall(text_of(mail)))
            assert reader(context, token) == mail["To"].addresses[0].addr_spec
            assert f'href="https://first90.example/p/{token}"' in mail.get_body(("html",)).get_content()


@pytest.mark.slow
def test_without_a_public_address_mails_say_nothing_of_a_plan_page(office: Any) -> None:
    office.customer()
    office.run(MONDAY)
    assert office.mails
    assert not [mail for mail in office.mails if "shared plan" in text_of(mail) or "/p/" in text_of(mail)]


@pytest.mark.slow
def test_a_link_that_was_asked_for_leaves_at_once_and_once(office: Any) -> None:
    for name, value in SERVED.items():
        office.setenv(f"FIRST90_{name}", value)
    office.customer()
    office.run(MONDAY)
    [token] = set(LINK.findall(text_of(mail_to(office, CHAMPION))))
    with office.context() as context:
        report = FactReport(by="cleo@vendor.example", now=present(context))
        revoke_links(context, report, "Customer 1", CHAMPION)
        with pytest.raises(PageClosed):
            reader(context, token)
        send_anew(context, token, "")
        send_anew(context, "unreadable", CHAMPION.upper())
    before = len(office.mails)
    office.run("2026-03-07T23:00")  # a Saturday night: its reader waits for it
    new = office.mails[before:]
    assert [str(mail["Subject"]) for mail in new] == ["Your link to the plan of Customer 1"]
    assert new[0]["To"].addresses[0].addr_spec == CHAMPION
    [token] = LINK.findall(text_of(new[0]))
    with office.context() as context:
        assert reader(context, token) == CHAMPION


@pytest.mark.slow
def test_a_new_link_is_sent_in_the_readers_language_with_the_brand_and_the_closing_lines(
    office: Any, tmp_path: Path
) -> None:
    brand = tmp_path / "brand.yaml"
    brand.write_text("name: Vendor Example\npostal: 1 Main Street\nlegal: HRB 1\nprivacy: dpo@vendor.example\n")
    for name, value in {**SERVED, "BRAND": str(brand)}.items():
        office.setenv(f"FIRST90_{name}", value)
    office.customer()
    office.run(MONDAY)
    with office.context() as context, context.database.writing() as conn:
        conn.execute(update(PersonRow).values(language="de"))
    before = len(office.mails)
    with office.context() as context:
        send_anew(context, "unreadable", CHAMPION)
    office.run("2026-03-02T15:56")
    [mail] = [one for one in office.mails[before:] if "Ihr Link zum Plan von Customer 1" in str(one["Subject"])]
    text = text_of(mail)
    html = mail.get_body(("html",)).get_content()
    assert len(LINK.findall(text)) == 1
    for said in ("Guten Tag", "Plan öffnen", "Mit freundlichen Grüßen", "1 Main Street", "HRB 1", "Datenschutz"):
        assert said in text
        assert said in html
    assert '<html lang="de" dir="ltr"' in html
    assert not re.search(r"\b(the|your|you|please|regards|Hello)\b", text)


@pytest.mark.slow
def test_no_link_leaves_for_a_person_who_is_gone_meanwhile(office: Any) -> None:
    for name, value in SERVED.items():
        office.setenv(f"FIRST90_{name}", value)
    office.customer()
    office.run(MONDAY)
    [token] = set(LINK.findall(text_of(mail_to(office, CHAMPION))))
    before = len(office.mails)
    with office.context() as context:
        send_anew(context, token, "")
    office.report(record_bounce, CHAMPION, on="2026-03-02T10:30")
    office.run("2026-03-02T11:00")
    assert not [mail for mail in office.mails[before:] if "Your link" in str(mail["Subject"])]
    assert office.states("plan_link") == ["cancelled"]


@pytest.fixture
def ask(office: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return a function that asks for the champion's link at a moment (UTC)."""
    for name, value in SERVED.items():
        office.setenv(f"FIRST90_{name}", value)
    office.customer()
    office.run(MONDAY)

    def ask_at(at: str) -> None:
        monkeypatch.setattr("tasks.plan_page.resend.present_in", lambda conn, clock: moment(at))
        with office.context() as context:
            send_anew(context, "unreadable", CHAMPION)

    return ask_at


@pytest.mark.slow
def test_four_hours_count_from_the_last_link_that_left(office: Any, ask: Callable[[str], None]) -> None:
    ask("2026-03-02T15:55")
    office.run("2026-03-02T15:56")
    ask("2026-03-02T16:05")
    ask("2026-03-02T19:55")
    assert office.states("plan_link") == ["sent"]
    ask("2026-03-02T19:57")
    ask("2026-03-02T19:57")
    office.run("2026-03-02T19:58")
    assert office.states("plan_link") == ["sent", "sent"]


@pytest.mark.slow
def test_no_second_link_is_planned_while_the_first_one_waits(office: Any, ask: Callable[[str], None]) -> None:
    ask("2026-03-02T15:55")
    ask("2026-03-02T23:00")
    assert office.states("plan_link") == ["planned"]
    office.run("2026-03-02T23:01")
    assert office.states("plan_link") == ["sent"]


@pytest.mark.slow
def test_a_link_that_could_not_leave_keeps_none_back(office: Any, ask: Callable[[str], None]) -> None:
    ask("2026-03-02T15:55")
    office.report(record_bounce, CHAMPION, on="2026-03-02T15:56")
    office.run("2026-03-02T15:57")
    assert office.states("plan_link") == ["cancelled"]
    ask("2026-03-02T15:59")
    assert sorted(office.states("plan_link")) == ["cancelled", "planned"]
