"""A rehearsal that begins or ends while mails wait for another try."""

import re
from typing import Any

import pytest

MONDAY, TUESDAY = "2026-03-02T10:00", "2026-03-03T10:00"
ADDRESS = "person1@customer1.example"
NOWHERE, REDIRECT = "smtp://127.0.0.1:1?starttls=never", "ops@vendor.example"


def with_links(office: Any) -> None:
    office.setenv("FIRST90_PUBLIC_URL", "https://onboarding.vendor.example")
    office.setenv("FIRST90_LINK_SECRET", "s" * 40)


@pytest.mark.slow
def test_a_mail_composed_before_a_rehearsal_does_not_reach_its_customer(office: Any) -> None:
    with_links(office)
    office.customer()
    office.run(MONDAY, MAIL=NOWHERE)
    assert office.mails == []
    waiting = office.effects(channel="mail", state="planned")
    assert waiting, "the control: refused at the first try"

    office.run(TUESDAY, MAIL=f"maildir:{office.home / 'mail'}", MAIL_REDIRECT=REDIRECT)

    assert {mail["To"].addresses[0].addr_spec for mail in office.mails} == {REDIRECT}
    assert any(ADDRESS in str(mail["Subject"]) for mail in office.mails)
    assert not [mail for mail in office.mails if re.search(r"/[psu]/[A-Za-z0-9_.-]{40}", mail.as_string())]


@pytest.mark.slow
def test_a_mail_composed_in_a_rehearsal_reaches_its_customer_when_that_is_over(office: Any) -> None:
    with_links(office)
    office.customer()
    office.run(MONDAY, MAIL=NOWHERE, MAIL_REDIRECT=REDIRECT)
    office.setenv("FIRST90_MAIL_REDIRECT", "")

    office.run(TUESDAY, MAIL=f"maildir:{office.home / 'mail'}")

    assert office.inbox(ADDRESS)
    assert office.inbox(REDIRECT) == []
